"""Find a lid: what lies above one level groove that runs around a box."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .depth_map import DepthMap
from .handles import find_handles
from .panels import GROOVE_M, find_boards

Floats = NDArray[np.float64]

_WIDEST_M = 0.03
_SAME_LEVEL_M = 0.006
_SHARE = (0.04, 0.5)
"""A lid takes this share of the height."""


@dataclass(frozen=True, slots=True)
class Lid:
    """A lid: the lower and upper edge of its groove, on how many sides that runs, and the side of its hinge.

    `back` numbers the side among those given; `told_by` says how the back was told from the front.
    """

    groove_low_m: float
    groove_high_m: float
    sides: int
    back: int
    told_by: str


def find_lid(depths: Sequence[DepthMap]) -> Lid | None:
    """Return the lid of a box seen from its four upright sides, or None; a groove must run on three sides."""
    grooves = [_level_grooves(depth) for depth in depths]
    for low, high in sorted({groove for each in grooves for groove in each}, reverse=True):
        here = [
            any(abs(low - other[0]) < _SAME_LEVEL_M and abs(high - other[1]) < _SAME_LEVEL_M for other in each)
            for each in grooves
        ]
        if sum(here) >= 3 and _is_upper(depths[0], low):
            back, told_by = _back(depths, here)
            return Lid(low, high, sum(here), back, told_by)
    return None


def _level_grooves(depth: DepthMap) -> list[tuple[float, float]]:
    """Return the lower and upper edge of each groove that crosses a side from left to right."""
    columns = np.flatnonzero(np.isfinite(depth.height_m).any(axis=0))
    margin = max(1, len(columns) // 12)
    middle = depth.height_m[:, columns[margin:-margin]]
    seen = np.isfinite(middle).mean(axis=1) > 0.9
    # The shallowest tenth: a groove crosses the whole side, a gap between doors does not.
    level = np.array([np.nanpercentile(row, 90) if ok else np.nan for row, ok in zip(middle, seen, strict=True)])
    reach = max(2, int(_WIDEST_M / depth.pixel_m))
    found: list[tuple[float, float]] = []
    row = 0
    while row < len(level):
        around = level[max(0, row - reach) : row], level[row + 1 : row + 1 + reach]
        if np.isnan(level[row]) or not _dips(level[row], *around):
            row += 1
            continue
        end = row
        while end + 1 < len(level) and _dips(
            level[end + 1], level[max(0, end + 1 - reach) : end + 1], level[end + 2 : end + 2 + reach]
        ):
            end += 1
        found.append((depth.bottom_m + row * depth.pixel_m, depth.bottom_m + (end + 1) * depth.pixel_m))
        row = end + 1
    return found


def _dips(value: float, under: Floats, over: Floats) -> bool:
    if np.isnan(value) or not np.isfinite(under).any() or not np.isfinite(over).any():
        return False
    return bool(min(np.nanmax(under), np.nanmax(over)) - value > GROOVE_M)


def _is_upper(depth: DepthMap, groove_m: float) -> bool:
    rows = np.flatnonzero(np.isfinite(depth.height_m).any(axis=1))
    low, high = depth.bottom_m + rows[0] * depth.pixel_m, depth.bottom_m + (rows[-1] + 1) * depth.pixel_m
    return _SHARE[0] <= (high - groove_m) / (high - low) <= _SHARE[1]


def _back(depths: Sequence[DepthMap], here: Sequence[bool]) -> tuple[int, str]:
    """Return the side of the hinge: one without groove, else opposite a latch or grip, else a long side."""
    if not all(here):
        return here.index(False), "the groove does not run there"
    for number, depth in enumerate(depths):
        if any(find_handles(depth, board) for board in find_boards(depth)):
            return (number + 2) % 4, "opposite the side with a grip"
    widths = [float(np.isfinite(depth.height_m).any(axis=0).sum()) for depth in depths]
    facing_y = [abs(float(depth.front.outward[1])) for depth in depths]
    order = sorted(range(4), key=lambda each: (-round(widths[each], -1), -round(facing_y[each], 3), each))
    away = max(order[:2], key=lambda each: float(depths[each].front.outward[1]))
    return away, "a guess: a long side, away from the viewer"
