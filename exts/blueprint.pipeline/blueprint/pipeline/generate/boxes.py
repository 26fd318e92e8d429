"""Boxes: around what a picture shows of each thing, and around the links themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNSEEN_PX = (-1, -1, -1, -1)
UNKNOWN = -1

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Seen:
    """Of K things: tight box (K, 4) as left, top, right, bottom (exclusive), pixels seen (K), pixels covered (K)."""

    box_px: NDArray[np.int32]
    visible_px: NDArray[np.int32]
    covered_px: NDArray[np.int32]


def boxes_of_ids(ids: NDArray[Any], covered: NDArray[np.uint64] | None, count: int) -> Seen:
    """Return what an id image (H, W) shows of the things 1 to `count`; `covered` has a bit for each of the first 64."""
    visible = np.bincount(ids.reshape(-1), minlength=count + 1)[1 : count + 1]
    boxes = np.full((count, 4), UNSEEN_PX, dtype=np.int32)
    for thing in np.flatnonzero(visible):
        shown = ids == thing + 1
        columns, rows = np.flatnonzero(shown.any(axis=0)), np.flatnonzero(shown.any(axis=1))
        boxes[thing] = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    return Seen(boxes, visible.astype(np.int32), _covered_px(covered, count))


def _covered_px(covered: NDArray[np.uint64] | None, count: int) -> NDArray[np.int32]:
    pixels = np.full(count, UNKNOWN, dtype=np.int32)
    if covered is not None:
        # Few pixels differ in what covers them, so that patterns are counted, not pixels.
        patterns, repeats = np.unique(covered, return_counts=True)
        for thing in range(min(count, 64)):
            pixels[thing] = repeats[(patterns >> np.uint64(thing)) & np.uint64(1) == 1].sum()
    return pixels


@dataclass(frozen=True, eq=False, slots=True)
class LinkBoxes:
    """Boxes of links: names (K), sizes (K, 3) in m and the boxes' centres (K, 3) in the links' frames."""

    links: tuple[str, ...]
    size_m: Floats
    center_m: Floats

    @classmethod
    def around(cls, corners_m: Mapping[str, Floats], links: Sequence[str]) -> "LinkBoxes":
        """Return the boxes, along the links' axes, around points (N, 3) of those links that have any."""
        known = tuple(link for link in links if link in corners_m)
        bounds = [(corners_m[link].min(axis=0), corners_m[link].max(axis=0)) for link in known]
        sizes = np.array([upper - lower for lower, upper in bounds]).reshape(-1, 3)
        centers = np.array([(upper + lower) / 2 for lower, upper in bounds]).reshape(-1, 3)
        return cls(known, sizes, centers)

    def placed(self, position_m: Floats, rotation: Floats) -> Floats:
        """Return T_world_box (..., K, 4, 4) of links at positions (..., K, 3) with rotations (..., K, 3, 3)."""
        T = np.zeros((*position_m.shape[:-1], 4, 4))
        T[..., :3, :3], T[..., 3, 3] = rotation, 1.0
        T[..., :3, 3] = position_m + np.einsum("...ij,...j->...i", rotation, self.center_m)
        return T
