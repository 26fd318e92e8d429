"""Shove: move a part of furniture along its joint by pushing its face - a door's leaf, a drawer's front.

Nothing is held, so it needs no handle, and it shuts a door that stands so wide open that no hand comes to its handle.
The closed fingertips touch one spot of the face and go where that spot goes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.planning.cartesian import Line, poses_between
from blueprint.pipeline.scene.poses import Pose, vec3

from .faces import Spot, spots_to_push
from .fingertips import finger_corners_m
from .legs import Follow, Leg, Manner, Spread, Transit
from .means import Means
from .situation import Situation

Array = NDArray[np.float64]

_STEP_RAD, _STEP_M = 0.035, 0.01
_LEANS_RAD = (
    *((0.0, about) for about in (0.0, 0.4, 0.8, 1.2, 1.5, -0.4)),
    *((side * about, 0.0) for about in (0.5, 0.9, 1.2, 1.5) for side in (1.0, -1.0)),
    *((side * about, 0.6) for about in (0.6, 1.1) for side in (1.0, -1.0)),
)
"""How the hand leans against the way it pushes, about the upright and about the level line of the face.

Fingers along the face hook it from beyond an edge, where the hand has no room before it.
"""
_TURNS_RAD = (0.0, np.pi, np.pi / 2, -np.pi / 2)
_TURN_COST = 0.5
_UPRIGHT_RAD = 0.5
"""A hand that leans less than this may also be turned with its broad side to the face."""
_LOOKS = 2500
_SEEN_RAD = 1.9
"""An arm whose hand points further than this away from where it comes does not get there."""
_STAYS = (0.5, 1.0, 0.0)
"""Share of the part's turn by which the hand stays behind: 0 turns with the part, 1 keeps its attitude."""
_BEHIND_M = 0.015
"""Room between fingertips and face before the push."""
_INTO_M = 0.002
"""So far into the face the fingertips are sent, which leans them on it."""
_SCRAPE_M = 0.001
_HANDS = 160
"""So many hands are tried by inverse kinematics, which takes a hundred times as long as a look at the gripper."""
_STARTS = 2
"""From so many postures the arm is led to where a push begins: where these do not get there, others seldom do."""
_THERE = 1e-3


@dataclass(frozen=True, eq=False, slots=True)
class _Course:
    """Where a joint stands one after the other, with T_world_link then; the first is where it stands now."""

    joint: str
    link: str
    positions: tuple[float, ...]
    T_world_links: tuple[Pose, ...]

    def turn(self, at: int, share: float) -> Array:
        """Return the rotation (3, 3) by a share of the part's turn up to a position."""
        R = self.T_world_links[at].rotation() @ self.T_world_links[0].rotation().T
        return _rotation(_rotation_vector(R) * share)


@dataclass(frozen=True, slots=True)
class _Hand:
    """How a spot is pushed: the hand's lean and turn about its approach, and how much it stays behind."""

    spot: Spot
    lean_rad: tuple[float, float]
    turn_rad: float
    stays: float


def plan_shove(means: Means, before: Situation, step: Step) -> Iterator[tuple[Leg, ...]]:
    """Push the part of `joint` of `prop` to `target` (rad or m) by a spot of the face that looks against its way."""
    joint, target = step.roles["joint"], step.values["target"]
    if abs(target - before.joints[joint]) < _THERE:
        yield ()
        return
    closed = replace(before, width_m=means.workspace.robot.gripper.min_width_m, touched=())
    means.arrange(closed)
    course = _course(means, joint, before.joints[joint], target)
    means.allow(closed, ([course.link], means.workspace.world.finger_links))
    for T_world_tcps in islice(_ways_of_hand(means, closed, course), _HANDS):
        for arm_rad in means.workspace.postures(T_world_tcps[0], (before.arm_rad,), starts=_STARTS):
            legs = _legs(means, closed, course, T_world_tcps, arm_rad)
            if legs is not None:
                yield Spread(closed, lets_go=False), Transit(None, Manner.FREE, Phase.REACH, closed), *legs


def _course(means: Means, joint: str, start: float, target: float) -> _Course:
    world = means.workspace.world
    entry = world.compiled.joint(joint)
    step = _STEP_RAD if entry.kind == "revolute" else _STEP_M
    count = max(2, int(np.ceil(abs(target - start) / step)))
    positions = [float(each) for each in np.linspace(start, target, count + 1)]
    poses: list[Pose] = []
    for position in positions:
        world.set_joint(joint, position)
        poses.append(world.link_pose(entry.body))
    world.set_joint(joint, start)
    return _Course(joint, entry.body, tuple(positions), tuple(poses))


# --- the hand


