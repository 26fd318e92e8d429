"""Which triangles can matter to a picture: those of owners whose box is not wholly beside or behind its window.

The same holds for shadows, whose window is what the light must reach.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .geometry import Floats, Geometry
from .visibility import NEAR_M

CUBE = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64)
ROOM_M = 1e-3
ROOM_PX = 1.0
"""What windows are wider by when owners are left out; each of their triangles would be left out anyway."""


@dataclass(frozen=True, slots=True)
class Framing:
    """How large and narrow a picture is, and the window of it that is drawn: first and last column and row."""

    width_px: int
    height_px: int
    focal_px: float
    window: tuple[int, int, int, int]


class Crowd:
    """The owners of a geometry: the box around each, and its triangles."""

    def __init__(self, geometry: Geometry) -> None:
        self._order = np.argsort(geometry.owners[geometry.corners[:, 0]], kind="stable").astype(np.int32)
        owners = geometry.owners[geometry.corners[self._order, 0]]
        self._owners, starts = np.unique(owners, return_index=True)
        self._parts = np.split(self._order, starts[1:])
        points = [geometry.points_of(int(owner)) for owner in self._owners]
        bounds = [(own.min(axis=0), own.max(axis=0)) for own in points]
        corners = [(lower + upper) / 2 + CUBE * (upper - lower) / 2 for lower, upper in bounds]
        self._corners = np.array(corners).reshape(-1, 8, 3)

    def triangles(self, framing: Framing, rotations: Floats, offsets_m: Floats) -> NDArray[np.int32]:
        """Return the triangles of owners that may be seen; rotations and offsets lead to the camera's frame."""
        return self._chosen(in_window(framing, self._placed(rotations, offsets_m)))

    def triangles_above(self, bounds: Floats, rotations: Floats, offsets_m: Floats) -> NDArray[np.int32]:
        """Return the triangles of owners that may throw a shadow into bounds: least X and Y, largest X and Y.

        Bounds are in the light's frame, to which rotations and offsets lead.
        """
        corners = self._placed(rotations, offsets_m)[..., :2]
        lower, upper = corners.min(axis=1), corners.max(axis=1)
        beside = (upper < bounds[:2] - ROOM_M) | (lower > bounds[2:] + ROOM_M)
        return self._chosen(~beside.any(axis=1))

    def _chosen(self, wanted: NDArray[np.bool_]) -> NDArray[np.int32]:
        parts = [part for part, chosen in zip(self._parts, wanted, strict=True) if chosen]
        return np.concatenate(parts) if parts else np.zeros(0, np.int32)

    def _placed(self, rotations: Floats, offsets_m: Floats) -> Floats:
        turned = np.einsum("nij,nkj->nki", rotations[self._owners], self._corners)
        return turned + offsets_m[self._owners][:, None]


def in_window(framing: Framing, corners_m: Floats) -> NDArray[np.bool_]:
    """Return which boxes (N, 8, 3), in the camera's frame, are not wholly behind it or on one side of its window."""
    x, y, depth = corners_m[..., 0], corners_m[..., 1], -corners_m[..., 2]
    left, top, right, bottom = framing.window
    centre = (framing.width_px / 2, framing.height_px / 2)
    across, down = framing.focal_px * x, -framing.focal_px * y
    outside = [
        depth < NEAR_M,
        across < (left - ROOM_PX - centre[0]) * depth,
        across > (right + 1 + ROOM_PX - centre[0]) * depth,
        down < (top - ROOM_PX - centre[1]) * depth,
        down > (bottom + 1 + ROOM_PX - centre[1]) * depth,
    ]
    return ~np.any([side.all(axis=1) for side in outside], axis=0)
