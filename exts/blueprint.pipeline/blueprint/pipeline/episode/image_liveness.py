"""Whether a camera lives: what its decoded pictures show must be a picture, and must change with what happens."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAST_CONTRAST = 2.5
"""Standard deviation of a frame's 8-bit values below which it is black or blank; a door of one colour shows 5."""
MOST_SATURATED = 0.85
"""Share of pixels with a channel at `SATURATED_LEVEL` or more, above which a frame is overexposed."""
SATURATED_LEVEL = 250
LEAST_DEPTH_HITS = 0.02
"""Share of pixels that must meet something; a camera above a table sees the sky beside it, a dead one nothing."""
LEAST_DEPTH_RANGE_M = 0.05
LEAST_DEPTH_STD_M = 1e-4
CLOSE_M = 0.5
"""A camera in the hand that is nearer than this to a door or a front may see nothing else: one plane of one thing."""
INSIDE_M = 1.2
"""Before an open cupboard it may see one thing only, up to its back."""
UNIT_SLACK = 0.02
"""How far a stored normal's length may be from 1; rounding to 1/127 makes up to 0.007."""


@dataclass(frozen=True, slots=True)
class Dead:
    """What is wrong with a channel of a camera, and the first frame that shows it, None for the whole episode."""

    camera: str
    channel: str
    frame: int | None
    fault: str

    def __str__(self) -> str:
        """Say which camera and channel, where, and why."""
        where = "" if self.frame is None else f" in frame {self.frame}"
        return f"{self.camera} {self.channel}{where}: {self.fault}"


def filled_from_close(depth_m: NDArray[Any], within_m: float = CLOSE_M) -> NDArray[np.bool_]:
    """Return (N,) the frames of planar depth (N, H, W) in which every pixel meets something within a distance."""
    flat = depth_m.reshape(len(depth_m), -1)
    return np.asarray((flat > 0).all(axis=1) & (flat.max(axis=1) < within_m))


def check_rgb(camera: str, frames: NDArray[np.uint8]) -> list[Dead]:
    """Look at colour (N, H, W, 3): no frame blank or overexposed, and more than one picture in an episode."""
    pixels = frames.reshape(len(frames), -1)
    contrast = pixels.std(axis=1)
    bright = (frames.max(axis=3) >= SATURATED_LEVEL).reshape(len(frames), -1).mean(axis=1)
    found = [_first(camera, "rgb", contrast < LEAST_CONTRAST, "is black or blank")]
    found.append(_first(camera, "rgb", bright > MOST_SATURATED, "is overexposed"))
    found.append(_frozen(camera, "rgb", frames))
    return [dead for dead in found if dead is not None]


def check_depth(camera: str, depth_m: NDArray[Any], nearest_m: float = 0.0, farthest_m: float = np.inf) -> list[Dead]:
    """Look at planar depth (N, H, W) in metres, 0 for no hit: finite, in range, meeting more than one plane
    unless it is close.
    """
    found: list[Dead | None] = []
    flat = depth_m.reshape(len(depth_m), -1)
    finite = np.isfinite(flat).all(axis=1)
    found.append(_first(camera, "depth", ~finite, "is not finite"))
    hits = flat > 0
    found.append(_first(camera, "depth", hits.mean(axis=1) < LEAST_DEPTH_HITS, "meets almost nothing"))
    outside = (hits & ((flat < nearest_m) | (flat > farthest_m))).any(axis=1) | (flat < 0).any(axis=1)
    found.append(_first(camera, "depth", outside, f"lies outside {nearest_m:g} to {farthest_m:g} m"))
    measured = [row[hit & np.isfinite(row)] for row, hit in zip(flat, hits, strict=True)]
    plain = [len(row) > 0 and (np.ptp(row) < LEAST_DEPTH_RANGE_M or row.std() < LEAST_DEPTH_STD_M) for row in measured]
    found.append(_first(camera, "depth", np.array(plain) & ~filled_from_close(depth_m), "shows one plane"))
    found.append(_frozen(camera, "depth", depth_m))
    return [dead for dead in found if dead is not None]


def check_ids(
    camera: str, ids: NDArray[Any], count: int, channel: str = "instance", filled: NDArray[np.bool_] | None = None
) -> list[Dead]:
    """Look at ids (N, H, W): all below `count`, and at least two things in each frame that nothing close fills."""
    flat = ids.reshape(len(ids), -1)
    found = [_first(camera, channel, (flat.max(axis=1) >= count) | (flat.min(axis=1) < 0), "names what does not exist")]
    single = flat.max(axis=1) == flat.min(axis=1)
    found.append(_first(camera, channel, single if filled is None else single & ~filled, "shows one thing only"))
    return [dead for dead in found if dead is not None]


def check_normals(
    camera: str, normals: NDArray[np.floating[Any]], filled: NDArray[np.bool_] | None = None
) -> list[Dead]:
    """Look at normals (N, H, W, 3): unit vectors or nothing, and not one direction only, unless it is close."""
    lengths = np.linalg.norm(normals.astype(np.float64), axis=3).reshape(len(normals), -1)
    seen = lengths > 0
    wrong = (seen & (np.abs(lengths - 1) > UNIT_SLACK)).any(axis=1) | ~np.isfinite(lengths).all(axis=1)
    found = [_first(camera, "normal", wrong, "has another length than 1")]
    found.append(_first(camera, "normal", ~seen.any(axis=1), "meets nothing"))
    flat = normals.reshape(len(normals), -1, 3)
    same = np.array(
        [
            bool(shown.any()) and np.ptp(row[shown], axis=0).max() < UNIT_SLACK
            for row, shown in zip(flat, seen, strict=True)
        ]
    )
    found.append(_first(camera, "normal", same if filled is None else same & ~filled, "points one way everywhere"))
    return [dead for dead in found if dead is not None]


def _first(camera: str, channel: str, faulty: NDArray[np.bool_], fault: str) -> Dead | None:
    frames = np.flatnonzero(faulty)
    return Dead(camera, channel, int(frames[0]), fault) if len(frames) else None


def _frozen(camera: str, channel: str, frames: NDArray[Any]) -> Dead | None:
    """A camera that shows one and the same picture from beginning to end sees nothing of what happens."""
    if len(frames) < 2 or any(not np.array_equal(frame, frames[0]) for frame in frames[1:]):
        return None
    return Dead(camera, channel, None, "never changes")
