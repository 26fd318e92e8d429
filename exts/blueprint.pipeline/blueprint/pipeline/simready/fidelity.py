"""How far convex pieces lie from the surface they stand for, measured by sampling."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import trimesh
from numpy.typing import NDArray

from blueprint.pipeline.scene.meshes import TriangleMesh

from .hulls import height_above
from .solids import Solid

Floats = NDArray[np.float64]

SAMPLES = 1500

_RAYS = np.array([(0.4, 0.6, 0.7), (-0.7, 0.3, -0.6), (0.1, -0.9, 0.4)])
"""Directions that no flat face or symmetry axis of a household thing is likely to share."""


@dataclass(frozen=True)
class Fidelity:
    """Distances in metres: of the pieces' outside beyond the surface, and of the surface beyond the pieces."""

    beyond_mean_m: float
    beyond_p95_m: float
    beyond_max_m: float
    uncovered_mean_m: float
    uncovered_max_m: float

    def sentence(self) -> str:
        """Say it in millimetres."""
        mean, p95, most, lack = (
            1e3 * value for value in (self.beyond_mean_m, self.beyond_p95_m, self.beyond_max_m, self.uncovered_max_m)
        )
        return (
            f"pieces stand out from the mesh by {mean:.1f} mm on average ({p95:.1f} mm at 95 %, {most:.1f} mm at most) "
            f"and leave at most {lack:.1f} mm of it bare"
        )


def measure_fidelity(solid: Solid, hulls: Sequence[TriangleMesh], rng: np.random.Generator) -> Fidelity:
    """Compare pieces and surface at `SAMPLES` points of each."""
    outside = _outer_points(solid, hulls, rng)
    beyond = trimesh.proximity.closest_point(solid.mesh, outside)[1] if len(outside) else np.zeros(1)
    surface = _surface_points(solid.vertices_m, solid.faces, SAMPLES, rng)
    bare = np.maximum(np.min([height_above(hull, surface) for hull in hulls], axis=0), 0.0)
    return Fidelity(
        float(beyond.mean()),
        float(np.quantile(beyond, 0.95)),
        float(beyond.max()),
        float(bare.mean()),
        float(bare.max()),
    )


def _outer_points(solid: Solid, hulls: Sequence[TriangleMesh], rng: np.random.Generator) -> Floats:
    """Sample the pieces' common outside: what lies neither in another piece nor inside the mesh.

    Where two pieces meet, their cut faces coincide, so a point on one counts as covered by the other.
    """
    kept: list[Floats] = []
    for at, hull in enumerate(hulls):
        points = _surface_points(hull.vertices_m, hull.faces, max(50, SAMPLES // len(hulls)), rng)
        for other in (*hulls[:at], *hulls[at + 1 :]):
            points = points[height_above(other, points) > 5e-4] if len(points) else points
        kept.append(points)
    outside = np.concatenate(kept)
    if solid.closed and len(outside):
        outside = outside[~_contains(solid, outside)]
    return outside


def _contains(solid: Solid, points: Floats) -> NDArray[np.bool_]:
    """Whether points lie inside a closed surface: most of three rays cross it an odd number of times.

    trimesh's own test draws new directions from the global generator where a ray grazes an edge.
    """
    votes = np.zeros(len(points), dtype=np.int64)
    for direction in _RAYS:
        directions = np.tile(direction, (len(points), 1))
        _, rays, _ = solid.mesh.ray.intersects_location(points, directions, multiple_hits=True)
        votes += np.bincount(rays, minlength=len(points)) % 2
    return votes >= 2


def _surface_points(vertices: Floats, faces: NDArray[np.integer], count: int, rng: np.random.Generator) -> Floats:
    """Draw points evenly over a surface."""
    corners = vertices[faces]
    areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    chosen = corners[rng.choice(len(faces), size=count, p=areas / areas.sum())]
    first, second = rng.random((2, count, 1))
    fold = first + second > 1
    first, second = np.where(fold, 1 - first, first), np.where(fold, 1 - second, second)
    return chosen[:, 0] + first * (chosen[:, 1] - chosen[:, 0]) + second * (chosen[:, 2] - chosen[:, 0])