def _ways_of_hand(means: Means, closed: Situation, course: _Course) -> Iterator[list[Pose]]:
    """Yield T_world_tcp all along for hands that have room where they begin, half way and where they end."""
    T_world_link = course.T_world_links[0]
    corners = [T_world_link.apply(points) for points in means.workspace.world.link_corners_m(course.link)]
    ahead = course.T_world_links[1] @ T_world_link.inverse()
    spots = [spot.carried(T_world_link.inverse()) for spot in spots_to_push(corners, ahead)]
    fingers = finger_corners_m(means, closed.width_m)
    some = sorted({0, len(course.positions) // 2, len(course.positions) - 1})
    stays = _STAYS if means.workspace.world.compiled.joint(course.joint).kind == "revolute" else (0.0,)
    for hand in _hands(means, course, spots, stays)[:_LOOKS]:
        tools = {at: _tool_pose(course, hand, fingers, at) for at in some}
        if all(_has_room(means, closed, course, at, tools[at]) for at in some):
            every = [_tool_pose(course, hand, fingers, at) for at in range(len(course.positions))]
            off = course.T_world_links[0].rotation() @ np.array(hand.spot.normal) * _BEHIND_M
            yield [Pose(vec3(every[0].position_m + off), every[0].quat_wxyz), *every]


def _hands(means: Means, course: _Course, spots: Sequence[Spot], stays: Sequence[float]) -> list[_Hand]:
    """List hands that may be in reach, those first that point away from the shoulder and touch where it is easy."""
    wrist = means.workspace.wrist
    tried = [_Hand(spot, lean, 0.0, stay) for spot, lean, stay in product(spots, _LEANS_RAD, stays)]
    costs = np.array([0.3 * np.hypot(*hand.lean_rad) for hand in tried])
    costs += 0.05 * np.repeat(np.arange(len(spots)), len(tried) // max(1, len(spots)))
    begin = np.array([_attitude(course.T_world_links[0], hand)[:, 2] for hand in tried])
    turned = {stay: course.turn(-1, 1.0 - stay) for stay in stays}
    end = np.array([turned[hand.stays] @ approach for hand, approach in zip(tried, begin, strict=True)])
    reached = np.ones(len(tried), dtype=bool)
    off_rad = np.zeros(len(tried))
    for T_world_link, approaches in ((course.T_world_links[0], begin), (course.T_world_links[-1], end)):
        points = T_world_link.apply([hand.spot.point_m for hand in tried])
        away = points - wrist.shoulder_m
        away /= np.linalg.norm(away, axis=1, keepdims=True)
        off_rad = np.maximum(off_rad, np.arccos(np.clip(np.sum(away * approaches, axis=1), -1.0, 1.0)))
        reached &= wrist.may_reach(points, approaches)
    costs += off_rad
    found: list[tuple[float, int, _Hand]] = []
    for at in np.flatnonzero(reached & (off_rad < _SEEN_RAD)).tolist():
        lean_rad = float(np.hypot(*tried[at].lean_rad))
        turns = _TURNS_RAD if lean_rad < _UPRIGHT_RAD else _TURNS_RAD[:2]
        found += [(costs[at] + _TURN_COST * k, at, replace(tried[at], turn_rad=turn)) for k, turn in enumerate(turns)]
    return [hand for _, _, hand in sorted(found, key=lambda each: each[:2])]


def _unit(vector: Array) -> Array:
    return vector / np.linalg.norm(vector)


def _tool_pose(course: _Course, hand: _Hand, fingers_m: Array, at: int) -> Pose:
    """Return T_world_tcp that touches the spot with the fingers' foremost corner, at one position of the joint."""
    T_world_link = course.T_world_links[at]
    normal = T_world_link.rotation() @ np.array(hand.spot.normal)
    point = T_world_link.apply(hand.spot.point_m)
    R = course.turn(at, 1.0 - hand.stays) @ _attitude(course.T_world_links[0], hand)
    corners = fingers_m @ R.T
    tip = R @ np.array([*fingers_m.mean(axis=0)[:2], fingers_m[:, 2].max()])
    origin = point - tip
    origin += normal * (-_INTO_M - float(((origin + corners - point) @ normal).min()))
    T = np.eye(4)
    T[:3, :3], T[:3, 3] = R, origin
    return Pose.from_matrix(T)


def _attitude(T_world_link: Pose, hand: _Hand) -> Array:
    """Return the attitude (3, 3) of the tool at the start of the push."""
    inward = -(T_world_link.rotation() @ np.array(hand.spot.normal))
    level = np.cross([0.0, 0.0, 1.0] if abs(inward[2]) < 0.9 else [1.0, 0.0, 0.0], inward)
    level /= np.linalg.norm(level)
    upright = np.cross(inward, level)
    about_upright, about_level = hand.lean_rad
    approach = _rotation(upright * about_upright) @ _rotation(level * about_level) @ inward
    # The hand is thin along x: that side is turned to the face.
    x = inward - approach * float(inward @ approach)
    x = level if np.linalg.norm(x) < _STRAIGHT else _unit(x)
    x = _rotation(approach * hand.turn_rad) @ x
    return np.stack([x, np.cross(approach, x), approach], axis=1)


def _has_room(means: Means, closed: Situation, course: _Course, at: int, T_world_tcp: Pose) -> bool:
    """Whether the gripper, wherever its arm would have to be, is clear of all but its fingers of the part."""
    workspace = means.workspace
    reach_m = float(np.linalg.norm(np.subtract(T_world_tcp.position_m, workspace.world.T_world_base.position_m)))
    if reach_m > workspace.robot.reach_m + _BEYOND_M:
        return False
    workspace.world.set_joint(course.joint, course.positions[at])
    free = workspace.world.gripper_clearance_m(T_world_tcp, closed.arm_rad) >= _SCRAPE_M
    workspace.world.set_joint(course.joint, course.positions[0])
    return free


_STRAIGHT = 1e-3
_BEYOND_M = 0.45
"""The tool is never farther from the base than the arm's reach and this: base height and gripper are in it."""


# --- the arm


def _legs(
    means: Means, closed: Situation, course: _Course, T_world_tcps: Sequence[Pose], arm_rad: Array
) -> tuple[Leg, ...] | None:
    world, distances = means.workspace.world, means.distances
    means.arrange(closed)
    if not means.workspace.is_clear(arm_rad, distances.near_m):
        return None
    line = _line(means, closed, course, T_world_tcps[1:], arm_rad)
    if line is None:
        return None
    approach = _approach(means, closed, T_world_tcps[0], arm_rad)
    if approach is None:
        return None
    world.set_joint(course.joint, course.positions[0])
    at = replace(closed, arm_rad=arm_rad)
    joints = {**closed.joints, course.joint: course.positions[-1]}
    after = replace(at, arm_rad=line.path_rad[-1], joints=joints, touched=(course.link,))
    return (
        Follow(approach.reversed(), Manner.STRAIGHT, Phase.APPROACH, at),
        Follow(line, Manner.CONTACT, Phase.PUSH, after),
    )


def _line(
    means: Means, closed: Situation, course: _Course, T_world_tcps: Sequence[Pose], arm_rad: Array
) -> Line | None:
    """Return the arm's way through the push, where it stays free with the part where it is by then."""
    line = next((each for each in _lines(means, T_world_tcps, arm_rad) if each is not None), None)
    if line is None:
        return None
    world = means.workspace.world
    means.allow(closed, ([course.link], world.finger_links))
    # The first point of the line lies before the face, the second on it.
    positions = (course.positions[0], *course.positions)
    rows = sorted(range(len(positions)), key=lambda at: (at not in (0, len(positions) - 1), -(at & -at)))
    for row in rows:
        world.set_joint(course.joint, positions[row])
        if not means.workspace.is_clear(line.path_rad[row], _SCRAPE_M):
            return None
    return line


def _lines(means: Means, T_world_tcps: Sequence[Pose], arm_rad: Array) -> Iterator[Line | None]:
    """Yield the arm's way with the hand as it is asked for, and turned about its approach as the arm likes."""
    for free_turns in ((), (2,)):
        yield means.workspace.line(arm_rad, T_world_tcps, free_turns)


def _approach(means: Means, closed: Situation, T_world_tcp: Pose, arm_rad: Array) -> Line | None:
    """Return a free line away from where the push begins."""
    distances = means.distances
    means.arrange(closed)
    back = -T_world_tcp.rotation()[:, 2] * distances.approach_m
    line = means.line(arm_rad, poses_between(T_world_tcp, back), distances.near_m)
    return line if line is not None and means.workspace.is_clear(line.path_rad[-1], distances.padding_m) else None


# --- rotations


def _rotation_vector(R: Array) -> Array:
    """Return axis times angle of a rotation of less than half a turn."""
    axis = np.array([R[2, 1] - R[1, 2], R[0, 2] - R[2, 0], R[1, 0] - R[0, 1]]) / 2
    sine = float(np.linalg.norm(axis))
    angle = float(np.arctan2(sine, (np.trace(R) - 1) / 2))
    return axis * (angle / sine) if sine > 1e-9 else np.zeros(3)


def _rotation(vector_rad: Array) -> Array:
    """Return the rotation by axis times angle (Rodrigues)."""
    angle = float(np.linalg.norm(vector_rad))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = vector_rad / angle
    K = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + np.sin(angle) * K + (1 - np.cos(angle)) * (K @ K)
