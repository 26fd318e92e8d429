"""How thick the walls of a closed mesh are, by rays from its surface to the face behind."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .solids import Solid

_SAMPLES = 400
_CONE_RAD = float(np.radians(20))
_SIDES = 4
_FEWEST = 0.5
"""Share of the points whose rays must meet the surface again; a closed mesh loses only those along edges."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Walls:
    """The median thickness in metres over the surface, and its relative median absolute deviation."""

    thickness_m: float
    spread: float


def measure_walls(solid: Solid) -> Walls | None:
    """Measure matter behind evenly spread points: the median of a straight ray and a cone of four around it.

    Returns None where too few rays meet a face behind them, as on an open surface. Nothing is drawn by chance.
    """
    points, inward = _spread_points(solid)
    directions = _cones(inward)
    origins = np.repeat(points + 1e-6 * inward, _SIDES + 1, axis=0)
    hits, rays, _ = solid.mesh.ray.intersects_location(origins, directions, multiple_hits=False)
    # Along a slanted ray a wall is longer by one over the cosine.
    lean = np.einsum("ij,ij->i", directions, np.repeat(inward, _SIDES + 1, axis=0))
    depth = np.full(len(origins), np.nan)
    depth[rays] = np.linalg.norm(hits - origins[rays], axis=1) * lean[rays]
    per_point = depth.reshape(len(points), -1)
    met = np.isfinite(per_point).sum(axis=1) > _SIDES // 2
    if met.mean() < _FEWEST:
        return None
    thickness = np.nanmedian(per_point[met], axis=1)
    middle = float(np.median(thickness))
    return Walls(middle, float(np.median(np.abs(thickness - middle)) / max(middle, 1e-9)))


def _spread_points(solid: Solid) -> tuple[Floats, Floats]:
    """Return the centres of faces at even steps of summed area, and their inward normals."""
    corners = solid.vertices_m[solid.faces]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(cross, axis=1)
    steps = (np.arange(_SAMPLES) + 0.5) / _SAMPLES * area.sum()
    chosen = np.minimum(np.searchsorted(np.cumsum(area), steps), len(area) - 1)
    # Irrational steps over the face, so that many points on one large face do not coincide.
    at = np.arange(_SAMPLES)[:, None] * np.array([0.7548776662466927, 0.5698402909980532]) % 1.0
    u, v = np.sqrt(at[:, :1]), at[:, 1:]
    weights = np.stack([1 - u, u * (1 - v), u * v], axis=1)[:, :, 0]
    points = np.einsum("ij,ijk->ik", weights, corners[chosen])
    return points, -cross[chosen] / np.maximum(area[chosen], 1e-18)[:, None]


def _cones(axes: Floats) -> Floats:
    """Return each axis and directions on a cone around it, shape (N * (sides + 1), 3)."""
    side = np.cross(axes, np.where(np.abs(axes[:, :1]) < 0.7, [[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]]))
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-18)
    other = np.cross(axes, side)
    turns = 2 * np.pi * np.arange(_SIDES) / _SIDES
    around = [
        np.cos(_CONE_RAD) * axes + np.sin(_CONE_RAD) * (np.cos(turn) * side + np.sin(turn) * other) for turn in turns
    ]
    return np.stack([axes, *around], axis=1).reshape(-1, 3)
