"""A second measurement of every success, from other numbers and by other geometry than the first.

Poses are those of `SecondPoses`, outlines are polygons worked out corner by corner, whether the hand let go is the
distance between its hulls and the prop's instead of contacts, joints are read from the engine's own coordinates. Goals
must hold within `SLACK_M`, `SLACK_RAD` and `SLACK_N`, since single precision cannot say more.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.certify.plane_geometry import Point, apart, hull, outside
from blueprint.pipeline.certify.second_poses import SecondPoses, turned
from blueprint.pipeline.episode import goals as asked
from blueprint.pipeline.episode.states import FIRST_WITH_PEAKS, States
from blueprint.pipeline.episode.tasks import Task

Array = NDArray[np.float64]

SLACK_M, SLACK_RAD, SLACK_N = 5e-4, 2e-3, 0.5
REST_M_S = 0.01
SEATED_M = 0.01
LET_GO_M = 1e-4
"""Hulls of hand and prop that are further apart than this do not touch."""
RIM_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Recheck:
    """What the second measurement says; `reason` names the first goal that it does not confirm."""

    confirmed: bool
    reason: str


def recheck(states: States, task: Task) -> Recheck:
    """Measure again whether a recorded episode met its task's goals and safety conditions."""
    seen = Second(SecondPoses(states), task)
    for goal in (*task.goals, *task.safety):
        holds = _MEASURES[type(goal)]
        frames = seen.frames(goal.when)
        met: Iterable[bool] = (holds(goal, seen, frame) for frame in frames)
        if not (any(met) if goal.when == "ever" else all(met)):
            return Recheck(False, f"{goal.goal} of {getattr(goal, 'object', None) or getattr(goal, 'joint', 'all')}")
    to_reach = any(goal.goal not in asked.STANDING for goal in task.goals)
    if to_reach and all(_MEASURES[type(goal)](goal, seen, 0) for goal in task.goals):
        return Recheck(False, "that anything was left to do at the start")
    return Recheck(True, "")


class Second:
    """One episode as it is looked at again."""

    def __init__(self, poses: SecondPoses, task: Task) -> None:
        self.poses, self.states, self.task = poses, poses.states, task
        self.fps = self.states.fps
        self.span = max(1, round(task.hold_s * self.fps))
        self._pairs: dict[int, dict[tuple[str, str], Array]] | None = None

    def frames(self, when: str) -> range:
        """Return the frames in which a goal of a kind is looked at."""
        count = self.poses.frame_count
        return range(max(0, count - self.span), count) if when == "end" else range(count)

    def outline(self, prop: str, frame: int) -> list[Point]:
        """Return a prop's outline seen from above."""
        return hull([(x, y) for x, y, _ in self.poses.points_m(prop, frame).tolist()])

    def joint(self, name: str, frame: int) -> float:
        """Return a joint's position, from the engine's coordinates where it has any."""
        column = self.states.names("joint_names").index(name)
        rows = self.states.attributes.get("joint_qpos_rows")
        step = frame * int(self.states.attributes.get("substeps", 1))
        if rows is not None and len(self._qpos):
            # Nothing is stepped behind the last instant; the step that leads to it stands for it.
            return float(self._qpos[min(step, len(self._qpos) - 1), int(rows[column])])
        return float(self.states.channel("joint_position")[frame, column])

    @cached_property
    def hand(self) -> list[str]:
        """The links of the hand."""
        return self.states.describe("ee_wrench")["links"]

    @cached_property
    def _qpos(self) -> Array:
        return self.states.physics("qpos") if self.states.has_physics else np.zeros((0, 0))

    def forces_n(self, frame: int) -> dict[tuple[str, str], Array]:
        """Return the summed forces of each pair of links that is listed in a frame."""
        if self._pairs is None:
            self._pairs = self._summed()
        return self._pairs.get(frame, {})

    def _summed(self) -> dict[int, dict[tuple[str, str], Array]]:
        names = self.states.names("body_names")
        offset, force = self.states.channel("contact_offset"), self.states.channel("contact_force_n")
        first, second = self.states.channel("contact_first"), self.states.channel("contact_second")
        sums: dict[int, dict[tuple[str, str], Array]] = defaultdict(dict)
        for frame in range(len(offset) - 1):
            for row in range(int(offset[frame]), int(offset[frame + 1])):
                a, b, sign = names[int(first[row])], names[int(second[row])], 1.0
                if b < a:
                    a, b, sign = b, a, -1.0
                sums[frame][a, b] = sums[frame].get((a, b), np.zeros(3)) + sign * force[row]
        return sums

    def peaks_n(self, frame: int) -> list[tuple[str, str, float]]:
        """Return each pair of links that touched in a physics step up to the next frame, with its greatest force."""
        if self.states.version < FIRST_WITH_PEAKS:
            return []
        names, (offset, first, second, force) = self.states.names("body_names"), self._peaks
        rows = range(int(offset[frame]), int(offset[frame + 1]))
        return [(names[int(first[row])], names[int(second[row])], float(force[row])) for row in rows]

    @cached_property
    def _peaks(self) -> list[NDArray[Any]]:
        return [self.states.channel(f"peak_{name}") for name in ("offset", "first", "second", "force_n")]


