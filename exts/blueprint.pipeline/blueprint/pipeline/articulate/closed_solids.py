"""Solids enclosed by a surface, cut, hollowed and joined exactly, with the scan's texture coordinates kept.

The library works on closed, oriented surfaces and gives such back; a surface that is not closed is no solid.
"""

from collections.abc import Sequence

import numpy as np
from manifold3d import Error, Manifold, Mesh64
from numpy.typing import NDArray

from blueprint.pipeline.scene.meshes import TriangleMesh

from .fronts import Front

Floats = NDArray[np.float64]
TexturePoint = tuple[float, float]

_CRUMB_M3 = 1e-9
"""Pieces below a cubic millimetre are left by a cut along an uneven surface."""
_CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=np.float64)


def solid_of(mesh: TriangleMesh) -> Manifold | None:
    """Return what a mesh encloses, or None where its surface is open, crosses edges or is wound inwards."""
    welded = welded_vertices(mesh)
    first = np.full(int(welded.max()) + 1, -1, dtype=np.int64)
    order = np.arange(len(welded))[::-1]
    first[welded[order]] = order
    others = np.flatnonzero(first[welded] != np.arange(len(welded)))
    uv = np.zeros((len(mesh.vertices_m), 2)) if mesh.uv is None else mesh.uv.astype(np.float64)
    solid = Manifold(
        Mesh64(
            np.ascontiguousarray(np.column_stack([mesh.vertices_m, uv])),
            np.ascontiguousarray(mesh.faces, dtype=np.uint64),
            merge_from_vert=others.astype(np.uint64),
            merge_to_vert=first[welded][others].astype(np.uint64),
        )
    )
    return solid if solid.status() == Error.NoError and solid.volume() > 0 else None


def mesh_of(solid: Manifold, *, textured: bool) -> TriangleMesh:
    """Return a solid's surface; vertices are repeated where texture coordinates part."""
    made = solid.to_mesh64()
    table = np.asarray(made.vert_properties)
    uv = table[:, 3:5].astype(np.float32) if textured else None
    return TriangleMesh(table[:, :3].copy(), np.asarray(made.tri_verts).astype(np.int32), uv)


def box(front: Front, low: Floats | Sequence[float], high: Floats | Sequence[float], uv: TexturePoint) -> Manifold:
    """Return a box given by two corners (right, up, outward) of a front, all of it in one texel's colour."""
    corners = front.world(np.asarray(low) + _CORNERS * (np.asarray(high) - np.asarray(low)))
    return Manifold.hull_points(corners).set_properties(2, lambda _position, _old: np.array(uv))


def without_crumbs(solid: Manifold) -> Manifold:
    """Return a solid without specks that a cut has left."""
    pieces = [piece for piece in solid.decompose() if piece.volume() > _CRUMB_M3]
    return Manifold.compose(pieces)


def bounds(solid: Manifold) -> Floats:
    """Return the (2, 3) corners of the box around a solid."""
    return np.array(solid.bounding_box(), dtype=np.float64).reshape(2, 3)


def share_filled(solid: Manifold, region: Manifold) -> float:
    """Return which share of a region lies inside a solid."""
    return float((solid ^ region).volume() / region.volume())


def welded_vertices(mesh: TriangleMesh) -> NDArray[np.int64]:
    """Return a number per vertex that vertices in one place share: scans repeat them along texture seams."""
    _, welded = np.unique(np.round(mesh.vertices_m, 9), axis=0, return_inverse=True)
    return welded.reshape(-1).astype(np.int64)
