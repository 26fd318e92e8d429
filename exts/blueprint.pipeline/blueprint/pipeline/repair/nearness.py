"""How far points lie from a surface, and where on it they come nearest."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import KDTree

from blueprint.pipeline.scene.meshes import TriangleMesh

from .shapes import areas_m2, longest_side_m
from .topology import Floats, Indices

_CANDIDATES = 12
"""Faces looked at for each point: those of the nearest samples."""

_SAMPLES = 40_000
"""Samples of a surface beyond one per face."""

_CHUNK = 100_000
"""Points looked at together, for the sake of memory."""


@dataclass(frozen=True, eq=False)
class Foot:
    """For each point the face it is nearest to, the shares of that face's corners (N, 3), and the distance."""

    face: Indices
    shares: Floats
    distance_m: Floats


@dataclass(frozen=True, eq=False)
class Surface:
    """A mesh's surface; `marks` (F, M), in metres, keep apart faces that are near and yet not alike."""

    mesh: TriangleMesh
    marks: Floats

    @cached_property
    def corners_m(self) -> Floats:
        """Corners of the faces, shape (F, 3, 3)."""
        return self.mesh.vertices_m[self.mesh.faces]

    @cached_property
    def _samples(self) -> tuple[Indices, KDTree]:
        face, shares = samples(self.corners_m)
        places = np.einsum("nk,nkd->nd", shares, self.corners_m[face])
        return face, KDTree(np.column_stack([places, self.marks[face]]))

    def nearest(self, points: Floats, marks: Floats) -> Foot:
        """Return where points come nearest to the surface; never nearer than the truth, and rarely farther."""
        parts = [
            self._nearest(points[at : at + _CHUNK], marks[at : at + _CHUNK])
            for at in range(0, max(len(points), 1), _CHUNK)
        ]
        return Foot(
            np.concatenate([part.face for part in parts]),
            np.concatenate([part.shares for part in parts]),
            np.concatenate([part.distance_m for part in parts]),
        )

    def _nearest(self, points: Floats, marks: Floats) -> Foot:
        face_of_sample, tree = self._samples
        count = min(_CANDIDATES, len(face_of_sample))
        near = tree.query(np.column_stack([points, marks]), k=count, workers=1)[1].reshape(-1, count)
        candidates = face_of_sample[near]
        shares = nearest_shares(np.repeat(points, count, axis=0), self.corners_m[candidates.reshape(-1)])
        feet = np.einsum("nk,nkd->nd", shares, self.corners_m[candidates.reshape(-1)])
        distance = np.linalg.norm(feet.reshape(-1, count, 3) - points[:, None], axis=2)
        best = np.argmin(distance, axis=1)
        rows = np.arange(len(points))
        return Foot(candidates[rows, best], shares.reshape(-1, count, 3)[rows, best], distance[rows, best])


def samples(corners: Floats, most: int = _SAMPLES) -> tuple[Indices, Floats]:
    """Spread samples evenly over faces, at least one on each; returns the face and the corners' shares of each."""
    spacing = np.sqrt(areas_m2(corners).sum() / most)
    longest = longest_side_m(corners)
    order = np.clip(np.ceil(longest / max(spacing, 1e-12)), 1, 64).astype(np.int64)
    faces: list[Indices] = []
    shares: list[Floats] = []
    for size in np.unique(order).tolist():
        chosen, grid = np.flatnonzero(order == size), _grid(size)
        faces.append(np.repeat(chosen, len(grid)))
        shares.append(np.tile(grid, (len(chosen), 1)))
    return np.concatenate(faces), np.concatenate(shares)


def _grid(size: int) -> Floats:
    """Return the middles of the size x size triangles into which a triangle falls, as shares of its corners."""
    i, j = (axis.reshape(-1) for axis in np.meshgrid(np.arange(size), np.arange(size), indexing="ij"))
    upright, inverted = i + j < size, i + j < size - 1
    first = np.concatenate([i[upright] + 1 / 3, i[inverted] + 2 / 3]) / size
    second = np.concatenate([j[upright] + 1 / 3, j[inverted] + 2 / 3]) / size
    return np.stack([1 - first - second, first, second], axis=1)


def nearest_shares(points: Floats, corners: Floats) -> Floats:
    """Return the shares of the corners of the point of each triangle that is nearest to each point, shape (N, 3)."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    ab, ac, ap = b - a, c - a, points - a
    aa, bb, ab_ac = _dot(ab, ab), _dot(ac, ac), _dot(ab, ac)
    along, across = _dot(ap, ab), _dot(ap, ac)
    area = aa * bb - ab_ac**2
    area = np.where(area > 0, area, np.inf)
    second = (bb * along - ab_ac * across) / area
    third = (aa * across - ab_ac * along) / area
    inside = np.stack([1 - second - third, second, third], axis=1)
    on_sides = np.stack([_on_side(points, corners, start) for start in range(3)], axis=1)
    feet = np.einsum("nsk,nkd->nsd", on_sides, corners)
    best = np.argmin(((feet - points[:, None]) ** 2).sum(axis=2), axis=1)
    outside = (inside < 0).any(axis=1) | ~np.isfinite(area)
    return np.where(outside[:, None], on_sides[np.arange(len(points)), best], inside)


def _on_side(points: Floats, corners: Floats, start: int) -> Floats:
    end = (start + 1) % 3
    along = corners[:, end] - corners[:, start]
    length = _dot(along, along)
    share = np.clip(_dot(points - corners[:, start], along) / np.where(length > 0, length, 1.0), 0.0, 1.0)
    shares = np.zeros((len(points), 3))
    shares[:, start], shares[:, end] = 1 - share, share
    return shares


def _dot(one: Floats, other: Floats) -> Floats:
    return np.einsum("ij,ij->i", one, other)
