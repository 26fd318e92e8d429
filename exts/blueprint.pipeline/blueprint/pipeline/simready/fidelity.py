"""How well convex pieces stand for a surface: the volume of their union, and distances both ways, by sampling."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.spatial import KDTree

from blueprint.pipeline.scene.meshes import TriangleMesh

from .hulls import height_above, hull_volume_m3
from .solids import Solid

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

SAMPLES = 1500
"""Points on each surface; the 95th percentile of as many is known within about one percentile."""

_VOLUME_SAMPLES = 6000
_OUTER_SAMPLES = 12000
_NEIGHBOURS = 8

_BURIED_M = 5e-4
"""Depth in another piece from which a point is no outside; where two pieces meet, their cut faces coincide."""

_RAYS = np.array([(0.4, 0.6, 0.7), (-0.7, 0.3, -0.6), (0.1, -0.9, 0.4)])
"""Directions that no flat face or symmetry axis of a household thing is likely to share."""


@dataclass(frozen=True)
class UnionVolume:
    """The volume of a union of convex pieces, and the standard error of its sampling."""

    volume_m3: float
    error_m3: float


@dataclass(frozen=True)
class Fidelity:
    """What was measured between a scanned surface and the convex pieces that stand for it.

    `distance_*` run from the scanned surface to the outer surface of the pieces' union, `beyond_p95_m` from there back;
    the ratio of volumes and its standard error are None where the mesh encloses nothing.
    """

    volume_ratio: float | None
    volume_error: float | None
    distance_mean_m: float
    distance_p95_m: float
    distance_max_m: float
    beyond_p95_m: float

    def sentence(self) -> str:
        """Say it in millimetres."""
        mean, p95, most, beyond = (
            1e3 * value for value in (self.distance_mean_m, self.distance_p95_m, self.distance_max_m, self.beyond_p95_m)
        )
        volume = "the mesh encloses no volume"
        if self.volume_ratio is not None and self.volume_error is not None:
            volume = f"union {self.volume_ratio:.3f} +- {self.volume_error:.3f} of the mesh's volume"
        return (
            f"{volume}; from the scanned surface to the pieces' outside {mean:.1f} mm on average, {p95:.1f} mm at 95 % "
            f"and {most:.1f} mm at most; back {beyond:.1f} mm at 95 %"
        )


def measure_fidelity(solid: Solid, hulls: Sequence[TriangleMesh], rng: np.random.Generator) -> Fidelity:
    """Compare a surface and convex pieces; `rng` places the points."""
    union = union_volume(hulls, rng)
    volume_m3 = solid.volume_m3 if solid.closed else 0.0
    surface, _ = surface_points(solid.vertices_m, solid.faces, SAMPLES, rng)
    distance = distance_to_outside_m(surface, hulls, rng)
    return Fidelity(
        union.volume_m3 / volume_m3 if volume_m3 > 0 else None,
        union.error_m3 / volume_m3 if volume_m3 > 0 else None,
        float(distance.mean()),
        float(np.quantile(distance, 0.95)),
        float(distance.max()),
        standing_out_p95_m(solid, hulls, rng),
    )


def union_volume(hulls: Sequence[TriangleMesh], rng: np.random.Generator) -> UnionVolume:
    """Measure a union by drawing points in the pieces, each counted by how many pieces share it; Karp and Luby.

    Where no two pieces overlap, the result is exact.
    """
    volumes = np.array([hull_volume_m3(hull) for hull in hulls])
    total = float(volumes.sum())
    if len(hulls) == 1:
        return UnionVolume(total, 0.0)
    chosen = rng.choice(len(hulls), size=_VOLUME_SAMPLES, p=volumes / total)
    share = np.concatenate(
        [
            1.0 / _owners(hulls, at, _points_within(hull, int((chosen == at).sum()), rng))
            for at, hull in enumerate(hulls)
        ]
    )
    return UnionVolume(total * float(share.mean()), total * float(share.std() / np.sqrt(len(share))))


def distance_to_outside_m(points: Floats, hulls: Sequence[TriangleMesh], rng: np.random.Generator) -> Floats:
    """Return how far points (N, 3) lie from the outer surface of a union of convex pieces, never too little.

    The nearest of drawn outer points name the triangles whose nearest point counts, unless it is buried.
    """
    triangles, owner = _triangles(hulls)
    outer, face = _outer_points(hulls, triangles, owner, rng)
    if not len(outer):
        return np.full(len(points), np.inf)
    near, at = KDTree(outer).query(points, k=min(_NEIGHBOURS, len(outer)))
    near, at = near.reshape(len(points), -1), at.reshape(len(points), -1)
    repeated = np.repeat(points, near.shape[1], axis=0)
    chosen = face[at.ravel()]
    foot = trimesh.triangles.closest_point(triangles[chosen], repeated)
    exact = np.linalg.norm(foot - repeated, axis=1)
    exact[_buried(foot, owner[chosen], hulls)] = np.inf
    return np.minimum(near[:, 0], exact.reshape(near.shape).min(axis=1))


def standing_out_p95_m(solid: Solid, hulls: Sequence[TriangleMesh], rng: np.random.Generator) -> float:
    """Return how far the pieces' outside stands out from the mesh, at 95 % of it; inside the mesh nothing counts."""
    triangles, owner = _triangles(hulls)
    outside = _outer_points(hulls, triangles, owner, rng, SAMPLES)[0]
    if solid.closed and len(outside):
        outside = outside[~contains(solid, outside)]
    if not len(outside):
        return 0.0
    return float(np.quantile(trimesh.proximity.closest_point(solid.mesh, outside)[1], 0.95))