# --- one measurement per goal


def _in_region(goal: asked.InRegion, seen: Second, frame: int) -> bool:
    x, y, z = goal.region.center_m
    if abs(float(seen.poses.points_m(goal.object, frame)[:, 2].min()) - z) > SEATED_M + SLACK_M:
        return False
    reach, side = goal.region.half_size_m
    along = np.array([np.cos(goal.region.yaw_rad), np.sin(goal.region.yaw_rad)])
    across = np.array([-along[1], along[0]])
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    corners = [tuple((np.array([x, y]) + a * reach * along + b * side * across).tolist()) for a, b in signs]
    return all(outside(point, corners) <= SLACK_M for point in seen.outline(goal.object, frame))


def _on_top(goal: asked.OnTop, seen: Second, frame: int) -> bool:
    base_m = float(seen.poses.points_m(goal.object, frame)[:, 2].min())
    top_m = float(seen.poses.points_m(goal.base, frame)[:, 2].max())
    x, y, _ = seen.poses.middle_m(goal.object, frame).tolist()
    seated = -goal.sink_m - SLACK_M <= base_m - top_m <= SEATED_M + SLACK_M
    return seated and outside((x, y), seen.outline(goal.base, frame)) <= SLACK_M


def _inside(goal: asked.Inside, seen: Second, frame: int) -> bool:
    position, quat = seen.poses.pose(goal.body, frame)
    local = turned(_conjugate(quat), (seen.poses.middle_m(goal.object, frame) - position)[None])
    in_room = turned(_conjugate(np.array(goal.T_body_room.quat_wxyz)), local - np.array(goal.T_body_room.position_m))[0]
    return bool((np.abs(in_room) <= np.array(goal.half_size_m) + SLACK_M).all())


def _joint_within(goal: asked.JointWithin, seen: Second, frame: int) -> bool:
    return goal.lower - SLACK_RAD <= seen.joint(goal.joint, frame) <= goal.upper + SLACK_RAD


def _rise_m(seen: Second, prop: str, frame: int) -> float:
    return float(seen.poses.points_m(prop, frame)[:, 2].min() - seen.poses.points_m(prop, 0)[:, 2].min())


def _raised(goal: asked.Raised, seen: Second, frame: int) -> bool:
    return _rise_m(seen, goal.object, frame) >= goal.height_m - SLACK_M


def _not_raised(goal: asked.NotRaised, seen: Second, frame: int) -> bool:
    return _rise_m(seen, goal.object, frame) <= goal.height_m + SLACK_M


def _lean_rad(seen: Second, prop: str, frame: int) -> float:
    link = seen.poses.links(prop)[0]
    up = turned(_conjugate(seen.poses.pose(link, 0)[1]), np.array([[0.0, 0.0, 1.0]]))
    return float(np.arccos(np.clip(turned(seen.poses.pose(link, frame)[1], up)[0, 2], -1.0, 1.0)))


def _tilted_over(goal: asked.TiltedOver, seen: Second, frame: int) -> bool:
    span = max(1, round(goal.duration_s * seen.fps))
    return frame >= span - 1 and all(_tilted(goal, seen, at) for at in range(frame - span + 1, frame + 1))


def _tilted(goal: asked.TiltedOver, seen: Second, frame: int) -> bool:
    if _lean_rad(seen, goal.object, frame) < goal.tilt_rad - SLACK_RAD:
        return False
    start_m = seen.poses.points_m(goal.object, 0)[:, 2]
    rim = seen.poses.points_m(goal.object, frame)[start_m >= start_m.max() - RIM_SHARE * np.ptp(start_m) - 1e-6]
    x, y, z = rim[np.argmin(rim[:, 2])].tolist()
    above = z >= seen.poses.points_m(goal.target, frame)[:, 2].max() - SLACK_M
    return bool(above) and outside((x, y), seen.outline(goal.target, frame)) <= SLACK_M


def _upright(goal: asked.Upright, seen: Second, frame: int) -> bool:
    return _lean_rad(seen, goal.object, frame) <= goal.tilt_rad + SLACK_RAD


def _apart(goal: asked.Apart, seen: Second, frame: int) -> bool:
    gap_m = apart(seen.outline(goal.object, frame), seen.outline(goal.other, frame))
    return gap_m >= goal.gap_m - SLACK_M


def _released(goal: asked.Released, seen: Second, frame: int) -> bool:
    shaped = [name for name in seen.hand if name in seen.poses.corners_m]
    pairs = product(shaped, seen.poses.links(goal.object))
    return bool(shaped) and not any(_touch(seen, link, other, frame) for link, other in pairs)


