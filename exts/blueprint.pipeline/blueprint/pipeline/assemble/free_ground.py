"""How much free ground a place leaves the robot on the support it works on: what it picks up has to go somewhere."""

from collections.abc import Sequence

import numpy as np

from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.shapes import Array, outward_m
from blueprint.pipeline.scene.supports import WorldSurface

_STEP_M = 0.04
_HALF_M = 0.11
"""A thing of so much half width, the gap to its neighbours included, has room on a spot."""
_WANTED = 12
"""So many spots are room enough: poses that are drawn for several things find a free one among them."""


def free_spots_m(surface: WorldSurface, taken_m: Sequence[Array]) -> Array:
    """Return the middles (N, 2) of spots on a surface on which something has room beside what stands there."""
    x, y = (np.arange(-half + _HALF_M, half - _HALF_M + 1e-9, _STEP_M) for half in surface.half_size_m)
    grid = np.stack(np.meshgrid(x, y, [0.0], indexing="ij"), axis=-1).reshape(-1, 3)
    spots = surface.T_world_surface.apply(grid)[:, :2]
    for outline in taken_m:
        spots = spots[outward_m(spots, outline) >= _HALF_M]
    return spots


def room_share(spots_m: Array, T_world_base: Pose, outline_m: Array, ring_m: tuple[float, float]) -> float:
    """Return how much of the wanted free ground a robot has within its ring, 1 for all of it."""
    away = np.linalg.norm(spots_m - np.asarray(T_world_base.position_m)[:2], axis=1)
    near = (away >= ring_m[0]) & (away <= ring_m[1]) & (outward_m(spots_m, outline_m) >= _HALF_M)
    return min(1.0, float(near.sum()) / _WANTED)
