"""Shading normals: smooth across soft edges, sharp across creases. Pure numpy."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.meshes import TriangleMesh

from .places import joined_places

CREASE_RAD = np.deg2rad(40.0)
"""Faces that meet at a larger angle are shaded apart: above a mug's facets (10 degrees), below a box's edges (90)."""

_TOGETHER = 500_000
"""Corners looked at together, for the sake of memory."""


def crease_normals(mesh: TriangleMesh, crease_rad: float = CREASE_RAD) -> NDArray[np.float32]:
    """Return unit normals per face corner, shape (3 F, 3): the mean over the faces around the corner's point.

    Faces are weighted by their angle at the point, which does not depend on how a flat side is cut into triangles.
    Points are joined by position, because texture seams split vertices that shading must not.
    """
    units, angles = _unit_normals(mesh), _corner_angles(mesh)
    sums = np.zeros((len(angles), 3))
    for corner, other in _corner_pairs(_point_of_corner(mesh)):
        similar = np.einsum("ij,ij->i", units[corner // 3], units[other // 3]) >= np.cos(crease_rad) - 1e-9
        corner, other = corner[similar], other[similar]
        # The pairs of one corner follow each other; each is like itself, unless its face has no area.
        begins = np.flatnonzero(np.diff(corner, prepend=-1))
        if len(begins):
            sums[corner[begins]] = np.add.reduceat(units[other // 3] * angles[other, None], begins)
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    # A face without area has no direction of its own; up is as good as any and is a valid normal.
    return np.where(norms > 0, sums / np.where(norms > 0, norms, 1.0), (0.0, 0.0, 1.0)).astype(np.float32)


def face_normals(mesh: TriangleMesh) -> NDArray[np.float32]:
    """Return one unit normal per face, shape (F, 3); a face without area gets the one that points up."""
    units = _unit_normals(mesh)
    return np.where(np.any(units, axis=1, keepdims=True), units, (0.0, 0.0, 1.0)).astype(np.float32)


def _unit_normals(mesh: TriangleMesh) -> NDArray[np.float64]:
    a, b, c = (mesh.vertices_m[mesh.faces[:, k]] for k in range(3))
    crosses = np.cross(b - a, c - a)
    lengths = np.linalg.norm(crosses, axis=1, keepdims=True)
    return crosses / np.where(lengths > 0, lengths, 1.0)


def _corner_angles(mesh: TriangleMesh) -> NDArray[np.float64]:
    """Return the angle of each face corner, shape (3 F,), in radians."""
    corners = mesh.vertices_m[mesh.faces]
    following, preceding = np.roll(corners, -1, axis=1) - corners, np.roll(corners, 1, axis=1) - corners
    across = np.linalg.norm(np.cross(following, preceding), axis=2)
    along = np.einsum("fkd,fkd->fk", following, preceding)
    return np.arctan2(across, along).reshape(-1)


def _point_of_corner(mesh: TriangleMesh) -> NDArray[np.int64]:
    return joined_places(np.round(mesh.vertices_m, 7))[1][mesh.faces.reshape(-1)]


def _corner_pairs(point_of_corner: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """List every ordered pair of corners at one point, a corner with itself included, some at a time."""
    order = np.argsort(point_of_corner, kind="stable")
    counts = np.bincount(point_of_corner)
    starts = np.cumsum(counts) - counts
    for at in range(0, len(order), _TOGETHER):
        some = order[at : at + _TOGETHER]
        valence = counts[point_of_corner[some]]
        first = np.repeat(some, valence)
        ramp = np.arange(len(first)) - np.repeat(np.cumsum(valence) - valence, valence)
        yield first, order[np.repeat(starts[point_of_corner[some]], valence) + ramp]
