"""Objects that no exporter should write: each is read with a remark, or refused by name; none stops the scan."""

import json
import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image
from tests.formats.sam3d_dumps import write_dump
from tests.formats.tiny_scans import bracket, read_in_this_process, write_glb

from blueprint.pipeline.formats import mesh_limits, mesh_reader, plain_folder, sam3d
from blueprint.pipeline.formats.glb import read_mesh
from blueprint.pipeline.scene.slugs import unique_identifiers


@pytest.fixture(autouse=True)
def _meshes_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mesh_reader, "_run_child", read_in_this_process)


def textured_glb(path: Path, picture: bytes) -> Path:
    """Write a mesh whose texture is any bytes, by exchanging those of a sound one."""
    buffer = BytesIO()
    Image.new("RGB", (8, 8), (1, 2, 3)).save(buffer, format="PNG")
    mesh = bracket((1, 1, 1))
    material = trimesh.visual.material.PBRMaterial(baseColorTexture=Image.open(BytesIO(buffer.getvalue())))
    mesh.visual = trimesh.visual.TextureVisuals(uv=np.asarray(mesh.vertices)[:, :2], material=material)
    content = mesh.export(file_type="glb")
    length = struct.unpack_from("<I", content, 12)[0]
    tree, binary = json.loads(content[20 : 20 + length]), content[28 + length :]
    view = tree["bufferViews"][tree["images"][0]["bufferView"]]
    tree["images"][0]["bufferView"] = len(tree["bufferViews"])
    tree["bufferViews"].append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(picture)})
    assert view["byteLength"] > 0
    binary += picture + b"\0" * (-len(picture) % 4)
    tree["buffers"][0]["byteLength"] = len(binary)
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(binary), 0x004E4942) + binary
    path.write_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks)
    return path


def png_claiming(width: int, height: int) -> bytes:
    """Return a picture of a few bytes whose head claims any size."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(b"")
    chunks = (head, data, b"IEND")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks
    )


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(
    ("picture", "complaint"),
    [
        (png_claiming(60_000, 60_000), "cannot be read"),
        (png_claiming(9_000, 9_000), "has 9000 x 9000 pixels, more than 67108864"),
        (png_claiming(64, 64), "cannot be decoded"),
        (b"\x89PNG\r\n", "is no picture of a known kind"),
        (b"<svg onload='x'/>", "is no picture of a known kind"),
    ],
)
def test_a_texture_that_is_huge_or_damaged_is_left_out_and_said(tmp_path: Path, picture: bytes, complaint: str) -> None:
    mesh = read_mesh(textured_glb(tmp_path / "a.glb", picture), "a.glb")
    assert mesh.surfaces[0].look.texture_png is None
    assert len(mesh.faces()) == len(bracket((1, 1, 1)).faces)
    assert any(complaint in note and note.startswith("a.glb: ") for note in mesh.notes), mesh.notes


def test_a_sound_texture_leaves_no_note(tmp_path: Path) -> None:
    buffer = BytesIO()
    Image.new("RGB", (5, 4), (9, 9, 9)).save(buffer, format="PNG")
    mesh = read_mesh(textured_glb(tmp_path / "a.glb", buffer.getvalue()), "a.glb")
    assert (mesh.surfaces[0].look.texture_size, mesh.notes) == ((5, 4), ())


def odd_meshes() -> dict[str, trimesh.Trimesh]:
    """Return meshes that are wrong as solids and sound as lists of triangles; mesh care is another stage's."""
    cube = trimesh.creation.box()
    inside = trimesh.creation.box().apply_translation([0.5, 0.5, 0.5])
    fan = np.array([[0, 0, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0], [-1, 0, 0]], dtype=float)
    return {
        "self_intersecting": trimesh.util.concatenate([cube, inside]),
        "non_manifold": trimesh.Trimesh(fan, [[0, 1, 2], [0, 1, 3], [0, 1, 4]], process=False),
        "doubled": trimesh.Trimesh(cube.vertices, np.vstack([cube.faces, cube.faces]), process=False),
        "degenerate": trimesh.Trimesh(cube.vertices, np.vstack([cube.faces, [[0, 0, 1]]]), process=False),
        "inside_out": trimesh.Trimesh(cube.vertices, cube.faces[:, ::-1], process=False),
    }


def test_meshes_that_are_no_solids_arrive_unchanged(tmp_path: Path) -> None:
    meshes = odd_meshes()
    for name, mesh in meshes.items():
        write_glb(tmp_path / f"{name}.glb", mesh)
    scan = plain_folder.read(tmp_path)
    assert {entry.key for entry in scan.objects} == set(meshes)
    for entry in scan.objects:
        assert len(entry.posed.faces()) == len(meshes[entry.key].faces)


def test_millions_of_faces_are_refused_by_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_glb(tmp_path / "a.glb", bracket((1, 1, 1)))
    monkeypatch.setattr(mesh_limits, "MAX_FACES", 30)
    (failure,) = plain_folder.read(tmp_path).failures
    assert failure.reason == "a.glb: has 36 faces. Expected: at most 30"


@pytest.mark.parametrize("input_bytes", [0, 100, 1 << 20, 1 << 28, 1 << 40])
def test_memory_follows_the_size_of_the_file(input_bytes: int) -> None:
    limit = mesh_limits.memory_limit_bytes(input_bytes)
    assert 2 << 30 <= limit <= 6 << 30
    assert limit >= min(6 << 30, 24 * input_bytes)


NAMES = [
    "<script>alert(1)",
    "\u202egnp.exe",
    "a\nb",
    "x" * 200,
    "桌子",
    "CON",
    "$(id)",
    "…",
    "-rf",
]


def test_malicious_names_stay_names(tmp_path: Path) -> None:
    for name in NAMES:
        write_dump(tmp_path, name=name)
    scan = sam3d.read(tmp_path)
    assert {entry.key for entry in scan.objects} == set(NAMES)
    ids = unique_identifiers(NAMES)
    assert all(identifier.replace("_", "").isalnum() and identifier.isascii() for identifier in ids.values())