def surface_points(
    vertices: Floats, faces: NDArray[np.integer], count: int, rng: np.random.Generator
) -> tuple[Floats, Indices]:
    """Draw points (N, 3) evenly over a surface, with the number of the face of each."""
    return _points_on(vertices[faces], count, rng)


def _points_on(triangles: Floats, count: int, rng: np.random.Generator) -> tuple[Floats, Indices]:
    areas = np.linalg.norm(np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]), axis=1)
    chosen = rng.choice(len(triangles), size=count, p=areas / areas.sum())
    corners = triangles[chosen]
    first, second = rng.random((2, count, 1))
    fold = first + second > 1
    first, second = np.where(fold, 1 - first, first), np.where(fold, 1 - second, second)
    along, across = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return corners[:, 0] + first * along + second * across, chosen.astype(np.int64)


def _points_within(hull: TriangleMesh, count: int, rng: np.random.Generator) -> Floats:
    """Draw points evenly in a convex piece, which falls into one tetrahedron below each of its faces."""
    middle = hull.vertices_m.mean(axis=0)
    edges = hull.vertices_m[hull.faces] - middle
    volumes = np.abs(np.einsum("ij,ij->i", edges[:, 0], np.cross(edges[:, 1], edges[:, 2])))
    chosen = edges[rng.choice(len(edges), size=count, p=volumes / volumes.sum())]
    weights = rng.dirichlet(np.ones(4), size=count)[:, :3]
    return middle + np.einsum("nk,nkd->nd", weights, chosen)


def _owners(hulls: Sequence[TriangleMesh], own: int, points: Floats) -> Floats:
    """Count the pieces in which each point of one piece lies."""
    count = np.ones(len(points))
    for at, hull in enumerate(hulls):
        if at != own and len(points):
            count += height_above(hull, points) <= 0
    return count


def _triangles(hulls: Sequence[TriangleMesh]) -> tuple[Floats, Indices]:
    """Return all triangles (T, 3, 3) of pieces and the number of the piece of each."""
    triangles = np.concatenate([hull.vertices_m[hull.faces] for hull in hulls])
    return triangles, np.repeat(np.arange(len(hulls)), [len(hull.faces) for hull in hulls])


def _outer_points(
    hulls: Sequence[TriangleMesh],
    triangles: Floats,
    owner: Indices,
    rng: np.random.Generator,
    count: int = _OUTER_SAMPLES,
) -> tuple[Floats, Indices]:
    """Draw points on the pieces that lie in no other piece, with the number of the triangle of each."""
    points, face = _points_on(triangles, count, rng)
    outer = ~_buried(points, owner[face], hulls)
    return points[outer], face[outer]


def _buried(points: Floats, owner: Indices, hulls: Sequence[TriangleMesh]) -> NDArray[np.bool_]:
    """Whether points on pieces lie inside others."""
    buried = np.zeros(len(points), dtype=np.bool_)
    for at, hull in enumerate(hulls):
        low, high = hull.bounds_m()
        near = (owner != at) & ~buried & (points > low).all(axis=1) & (points < high).all(axis=1)
        buried[near] = height_above(hull, points[near]) < -_BURIED_M if near.any() else False
    return buried


def contains(solid: Solid, points: Floats) -> NDArray[np.bool_]:
    """Whether points lie inside a closed surface: most of three rays cross it an odd number of times.

    trimesh's own test draws new directions from the global generator where a ray grazes an edge.
    """
    votes = np.zeros(len(points), dtype=np.int64)
    for direction in _RAYS:
        directions = np.tile(direction, (len(points), 1))
        _, rays, _ = solid.mesh.ray.intersects_location(points, directions, multiple_hits=True)
        votes += np.bincount(rays, minlength=len(points)) % 2
    return votes >= 2
