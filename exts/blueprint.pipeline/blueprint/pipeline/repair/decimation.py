"""Fewer faces for the same surface and the same picture on it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.meshes import TriangleMesh

from .collapses import collapse
from .losses import Limits, Loss, Original
from .net import Net
from .quadrics import quadrics
from .topology import WELD_M, Flags, Floats, Indices, places, topology_of
from .welding import compact

Faces = NDArray[np.int32]

_STEP = 0.85
"""Share of the faces that is left from one result that may be taken to the next."""

_LOOK = 0.25
"""Share of the faces left from one measurement to the next while faces go."""

_RESOLUTION_M = 1e-9
"""Least deviation that is written down, so that a flat surface too is known to have been simplified."""


@dataclass(frozen=True, eq=False)
class Simplified:
    """A mesh with fewer faces, and what that cost."""

    mesh: TriangleMesh
    loss: Loss


@dataclass(frozen=True, slots=True)
class _Connections:
    """How many edges have one face and how many more than two, and how many pieces of surface there are."""

    rims: int
    crossings: int
    pieces: int


def simplify(mesh: TriangleMesh, budget: int, limits: Limits, texture_px: int | None) -> Simplified | None:
    """Return the mesh with as few faces as the limits allow, though no fewer than the budget; None where none can go.

    Its vertices are some of the mesh's own; open rims and the six ends of its box stay. A mesh that was simplified
    before is left alone. `texture_px` is the wider side of the image, None where the mesh shows none.
    """
    if len(mesh.faces) <= budget or mesh.deviation_m:
        return None
    best: Simplified | None = None
    untried: list[Faces] = []
    original, before = Original(mesh, limits, texture_px), _connections(mesh)
    looked_at = left = len(mesh.faces)
    for faces, last in _with_last(_thinned(original, budget)):
        if len(faces) <= _STEP * left or last:
            untried.append(faces.astype(np.int32))
            left = len(faces)
        if untried and (left <= _LOOK * looked_at or last):
            found, looked_at = _judged(original, before, untried[-1]), left
            if found is None:
                # The fewest faces that can be had are among those since the last look.
                return _fewest(original, before, untried[:-1]) or best
            best, untried = found, []
    return best


def _connections(mesh: TriangleMesh) -> _Connections:
    topology = topology_of(mesh)
    return _Connections(*topology.edge_counts(), int(topology.shell_of_face.max()) + 1)


def _fewest(original: Original, before: _Connections, results: list[Faces]) -> Simplified | None:
    """Find by halving the last result that does not cost too much."""
    best: Simplified | None = None
    low, high = 0, len(results) - 1
    while low <= high:
        at = (low + high) // 2
        found = _judged(original, before, results[at])
        best, low, high = (best, low, at - 1) if found is None else (found, at + 1, high)
    return best


def _with_last(results: Iterator[Indices]) -> Iterator[tuple[Indices, bool]]:
    """Say of each result whether it is the last."""
    waiting = next(results, None)
    while waiting is not None:
        following = next(results, None)
        yield waiting, following is None
        waiting = following


def _thinned(original: Original, budget: int) -> Iterator[Indices]:
    """Return faces by vertex, fewer from result to result."""
    mesh = original.mesh
    point_of_vertex = places(mesh.vertices_m, WELD_M)
    fixed = np.zeros(int(point_of_vertex.max()) + 1, dtype=np.bool_)
    for end in (mesh.vertices_m.argmin(axis=0), mesh.vertices_m.argmax(axis=0)):
        fixed[point_of_vertex[end]] = True
    faces = mesh.faces.astype(np.int64)
    costs = quadrics(_in_cost(original), faces, _on_seam(mesh))
    # Of millions of faces this is half a gigabyte, and nobody asks for it before the rounds are over.
    topology_of.cache_clear()
    return collapse(Net(faces, mesh.vertices_m, point_of_vertex, fixed), costs, budget)


def _in_cost(original: Original) -> Floats:
    """Return vertices in a space in which cost is distance: a thing of size 1, and its texture where it shows one.

    Shifting the texture as far as the limit allows counts as much as moving the surface that far.
    """
    mesh, limits, texture_px = original.mesh, original.limits, original.texture_px
    low, high = mesh.bounds_m()
    extent = float((high - low).max())
    centred = (mesh.vertices_m - (low + high) / 2) / extent
    if mesh.uv is None or texture_px is None:
        return centred
    scale = texture_px * limits.deviation_m / limits.texture_shift_px / extent
    return np.column_stack([centred, scale * mesh.uv.astype(np.float64)])


def _on_seam(mesh: TriangleMesh) -> Flags:
    """Whether each side of each face lies on a texture seam: two faces in space, one on the texture."""
    in_space = topology_of(mesh).sides_on_edge
    sides = np.stack([mesh.faces, np.roll(mesh.faces, -1, axis=1)], axis=2).reshape(-1, 2).astype(np.int64)
    keys = sides.min(axis=1) * len(mesh.vertices_m) + sides.max(axis=1)
    edge = np.unique(keys, return_inverse=True)[1].reshape(-1)
    return (np.bincount(edge)[edge] < in_space).reshape(-1, 3)


def _judged(original: Original, before: _Connections, faces: Faces) -> Simplified | None:
    """Measure one result; None where it costs too much or spoils how the faces are connected."""
    coarse = replace(original.mesh, faces=faces)
    loss = original.loss_of(coarse)
    if not loss.within(original.limits) or not _as_sound(before, _connections(coarse)):
        return None
    return Simplified(compact(replace(coarse, deviation_m=max(loss.deviation_m, _RESOLUTION_M))), loss)


def _as_sound(before: _Connections, after: _Connections) -> bool:
    """Whether no rim, no edge of three faces and no piece of surface has come or gone."""
    return after.rims <= before.rims and after.crossings <= before.crossings and after.pieces == before.pieces
