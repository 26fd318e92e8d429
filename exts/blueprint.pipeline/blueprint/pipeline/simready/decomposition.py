"""Cut a concave mesh into convex parts in a child process; what died on the way is part of the answer."""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.errors import ItemRejected

from .simplify import clustered
from .solids import Solid

Floats = NDArray[np.float64]
Faces = NDArray[np.int64]
Method = Literal["coacd", "vhacd", "hull"]

WORKER = (sys.executable, "-m", "blueprint.pipeline.simready.decomposition_worker")
SEED = 0
MEMORY_BYTES = 3 << 30


class DecompositionTooSlow(ItemRejected):
    """A convex decomposition ran past its deadline: the object is left out, another result never takes its place."""

    def __init__(self, subject: str, method: str, deadline_s: int, face_count: int) -> None:
        super().__init__(
            subject,
            f"cutting {face_count} faces into convex parts with {method} took longer than {deadline_s} s; "
            "raise simready.decomposition_deadline_s, or lower simready.decomposition_faces",
        )


@dataclass(frozen=True)
class Limits:
    """What a decomposition may cost, and how coarse it may be.

    `concavity` is relative to half the largest side; `faces` is the number above which a piece is coarsened first.
    """

    max_hulls: int
    concavity: float
    faces: int
    deadline_s: int


@dataclass(frozen=True, eq=False)
class Decomposition:
    """The corners of the convex parts, the method that found them, and what failed before it."""

    parts: tuple[Floats, ...]
    method: Method
    failures: tuple[str, ...]


def decompose(subject: str, pieces: Sequence[Solid], limits: Limits, worker: Sequence[str] = WORKER) -> Decomposition:
    """Cut concave pieces with CoACD; where it dies with V-HACD; where that dies too, take the hull of each piece.

    The pieces share `limits.max_hulls` by area. Raises DecompositionTooSlow, because a result must not depend on how
    busy the machine is.
    """
    meshes = [clustered(piece.vertices_m, piece.faces, limits.faces) for piece in pieces]
    shares = _shares([piece.area_m2 for piece in pieces], limits.max_hulls)
    failures: list[str] = []
    methods: tuple[Method, ...] = ("coacd", "vhacd")
    for method in methods:
        request = _pack(meshes, shares, method, limits)
        try:
            answer = _ask(worker, request, limits.deadline_s)
        except subprocess.TimeoutExpired as error:
            face_count = sum(len(faces) for _, faces in meshes)
            raise DecompositionTooSlow(subject, method, limits.deadline_s, face_count) from error
        parts = _unpack(answer.stdout) if answer.returncode == 0 else []
        if parts:
            return Decomposition(tuple(parts), method, tuple(failures))
        failures.append(f"{method} {_cause(answer)}")
    return Decomposition(tuple(vertices for vertices, _ in meshes), "hull", tuple(failures))


def _shares(areas_m2: Sequence[float], max_hulls: int) -> list[int]:
    """Divide a number of hulls among pieces by their area; each gets at least one."""
    total = sum(areas_m2)
    return [max(1, int(max_hulls * area / total)) for area in areas_m2]


def _ask(worker: Sequence[str], request: bytes, deadline_s: int) -> subprocess.CompletedProcess[bytes]:
    # One thread, so that sums are added in one order; and no more than this core, which belongs to one item.
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        list(worker), input=request, capture_output=True, timeout=deadline_s, check=False, env=environment
    )


def _pack(meshes: Sequence[tuple[Floats, Faces]], shares: Sequence[int], method: str, limits: Limits) -> bytes:
    wish = {
        "method": method,
        "max_hulls": list(shares),
        "threshold": limits.concavity,
        "seed": SEED,
        "deadline_s": limits.deadline_s,
        "memory_bytes": MEMORY_BYTES,
    }
    arrays: dict[str, NDArray[Any]] = {"wish": np.array(json.dumps(wish))}
    for at, (vertices, faces) in enumerate(meshes):
        arrays |= {f"vertices_{at}": vertices, f"faces_{at}": faces}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _unpack(answer: bytes) -> list[Floats]:
    try:
        with np.load(io.BytesIO(answer), allow_pickle=False) as arrays:
            parts = [np.asarray(arrays[name], dtype=np.float64) for name in arrays.files]
    except (ValueError, EOFError, zipfile.BadZipFile):
        return []
    return [part for part in parts if part.ndim == 2 and len(part) > 3 and np.isfinite(part).all()]


def _cause(answer: subprocess.CompletedProcess[bytes]) -> str:
    if answer.returncode < 0:
        return f"was ended by signal {-answer.returncode}"
    if answer.returncode > 0:
        return f"ended with code {answer.returncode}"
    return "gave no usable part"
