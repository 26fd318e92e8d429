"""Strokes: hands that push a spot of a moving part, and where they are while it moves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.planning.wrists import WristReach
from blueprint.pipeline.scene.poses import Pose

from .courses import Course, rotation
from .faces import Spot, spots_to_push
from .fingertips import finger_corners_m
from .means import Means
from .situation import Situation

Array = NDArray[np.float64]

_LEANS_RAD = (
    *((0.0, about) for about in (0.0, 0.4, 0.8, 1.2, 1.5, -0.4)),
    *((side * about, 0.0) for about in (0.5, 0.9, 1.2, 1.5) for side in (1.0, -1.0)),
    *((side * about, 0.6) for about in (0.6, 1.1) for side in (1.0, -1.0)),
)
"""How the hand leans against the way it pushes, about the upright and about the level line of the face.

Fingers along the face hook it from beyond an edge, where the hand has no room before it.
"""
_TURNS_RAD = (0.0, np.pi, np.pi / 2, -np.pi / 2)
_STRAIGHT_RAD = 0.5
"""A hand that leans less than this may also be turned with its broad side to the face."""
_STAYS = (0.5, 1.0, 0.0)
"""Share of a door's turn by which the hand stays behind: 0 turns with the door, 1 keeps its attitude."""
_INTO_M = 0.002
"""So far into the face the fingertips are sent, which leans them on it."""
_SEEN_RAD = 1.9
"""A hand that points further than this away from where its arm comes is not reached."""
_LEAN_COST, _SPOT_COST, _TURN_COST = 0.3, 0.05, 0.5


@dataclass(frozen=True, eq=False, slots=True)
class Stroke:
    """How a spot, in the frame of its link, is pushed: the hand's attitude at first, and how much it stays behind.

    `fingers_m` (N, 3) are the corners of the fingers in the tool's frame.
    """

    spot: Spot
    R_world_tool: Array
    stays: float
    fingers_m: Array

    def tool(self, course: Course, at: int, off_m: float = -_INTO_M) -> Pose:
        """Return T_world_tcp with the fingers' foremost corner so far off the face, at one position of the joint."""
        T_world_link = course.T_world_links[at]
        normal = T_world_link.rotation() @ np.array(self.spot.normal)
        R = course.turned(at, 1.0 - self.stays) @ self.R_world_tool
        tip = R @ np.array([*self.fingers_m.mean(axis=0)[:2], self.fingers_m[:, 2].max()])
        foremost_m = float((self.fingers_m @ (R.T @ normal)).min() - tip @ normal)
        T = np.eye(4)
        T[:3, :3] = R
        T[:3, 3] = T_world_link.apply(self.spot.point_m) - tip + normal * (off_m - foremost_m)
        return Pose.from_matrix(T)


def strokes_of(means: Means, closed: Situation, course: Course) -> Iterator[Stroke]:
    """Yield strokes whose wrist may be in reach: those first that come from the shoulder and touch where it is easy."""
    T_world_link = course.T_world_links[0]
    corners = [T_world_link.apply(points) for points in means.workspace.world.link_corners_m(course.link)]
    spots = spots_to_push(corners, course.T_world_links[1] @ T_world_link.inverse())
    fingers_m = finger_corners_m(means, closed.width_m)
    ways = list(product(range(len(spots)), _LEANS_RAD, _STAYS if course.turns else _STAYS[-1:]))
    if not ways:
        return
    carried = [spot.carried(T_world_link.inverse()) for spot in spots]
    costs = _costs(means.workspace.wrist, course, spots, carried, ways)
    found: list[tuple[float, int, float]] = []
    for at in np.flatnonzero(np.isfinite(costs)).tolist():
        turns = _TURNS_RAD if np.hypot(*ways[at][1]) < _STRAIGHT_RAD else _TURNS_RAD[:2]
        found += [(costs[at] + _TURN_COST * rank, at, turn) for rank, turn in enumerate(turns)]
    for _, at, turn in sorted(found):
        spot, lean, stays = ways[at]
        yield Stroke(carried[spot], _face(spots[spot]) @ _in_face(lean, turn), stays, fingers_m)


def _costs(
    wrist: WristReach,
    course: Course,
    spots: Sequence[Spot],
    carried: Sequence[Spot],
    ways: Sequence[tuple[int, tuple[float, float], float]],
) -> Array:
    """Return (N,) what speaks against each way; infinite where the arm cannot get there at the start or at the end."""
    costs = np.array([_LEAN_COST * np.hypot(*lean) + _SPOT_COST * spot for spot, lean, _ in ways])
    faces = [_face(spot) for spot in spots]
    begin = np.array([faces[spot] @ _in_face(lean, 0.0)[:, 2] for spot, lean, _ in ways])
    last = len(course.positions) - 1
    end = np.array([course.turned(last, 1.0 - way[2]) @ each for way, each in zip(ways, begin, strict=True)])
    off_rad = np.zeros(len(ways))
    for at, approaches in ((0, begin), (last, end)):
        points = course.T_world_links[at].apply([each.point_m for each in carried])[[spot for spot, _, _ in ways]]
        away = points - wrist.shoulder_m
        away /= np.linalg.norm(away, axis=1, keepdims=True)
        off_rad = np.maximum(off_rad, np.arccos(np.clip(np.sum(away * approaches, axis=1), -1.0, 1.0)))
        costs[~wrist.may_reach(points, approaches)] = np.inf
    costs[off_rad > _SEEN_RAD] = np.inf
    return costs + off_rad


def _face(spot: Spot) -> Array:
    """Return the frame (3, 3) of a face in the world: its level line, its upright, and the way into it."""
    inward = -np.array(spot.normal)
    level = np.cross([0.0, 0.0, 1.0] if abs(inward[2]) < 0.9 else [1.0, 0.0, 0.0], inward)
    level /= np.linalg.norm(level)
    return np.stack([level, np.cross(inward, level), inward], axis=1)


@cache
def _in_face(lean_rad: tuple[float, float], turn_rad: float) -> Array:
    """Return the attitude (3, 3) of a tool that leans, in the frame of a face; it is thin along x, towards the face."""
    about_upright, about_level = lean_rad
    inward = np.array([0.0, 0.0, 1.0])
    approach = rotation(np.array([0.0, about_upright, 0.0])) @ rotation(np.array([about_level, 0.0, 0.0])) @ inward
    x = inward - approach * float(inward @ approach)
    length = float(np.linalg.norm(x))
    x = x / length if length > 1e-3 else np.array([1.0, 0.0, 0.0])
    x = rotation(approach * turn_rad) @ x
    return np.stack([x, np.cross(approach, x), approach], axis=1)
