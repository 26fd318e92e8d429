"""Whether things can be stacked: how much of the outline is level at the top and at the base."""

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.shapes import convex_outline

from .solids import Solid

_LEVEL_M = 0.003
_GRID = 25


def level_shares(solid: Solid) -> tuple[float, float]:
    """Return what share of the outline the points within 3 mm of the top and of the base span.

    A can stands on its rim: what counts is the area around the points, not their own.
    """
    return _level_share(solid, 1.0), _level_share(solid, -1.0)


def _level_share(solid: Solid, side: float) -> float:
    low, high = solid.vertices_m.min(axis=0), solid.vertices_m.max(axis=0)
    outer = float(high[2] if side > 0 else low[2])
    x, y = (np.linspace(low[axis], high[axis], _GRID + 2)[1:-1] for axis in (0, 1))
    grid: NDArray[np.float64] = np.column_stack([values.ravel() for values in np.meshgrid(x, y)])
    origins = np.column_stack([grid, np.full(len(grid), outer + side * 0.01)])
    direction = np.tile([0.0, 0.0, -side], (len(grid), 1))
    points, _, _ = solid.mesh.ray.intersects_location(origins, direction, multiple_hits=False)
    whole = convex_outline(points[:, :2]) if len(points) else points[:, :2]
    level = convex_outline(points[np.abs(points[:, 2] - outer) < _LEVEL_M][:, :2]) if len(points) else whole
    return _area_m2(level) / _area_m2(whole) if len(whole) > 2 else 0.0


def _area_m2(outline: NDArray[np.float64]) -> float:
    x, y = outline.T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def through_holes(solid: Solid) -> int:
    """Return how many holes go through a closed surface, such as a mug's handle: its genus; 0 where it is open."""
    if not solid.closed:
        return 0
    edges = 3 * len(solid.faces) // 2
    euler = len(np.unique(solid.faces)) - edges + len(solid.faces)
    return max(0, len(solid.components()) - euler // 2)