def _touch(seen: Second, link: str, other: str, frame: int) -> bool:
    """Whether colliders of two links meet; the links' own hulls, which may be hollow, only spare the closer look."""
    (position, quat), (place, turn) = seen.poses.pose(link, frame), seen.poses.pose(other, frame)
    ours = turned(quat, seen.poses.corners_m[link]) + position
    if hull_distance_m(ours, turned(turn, seen.poses.corners_m[other]) + place) > LET_GO_M:
        return False
    first = [turned(quat, piece) + position for piece in seen.poses.pieces_m[link]]
    second = [turned(turn, piece) + place for piece in seen.poses.pieces_m[other]]
    return any(_boxes_meet(a, b) and hull_distance_m(a, b) <= LET_GO_M for a, b in product(first, second))


def _boxes_meet(first: Array, second: Array) -> bool:
    gaps = np.maximum(first.min(axis=0) - second.max(axis=0), second.min(axis=0) - first.max(axis=0))
    return bool((gaps <= LET_GO_M).all())


def _at_rest(goal: asked.AtRest, seen: Second, frame: int) -> bool:
    before = max(0, frame - seen.span)
    moved_m = np.linalg.norm(seen.poses.points_m(goal.object, frame) - seen.poses.points_m(goal.object, before), axis=1)
    # Over the whole hold before the hold's end; a frame's own speed is below what single precision shows.
    return frame < seen.poses.frame_count - 1 or float(moved_m.max()) <= REST_M_S * seen.span / seen.fps + SLACK_M


def _undisturbed(goal: asked.Undisturbed, seen: Second, frame: int) -> bool:
    moved_m = np.linalg.norm(seen.poses.middle_m(goal.object, frame) - seen.poses.middle_m(goal.object, 0))
    return float(moved_m) <= goal.limit_m + SLACK_M


def _pressed_n(seen: Second, frame: int, spared: tuple[str, ...]) -> float:
    found = [(*pair, float(np.linalg.norm(force))) for pair, force in seen.forces_n(frame).items()]
    strongest = 0.0
    for first, second, force_n in (*found, *seen.peaks_n(frame)):
        owners = {first.split("/", 1)[0], second.split("/", 1)[0]}
        if "robot" in owners and owners != {"robot"} and not owners & set(spared):
            strongest = max(strongest, force_n)
    return strongest


def _force_below(goal: asked.ForceBelow, seen: Second, frame: int) -> bool:
    return _pressed_n(seen, frame, ()) <= goal.limit_n + SLACK_N


def _no_collision(goal: asked.NoCollision, seen: Second, frame: int) -> bool:
    return _pressed_n(seen, frame, goal.handled) <= goal.limit_n + SLACK_N


_MEASURES: dict[type[Any], Callable[[Any, Second, int], bool]] = {
    asked.InRegion: _in_region,
    asked.OnTop: _on_top,
    asked.Inside: _inside,
    asked.JointWithin: _joint_within,
    asked.Raised: _raised,
    asked.NotRaised: _not_raised,
    asked.TiltedOver: _tilted_over,
    asked.Upright: _upright,
    asked.Apart: _apart,
    asked.Released: _released,
    asked.AtRest: _at_rest,
    asked.Undisturbed: _undisturbed,
    asked.ForceBelow: _force_below,
    asked.NoCollision: _no_collision,
}


def _conjugate(quat_wxyz: Array) -> Array:
    return np.array([quat_wxyz[0], -quat_wxyz[1], -quat_wxyz[2], -quat_wxyz[3]])


def hull_distance_m(first: Array, second: Array, steps: int = 60) -> float:
    """Return a lower bound of the distance between two hulls (K, 3); 0 where they meet.

    The simplex algorithm of Gilbert, Johnson and Keerthi walks to the point of the hulls' difference that is nearest to
    the origin; every plane that it finds between them on its way proves a distance along the plane's normal.
    """
    simplex, best = [first[0] - second[0]], 0.0
    for _ in range(steps):
        nearest, simplex = _nearest_of(simplex)
        size = float(np.linalg.norm(nearest))
        if size < 1e-9:
            return 0.0
        support = first[np.argmin(first @ nearest)] - second[np.argmax(second @ nearest)]
        best = max(best, float(support @ nearest) / size)
        if best >= size - 1e-9:
            break
        simplex.append(support)
    return best


def _nearest_of(points: list[Array]) -> tuple[Array, list[Array]]:
    """Return the point of a simplex that is nearest to the origin, and the corners that span it there."""
    nearest, spanning = points[0], points[:1]
    for count in range(1, min(4, len(points)) + 1):
        for corners in combinations(points, count):
            placed = np.array(corners)
            system = np.ones((count + 1, count + 1))
            system[:count, :count], system[count, count] = placed @ placed.T, 0.0
            weights = np.linalg.lstsq(system, np.append(np.zeros(count), 1.0), rcond=None)[0][:count]
            there = weights @ placed
            if (weights >= -1e-12).all() and there @ there < nearest @ nearest:
                nearest, spanning = there, list(corners)
    return nearest, spanning
