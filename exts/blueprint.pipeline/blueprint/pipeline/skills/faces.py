"""Faces: the spots of a part of furniture at which it is pushed along its joint."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Pose, Vec3, vec3
from blueprint.pipeline.sims.solids import chords, convex_solid

Array = NDArray[np.float64]

_SHARES = (0.85, 0.7, 0.5, 0.3)
"""Where on the face, from the side that moves least to the one that moves most; near the hinge it takes most force."""
_SHARES_UP = (0.5, 0.75, 0.25)
_EDGES_M = (0.035, 0.02)
"""How far from the far and the upper edge fingers that come from beyond them touch; fingers reach so far at least."""
_FACING = 0.9
"""Cosine between the face and the way of the part from which on fingertips do not slide off."""
_LEVEL_M = 0.006
"""Spots that lie by so much before or behind most others are on a handle, or in a recess."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A point of a face with the normal out of it, unit length."""

    point_m: Vec3
    normal: Vec3

    def carried(self, T: Pose) -> "Spot":
        """Return the same spot in another frame."""
        return Spot(vec3(T.apply(self.point_m)), vec3(T.rotation() @ np.array(self.normal)))


def spots_to_push(corners_m: Sequence[Array], ahead: Pose) -> list[Spot]:
    """Return the spots of a part's face that looks against its way, those that are pushed most easily first.

    `corners_m` (K, 3) are those of its convex pieces in the world, `ahead` moves them the first bit of the way.
    """
    points = np.concatenate(corners_m)
    lever = np.linalg.norm(ahead.apply(points) - points, axis=1)
    far = lever >= 0.8 * lever.max()
    way = (ahead.apply(points) - points)[far].mean(axis=0)
    way /= np.linalg.norm(way)
    level = np.cross([0.0, 0.0, 1.0] if abs(way[2]) < 0.9 else [1.0, 0.0, 0.0], way)
    level /= np.linalg.norm(level)
    # A door's far side moves most: the level line is turned so that it runs there.
    if (points @ level - (points @ level).mean()) @ (lever - lever.mean()) < 0:
        level = -level
    upright = np.cross(way, level) * (1.0 if np.cross(way, level)[2] >= 0 else -1.0)
    before = way * (float((points @ way).min()) - 0.1)
    grid = [
        level * a + upright * b + before
        for a in _along(points @ level, _SHARES)
        for b in _along(points @ upright, _SHARES_UP)
    ]
    return _hit(corners_m, np.array(grid), way)


def _along(at_m: Array, shares: Sequence[float]) -> list[float]:
    """Return places between the ends of a part: at shares of its length, and a little before its upper end."""
    low, high = float(at_m.min()), float(at_m.max())
    return [*(low + share * (high - low) for share in shares), *(high - edge for edge in _EDGES_M if edge < high - low)]


def _hit(corners_m: Sequence[Array], origins_m: Array, way: Array) -> list[Spot]:
    chord = chords([convex_solid(corners) for corners in corners_m], origins_m, np.tile(way, (len(origins_m), 1)))
    facing = np.isfinite(chord.enter_m) & (chord.enter_normal @ way < -_FACING)
    if not facing.any():
        return []
    level = facing & (np.abs(chord.enter_m - np.median(chord.enter_m[facing])) < _LEVEL_M)
    rows = np.flatnonzero(level if level.any() else facing)
    return [Spot(vec3(origins_m[at] + way * chord.enter_m[at]), vec3(chord.enter_normal[at])) for at in rows]
