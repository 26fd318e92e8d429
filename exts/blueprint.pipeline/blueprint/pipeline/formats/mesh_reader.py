"""Open foreign mesh files in a child process with limits; its death is a fault of the file it was reading."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from .mesh_exchange import read_exchange, read_stage_exchange
from .mesh_limits import WALL_SECONDS_PER_FILE
from .raw_scan import RawMesh
from .raw_stage import RawStage

_LAST_WORDS = 240


@dataclass(frozen=True, slots=True)
class MeshFile:
    """A file to open; `name` is how messages call it, relative to the scan.

    `root` is the folder whose other files it may ask for, by default the one it lies in.
    """

    path: Path
    name: str
    kind: Literal["mesh", "cloud", "obj_geometry", "stage"] = "mesh"
    root: Path | None = None


@dataclass(frozen=True, slots=True)
class MeshFault:
    """Why a file cannot be used."""

    name: str
    reason: str


def read_mesh_files(files: Sequence[MeshFile]) -> Mapping[Path, RawMesh | MeshFault]:
    """Read files one after the other; every file gets a mesh or the fault that was found in it."""
    return _read_files(files, read_exchange)


def read_stage_file(path: Path, name: str, root: Path) -> RawStage | MeshFault:
    """Read a USD stage that may use other files inside `root`."""
    return _read_files([MeshFile(path, name, "stage", root)], read_stage_exchange)[path]


def _read_files[Result](
    files: Sequence[MeshFile], take: Callable[[Path], Result | None]
) -> dict[Path, Result | MeshFault]:
    results: dict[Path, Result | MeshFault] = {}
    waiting = list(dict.fromkeys(files))
    with TemporaryDirectory(prefix="blueprint-meshes-") as scratch:
        round_number = 0
        while waiting:
            round_number += 1
            folder = Path(scratch) / str(round_number)
            folder.mkdir()
            last_words = _run_child(waiting, folder)
            finished = _collect(waiting, folder, take, results)
            if finished < len(waiting):
                # It died on the first file without a result; the next child goes on after that one.
                culprit = waiting[finished]
                results[culprit.path] = MeshFault(culprit.name, f"{culprit.name}: cannot be read: {last_words}")
                finished += 1
            waiting = waiting[finished:]
    return results


def _collect[Result](
    files: Sequence[MeshFile],
    folder: Path,
    take: Callable[[Path], Result | None],
    results: dict[Path, Result | MeshFault],
) -> int:
    """Take what the child has finished; returns how many files that is."""
    for number, file in enumerate(files):
        fault = folder / f"{number}.fault"
        mesh = take(folder / str(number))
        if mesh is not None:
            results[file.path] = mesh
        elif fault.is_file():
            results[file.path] = MeshFault(file.name, fault.read_text())
        else:
            return number
    return len(files)


def _run_child(files: Sequence[MeshFile], folder: Path) -> str:
    """Run the child over the files; returns what it said last, or how it ended."""
    job = folder / "job.json"
    entries = [
        {
            "path": str(file.path.resolve()),
            "name": file.name,
            "kind": file.kind,
            "root": str((file.root or file.path.parent).resolve()),
            "out": str(folder / str(number)),
        }
        for number, file in enumerate(files)
    ]
    job.write_text(json.dumps(entries))
    command = [sys.executable, "-m", "blueprint.pipeline.formats.mesh_worker", str(job)]
    errors = folder / "stderr"
    with errors.open("wb") as stream:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream)
        try:
            code = child.wait(timeout=WALL_SECONDS_PER_FILE * len(files))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return f"it took more than {WALL_SECONDS_PER_FILE} s"
        finally:
            child.kill()
    return _how_it_ended(code, errors.read_text(errors="replace"))


def _how_it_ended(code: int, said: str) -> str:
    if code == -signal.SIGXCPU:
        return "it took too much processor time"
    if code < 0:
        return f"the reader was ended by {signal.Signals(-code).name}"
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    last = lines[-1][:_LAST_WORDS] if lines else "no message"
    if "MemoryError" in last or "Unable to allocate" in last:
        return "it needs more memory than a file of its size may"
    return last
