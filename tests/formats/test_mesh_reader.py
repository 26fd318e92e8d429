"""The reading child process: one bad file does not sink the rest, and each way to die is said."""

import signal
import struct
from pathlib import Path
from typing import Literal

import pytest
from tests.formats.tiny_scans import bracket, write_glb

from blueprint.pipeline.formats import mesh_reader
from blueprint.pipeline.formats.mesh_reader import MeshFault, MeshFile, read_mesh_files
from blueprint.pipeline.formats.raw_scan import RawMesh

# A cloud that says it has more points than memory: numpy is asked for 70 GB.
PLY_BOMB = "\n".join(("ply", "format binary_little_endian 1.0", "element vertex 3000000000", "property double x",
                      "property double y", "property double z", "end_header", "")).encode() + b"\0" * 48  # fmt: skip


def test_one_bad_file_does_not_sink_the_others(tmp_path: Path) -> None:
    for name in ("a", "c"):
        write_glb(tmp_path / f"{name}.glb", bracket((1, 1, 1)))
    # More points than memory end the child; JSON that is none does not.
    (tmp_path / "b.ply").write_bytes(PLY_BOMB)
    content = b"{oops" + b" " * 7
    (tmp_path / "d.glb").write_bytes(
        struct.pack("<4sIIII", b"glTF", 2, 20 + len(content), len(content), 0x4E4F534A) + content
    )
    files = [MeshFile(tmp_path / name, name) for name in ("a.glb", "b.ply", "c.glb", "d.glb")]
    results = read_mesh_files(files)
    assert isinstance(results[files[0].path], RawMesh)
    assert isinstance(results[files[2].path], RawMesh)
    for file in (files[1], files[3]):
        fault = results[file.path]
        assert isinstance(fault, MeshFault)
        assert fault.reason.startswith(f"{file.name}: cannot be read: ")


def test_empty_cut_off_and_foreign_files_are_named(tmp_path: Path) -> None:
    write_glb(tmp_path / "whole.glb", bracket((1, 1, 1)))
    whole = (tmp_path / "whole.glb").read_bytes()
    contents = {
        "empty": (b"", "is empty (0 bytes)"),
        "cut": (whole[: len(whole) // 2], f"is cut off: {len(whole) // 2} of {len(whole)} bytes"),
        "zip": (b"PK\3\4" + whole, "does not begin like a binary glTF file"),
        "old": (whole[:4] + struct.pack("<I", 1) + whole[8:], "is glTF version 1"),
    }
    for name, (content, _) in contents.items():
        (tmp_path / f"{name}.glb").write_bytes(content)
    files = [MeshFile(tmp_path / f"{name}.glb", f"scan/{name}.glb") for name in [*contents, "absent"]]
    results = read_mesh_files(files)
    for file in files[:-1]:
        fault = results[file.path]
        assert isinstance(fault, MeshFault)
        assert fault.reason.startswith(f"{file.name}: {contents[file.path.stem][1]}")
    assert results[files[-1].path] == MeshFault("scan/absent.glb", "scan/absent.glb: is missing. Expected: a mesh file")


def reason(path: Path, kind: Literal["mesh", "cloud"] = "mesh") -> str:
    result = read_mesh_files([MeshFile(path, f"scan/{path.name}", kind)])[path]
    assert isinstance(result, MeshFault)
    return result.reason


def test_a_file_that_asks_for_more_than_memory_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "bomb.ply").write_bytes(PLY_BOMB)
    assert reason(tmp_path / "bomb.ply", "cloud").startswith("scan/bomb.ply: ")


@pytest.mark.parametrize(
    ("code", "said", "expected"),
    [
        (-signal.SIGXCPU, "", "too much processor time"),
        (-signal.SIGSEGV, "", "ended by SIGSEGV"),
        (1, "Traceback\n  numpy: Unable to allocate 9 TiB\n", "more memory than a file of its size may"),
        (1, "Traceback\nKeyError: 'x'\n", "KeyError: 'x'"),
        (1, "", "no message"),
    ],
)
def test_each_way_to_die_is_said(code: int, said: str, expected: str) -> None:
    assert expected in mesh_reader._how_it_ended(code, said)


def test_a_child_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_glb(tmp_path / "a.glb", bracket((1, 1, 1)))
    monkeypatch.setattr(mesh_reader, "WALL_SECONDS_PER_FILE", 0.01)
    assert "it took more than 0.01 s" in reason(tmp_path / "a.glb")
