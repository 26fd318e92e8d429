"""Hollows that are open above: whether a thing has one, what it holds and where."""

import numpy as np

from .solids import Solid

_DEEP = 0.35
"""Share of the height that an opening must reach down to count as a cavity."""

_OPEN_SHARE = 0.25
"""Share of the outline, seen from above, that a cavity must take up."""


def is_hollow(solid: Solid) -> bool:
    """Whether a large part of the thing is open from above and deep, as a bowl or a mug is."""
    low, high = solid.vertices_m.min(axis=0), solid.vertices_m.max(axis=0)
    x, y = (np.linspace(low[axis], high[axis], 23)[1:-1] for axis in (0, 1))
    origins = np.column_stack([*(grid.ravel() for grid in np.meshgrid(x, y)), np.full(len(x) * len(y), high[2] + 0.01)])
    down = np.tile([0.0, 0.0, -1.0], (len(origins), 1))
    points, _, _ = solid.mesh.ray.intersects_location(origins, down, multiple_hits=False)
    if not len(points):
        return False
    deep = points[:, 2] < high[2] - _DEEP * (high[2] - low[2])
    inner = np.abs(points[:, :2] - (low + high)[:2] / 2) < 0.35 * (high - low)[:2]
    return bool((deep & inner.all(axis=1)).sum() > _OPEN_SHARE * len(points))
