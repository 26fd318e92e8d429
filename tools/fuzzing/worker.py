"""The process that reads damaged scans, one after the other, as the product does.

    python -m fuzzing.worker          reads lines "FORMAT<tab>FOLDER", answers each with a line of JSON
    python -m fuzzing.worker --real   the same, with the product's own reading child instead of the shortcut

The product starts one child per scan, which takes a second. Here what the child would do is done in this process, under
the child's memory limit: where the child would have died with a trace, that is counted and the product's words for it
are returned. A crash below Python ends this process; the marks it has written tell in which part it was.
"""

import json
import os
import re
import resource
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from blueprint.pipeline.errors import InputError
from blueprint.pipeline.formats import mesh_reader
from blueprint.pipeline.formats.mesh_reader import MeshFile
from blueprint.pipeline.formats.mesh_worker import hand_over, limit_memory
from blueprint.pipeline.formats.raw_scan import RawScan
from blueprint.pipeline.formats.table import FORMATS, recognise

CHILD, PRODUCT = "in the child", "in the product"


def main(arguments: Sequence[str]) -> None:
    """Answer until there is no more input; what libraries print goes to the error stream."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    deaths: list[str] = []
    if "--real" not in arguments:
        _read_in_this_process(answers, deaths)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        name, _, folder = line.rstrip("\n").partition("\t")
        deaths.clear()
        _forget_peak()
        answers.write(json.dumps({**_outcome(name, Path(folder)), "deaths": deaths, "peak": _peak_bytes()}) + "\n")


def _read_in_this_process(answers: TextIO, deaths: list[str]) -> None:
    no_limit = resource.getrlimit(resource.RLIMIT_AS)

    def run(files: Sequence[MeshFile], folder: Path) -> str:
        for number, file in enumerate(files):
            answers.write(f"{CHILD}\n")
            try:
                path, root = file.path.resolve(), (file.root or file.path.parent).resolve()
                limit_memory(path, root)
                hand_over(path, file.name, file.kind, root, folder / str(number))
            except Exception as error:  # noqa: BLE001 - whatever ends the child is what is counted
                deaths.append(f"{type(error).__name__}: {str(error)[:200]}")
                return deaths[-1]
            finally:
                resource.setrlimit(resource.RLIMIT_AS, no_limit)
                answers.write(f"{PRODUCT}\n")
        return ""

    mesh_reader._run_child = run  # pyright: ignore[reportPrivateUsage]


def _outcome(name: str, folder: Path) -> dict[str, Any]:
    try:
        recognise(folder)
        FORMATS[name].files(folder)
        scan = FORMATS[name].read(folder)
    except InputError as error:
        return {"kind": "refused", "detail": str(error)[:300]}
    except Exception:  # noqa: BLE001 - an error of no known kind is what the fuzzer looks for
        return {"kind": "crash", "detail": traceback.format_exc()[-3000:]}
    unsound = _unsound(scan)
    if unsound:
        return {"kind": "crash", "detail": f"what was read is unsound: {unsound}"}
    faulty = bool(scan.failures)
    remarks = bool(scan.remarks or any(entry.remarks for entry in scan.objects))
    return {"kind": "objects refused" if faulty else "read with remarks" if remarks else "read", "detail": ""}


def _unsound(scan: RawScan) -> str:
    """Return what breaks the promises of a scan's nouns."""
    for entry in scan.objects:
        for mesh in (entry.posed, entry.canonical):
            if mesh is None:
                continue
            vertices, faces = mesh.vertices(), mesh.faces()
            if not np.isfinite(vertices).all() or not len(faces):
                return f"{entry.key} has no faces, or vertices that are not finite"
            if int(faces.min()) < 0 or int(faces.max()) >= len(vertices):
                return f"{entry.key} has faces of missing vertices"
    keys = [entry.key for entry in scan.objects]
    if len(set(keys)) != len(keys):
        return f"keys are there twice: {sorted(keys)[:9]}"
    unit = scan.declared_metres_per_unit
    return "" if unit is None or 0 < unit < 1e9 else f"the unit is {unit}"


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _peak_bytes() -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 if found else 0


if __name__ == "__main__":
    main(sys.argv[1:])
