"""Find what stands out of a board: bars, grips and knobs."""

from dataclasses import dataclass

import cv2
import numpy as np

from .depth_map import DepthMap
from .fronts import Rectangle
from .panels import Board

_OUT_M = 0.005
_SMALLEST_M = 0.012
_FARTHEST_OUT_M = 0.15
_LARGEST_SHARE = 0.25
_KNOB_M = (0.012, 0.09)
_KNOB_ASPECT = 1.35


@dataclass(frozen=True, slots=True)
class Handle:
    """A protrusion: the rectangle it covers, how far it stands out, and how much of the rectangle it fills."""

    rectangle: Rectangle
    out_m: float
    fill: float

    @property
    def upright(self) -> bool:
        """Say whether it is clearly taller than wide."""
        return self.rectangle.height_m > _KNOB_ASPECT * self.rectangle.width_m

    @property
    def lying(self) -> bool:
        """Say whether it is clearly wider than tall."""
        return self.rectangle.width_m > _KNOB_ASPECT * self.rectangle.height_m

    @property
    def knob(self) -> bool:
        """Say whether it is as wide as tall and no larger than fingers turn."""
        sizes = (self.rectangle.width_m, self.rectangle.height_m)
        compact = not self.upright and not self.lying and self.fill > 0.6
        return compact and _KNOB_M[0] <= min(sizes) and max(sizes) <= _KNOB_M[1]

    def _names(self) -> tuple[tuple[str, bool], ...]:
        return (
            ("a knob", self.knob),
            ("an upright handle", self.upright),
            ("a lying handle", self.lying),
            ("a handle", True),
        )

    def sentence(self) -> str:
        """Say what it is and how large, in millimetres."""
        name = next(word for word, fits in self._names() if fits)
        size = f"{1e3 * self.rectangle.width_m:.0f} x {1e3 * self.rectangle.height_m:.0f} mm"
        return f"{name} of {size} stands out by {1e3 * self.out_m:.0f} mm"


def find_handles(depth: DepthMap, board: Board) -> list[Handle]:
    """Return what stands more than 5 mm out of a board, the largest first."""
    rows, columns = board.rows, board.columns
    window = (slice(rows[0], rows[1] + 1), slice(columns[0], columns[1] + 1))
    right = depth.left_m + (np.arange(columns[0], columns[1] + 1) + 0.5) * depth.pixel_m
    up = depth.bottom_m + (np.arange(rows[0], rows[1] + 1) + 0.5) * depth.pixel_m
    plane = board.plane[0] * right[None, :] + board.plane[1] * up[:, None] + board.plane[2]
    above = np.nan_to_num(depth.height_m[window] - plane, nan=-1.0)
    mask = ((above > _OUT_M) & (above < _FARTHEST_OUT_M)).astype(np.uint8)
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    found: list[Handle] = []
    for label in range(1, count):
        column, row, wide, tall, pixels = (int(value) for value in boxes[label])
        rectangle = depth.rectangle(
            rows[0] + row, rows[0] + row + tall - 1, columns[0] + column, columns[0] + column + wide - 1
        )
        longest = max(rectangle.width_m, rectangle.height_m)
        if longest < _SMALLEST_M or rectangle.area_m2 > _LARGEST_SHARE * board.rectangle.area_m2:
            continue
        found.append(Handle(rectangle, float(above[labels == label].max()), pixels / (wide * tall)))
    return sorted(found, key=lambda handle: (-handle.rectangle.area_m2, handle.rectangle.left, handle.rectangle.bottom))
