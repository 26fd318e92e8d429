"""Poses on top of another prop."""

from collections.abc import Iterator

import numpy as np

from blueprint.pipeline.scene.poses import Pose, vec3

from .drawn import Drawn
from .room_above import Plane, named_blockers, overlaps
from .situation import Array, Situation
from .spoils import Spoils

LEVEL_M = 0.004
"""Points within this of the highest, or lowest, make a thing's top, or base."""
SEAT_M = 0.012
"""Least half width of what top and base share; less falls over when it is let go a little off."""
RIDGE_M = 0.001
"""Points further than this below the highest carry nothing: a top with a ridge is narrower than it looks."""
STEADY_RAD = 0.1
"""Least lean by which a thing on its seat would have to be pushed to fall over."""
_SIDES = 2 * np.pi * np.arange(32) / 32


def stacked(
    situation: Situation, prop: str, base: str, rng: np.random.Generator, spoils: Spoils | None = None
) -> Iterator[Drawn]:
    """Yield poses of a prop on top of another, the middle of its base over the middle of that one's top."""
    below = situation.pose(base).apply(situation.corners_m(base))
    top_m = float(below[:, 2].max())
    top = _flat_box(below, top_m)
    plane = Plane(np.array([0.0, 0.0, top_m]), 0.0)
    height_m = float(np.ptp(situation.box_m(prop)[:, 2]))
    names, others = named_blockers(situation, plane, top_m + LEVEL_M, top_m + height_m, (prop, base))
    spoils = spoils or Spoils()
    for yaw in rng.permutation([0.0, np.pi / 2, np.pi / 4, -np.pi / 4]):
        turned = Pose.from_yaw((0, 0, 0), float(yaw)) @ Pose((0.0, 0.0, 0.0), situation.pose(prop).quat_wxyz)
        points = turned.apply(situation.corners_m(prop))
        foot = _flat_box(points, float(points[:, 2].min()))
        if shared_half_m(foot, top) < SEAT_M:
            spoils.add("too narrow to stand on")
            continue
        shift = top.mean(axis=0) - foot.mean(axis=0)
        low, high = plane.shadow(points)
        touched = overlaps((low + shift)[None], (high + shift)[None], others)
        if touched.any():
            spoils.sort((), touched, names)
        else:
            place = (*shift, top_m - points[:, 2].min())
            if steadiness_rad(points + place, below) < STEADY_RAD:
                spoils.add("too narrow for its height")
                continue
            spoils.add()
            yield Drawn({prop: Pose(vec3(place), turned.quat_wxyz)})


def steadiness_rad(points_m: Array, below_m: Array) -> float:
    """Return how far a thing with corners (K, 3) on top of another one (L, 3) leans before its middle leaves its seat.

    What carries is where both are level to a millimetre; a middle that is outside of it gives a negative angle.
    """
    low_m = float(points_m[:, 2].min())
    middle = (points_m.min(axis=0) + points_m.max(axis=0)) / 2
    seats = (points_m[points_m[:, 2] <= low_m + RIDGE_M], below_m[below_m[:, 2] >= below_m[:, 2].max() - RIDGE_M])
    sides = np.stack([np.cos(_SIDES), np.sin(_SIDES)])
    half_m = min(float(((seat[:, :2] - middle[:2]) @ sides).max(axis=0).min()) for seat in seats)
    return float(np.arctan2(half_m, middle[2] - low_m))


def shared_half_m(foot: Array, top: Array) -> float:
    """Return the smaller half width that two boxes (2, 2) share when they lie middle over middle."""
    return float(np.minimum(np.ptp(foot, axis=0), np.ptp(top, axis=0)).min() / 2)


def seat_middle_m(points_m: Array, *, lowest: bool) -> Array:
    """Return the level middle (2,) of what is level of a thing's base, or of its top."""
    return _flat_box(points_m, float(points_m[:, 2].min() if lowest else points_m[:, 2].max())).mean(axis=0)


def _flat_box(points_m: Array, level_m: float) -> Array:
    """Return the box (2, 2) around the points (K, 3) near a level."""
    near = points_m[np.abs(points_m[:, 2] - level_m) <= LEVEL_M, :2]
    return np.stack([near.min(axis=0), near.max(axis=0)])
