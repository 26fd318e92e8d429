"""The child process that opens foreign meshes, under limits of memory and processor time.

    python -m blueprint.pipeline.formats.mesh_worker JOB.json

The job lists files; the child takes them in order and writes, per file, a folder with the mesh or a text with the
fault. Damage that the parser does not survive ends the process, and the parent knows from what is missing which file
it was.
"""

import json
import os
import resource
import sys
from pathlib import Path

import numpy as np

from blueprint.pipeline.errors import ScanError

from .glb import read_cloud, read_mesh, read_obj_geometry
from .mesh_exchange import write_exchange, write_stage
from .mesh_limits import CPU_SECONDS_PER_FILE, USD_SUFFIXES, check_file, memory_limit_bytes
from .raw_scan import RawMesh, RawSurface
from .raw_stage import RawStage


def main(job_file: Path) -> None:
    """Work off a job."""
    # Without this a crash on a large mesh would leave a core file of gigabytes behind.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # USD looks into the working folder for names that it cannot find; there is nothing in this one.
    os.chdir(job_file.parent)
    for entry in json.loads(job_file.read_text()):
        path, root = Path(entry["path"]), Path(entry["root"])
        _limit_time()
        limit_memory(path, root)
        hand_over(path, entry["name"], entry["kind"], root, Path(entry["out"]))


def hand_over(path: Path, name: str, kind: str, root: Path, out: Path) -> None:
    """Read one file and write its mesh or stage into the folder `out`, or its fault beside it."""
    try:
        if kind == "stage":
            write_stage(out, _read_stage(path, name, root))
        else:
            write_exchange(out, _read(path, name, kind, root))
    except ScanError as error:
        out.with_suffix(".fault").write_text(str(error))


def _read(path: Path, name: str, kind: str, root: Path) -> RawMesh:
    if kind == "cloud":
        no_faces = np.empty((0, 3), dtype=np.int32)
        return RawMesh(name, (RawSurface(read_cloud(path, name), no_faces),))
    if kind == "obj_geometry":
        return RawMesh(name, (RawSurface(*read_obj_geometry(path, name)),))
    if path.suffix.lower() in USD_SUFFIXES:
        from .usd_stage import stage_as_mesh

        return stage_as_mesh(_read_stage(path, name, root))
    return read_mesh(path, name, root)


def _read_stage(path: Path, name: str, root: Path) -> RawStage:
    # Most scans hold no USD, and its library takes longer to load than their meshes.
    from .usd_stage import read_stage

    check_file(path, name)
    return read_stage(path, name, root)


def limit_memory(path: Path, root: Path) -> None:
    """Limit this process by the size of the file that comes next; a stage may draw in all that its folder holds."""
    is_stage = path.suffix.lower() in USD_SUFFIXES
    read = [each for each in root.rglob("*") if each.is_file()] if is_stage else [path] * path.is_file()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (memory_limit_bytes(sum(each.stat().st_size for each in read)), hard))


def _limit_time() -> None:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(usage.ru_utime + usage.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + CPU_SECONDS_PER_FILE, hard))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
