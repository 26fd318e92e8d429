"""What stands in the way on a level plane: shadows of things as rectangles in the plane's axes. Pure numpy."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Pose

from .situation import Array, Situation

Flags = NDArray[np.bool_]

_CORNERS = np.array(list(product((0, 1), repeat=3)))


@dataclass(frozen=True, eq=False, slots=True)
class Plane:
    """A level plane in the world: points (x, y) in it are measured from `origin_m` along axes turned by `yaw_rad`."""

    origin_m: Array
    yaw_rad: float

    @classmethod
    def of(cls, T_world_plane: Pose) -> "Plane":
        """Return the plane of a level pose."""
        return cls(np.asarray(T_world_plane.position_m), T_world_plane.yaw_rad())

    @property
    def turn(self) -> Array:
        """The rotation (2, 2) from plane axes to world axes."""
        cosine, sine = np.cos(self.yaw_rad), np.sin(self.yaw_rad)
        return np.array([[cosine, -sine], [sine, cosine]])

    def flat(self, points_m: Array) -> Array:
        """Return world points (..., 2 or 3) in the plane's axes, (..., 2)."""
        return (points_m[..., :2] - self.origin_m[:2]) @ self.turn

    def world(self, flat_m: Array) -> Array:
        """Return points (..., 2) of the plane in the world, (..., 3)."""
        level = flat_m @ self.turn.T + self.origin_m[:2]
        return np.concatenate([level, np.full((*level.shape[:-1], 1), self.origin_m[2])], axis=-1)

    def shadow(self, points_m: Array) -> Array:
        """Return the rectangle (2, 2), lower and upper corner, around world points (K, 3)."""
        flat = self.flat(points_m)
        return np.stack([flat.min(axis=0), flat.max(axis=0)])


def blockers(situation: Situation, plane: Plane, low_m: float, high_m: float, ignored: Collection[str] = ()) -> Array:
    """Return the shadows (N, 2, 2) of everything that reaches into a span of heights.

    `ignored` names props, or single links as `<prop>/<link>`, that do not count.
    """
    return named_blockers(situation, plane, low_m, high_m, ignored)[1]


def named_blockers(
    situation: Situation, plane: Plane, low_m: float, high_m: float, ignored: Collection[str] = ()
) -> tuple[tuple[str, ...], Array]:
    """Return the `blockers` with the names of their props or links."""
    names: list[str] = []
    shadows: list[Array] = []
    for prop in situation.standing:
        box = situation.box_m(prop)
        if prop not in ignored and box[0, 2] < high_m and box[1, 2] > low_m:
            names.append(prop)
            shadows.append(plane.shadow(situation.pose(prop).apply(situation.corners_m(prop))))
    for link, boxes in situation.obstacles_m.items():
        if link in ignored or link.split("/", 1)[0] in ignored:
            continue
        for box in boxes[(boxes[:, 0, 2] < high_m) & (boxes[:, 1, 2] > low_m)]:
            names.append(link.removesuffix("/body"))
            shadows.append(plane.shadow(np.take_along_axis(box, _CORNERS, axis=0)))
    return tuple(names), np.stack(shadows) if shadows else np.empty((0, 2, 2))


def overlapping(low: Array, high: Array, others: Array) -> Flags:
    """Return which rectangles with corners (D, 2) overlap any of others (N, 2, 2), (D,)."""
    return overlaps(low, high, others).any(axis=1)


def overlaps(low: Array, high: Array, others: Array) -> Flags:
    """Return which rectangles with corners (D, 2) overlap which of others (N, 2, 2), (D, N)."""
    apart = (low[:, None] >= others[None, :, 1]) | (high[:, None] <= others[None, :, 0])
    return ~apart.any(axis=2)
