"""Join vertices that are the same, bring those at one place together, and drop those that no face uses."""

from dataclasses import replace

import numpy as np

from blueprint.pipeline.scene.meshes import TriangleMesh

from .deeds import Mended, deed
from .topology import UV_WELD, WELD_M, Indices, in_order_of_mention, places


def distinct_vertices(mesh: TriangleMesh) -> Indices:
    """Number the vertices so that those which share place and texture coordinate have one number."""
    if mesh.uv is None:
        return places(mesh.vertices_m, WELD_M)
    place = places(mesh.vertices_m, WELD_M)
    shared = np.flatnonzero(np.bincount(place)[place] > 1)
    apart = places(np.column_stack([mesh.vertices_m[shared] / WELD_M, mesh.uv[shared] / np.float64(UV_WELD)]), 1.0)
    label = place.copy()
    label[shared] = len(place) + apart
    return in_order_of_mention(label)


def weld(mesh: TriangleMesh) -> Mended:
    """Join equal vertices; along a texture seam a place keeps one vertex for each coordinate, exactly at one place."""
    number = distinct_vertices(mesh)
    joined = len(number) - int(number.max(initial=-1)) - 1
    together = _together(mesh)
    moved = int((together.vertices_m != mesh.vertices_m).any(axis=1).sum())
    if joined:
        first = np.unique(number, return_index=True)[1]
        uv = None if mesh.uv is None else mesh.uv[first]
        faces = number[mesh.faces].astype(np.int32)
        together = replace(mesh, vertices_m=together.vertices_m[first], faces=faces, uv=uv)
    return Mended(
        together if joined or moved else mesh,
        (
            *deed(joined, "duplicate vertex", "duplicate vertices", "joined"),
            *deed(moved, "vertex", "vertices", "along seams brought to one place"),
        ),
    )


def without_unused(mesh: TriangleMesh) -> Mended:
    """Drop vertices that belong to no face."""
    compacted = compact(mesh)
    lost = len(mesh.vertices_m) - len(compacted.vertices_m)
    return Mended(compacted, deed(lost, "unused vertex", "unused vertices", "removed")) if lost else Mended(mesh)


def compact(mesh: TriangleMesh) -> TriangleMesh:
    """Return a mesh with only the vertices that its faces use, in their order."""
    used, index = np.unique(mesh.faces, return_inverse=True)
    uv = None if mesh.uv is None else mesh.uv[used]
    return replace(mesh, vertices_m=mesh.vertices_m[used], faces=index.reshape(-1, 3).astype(np.int32), uv=uv)


def _together(mesh: TriangleMesh) -> TriangleMesh:
    place = places(mesh.vertices_m, WELD_M)
    first = np.unique(place, return_index=True)[1]
    return replace(mesh, vertices_m=mesh.vertices_m[first][place])
