"""Push: shove a thing along what it stands on, with the tips of two fingers side by side behind it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.planning.cartesian import poses_between
from blueprint.pipeline.scene.poses import Pose

from .fingertips import finger_corners_m
from .legs import Follow, Leg, Manner, Spread, Transit
from .means import Means
from .situation import Situation

Array = NDArray[np.float64]

_LEANS_RAD = (0.5, 0.25, 0.0, 0.8, 1.1)
"""How far the hand leans back over its way, so that the palm stays behind tall things."""
_ASIDE_RAD = (0.4, -0.4, 0.7, -0.7, 1.0, -1.0)
"""How far it leans to a side, so that the wrist may stay nearer than the thing, or come round what stands there."""
_LEANS_ASIDE_RAD = (0.3, 0.0)
_HEIGHTS_M = (0.008, 0.022, 0.036)
"""Heights of the fingertips over the support: low does not tip a thing over, higher gets at an overhanging rim."""
_HIGHEST_SHARE = 0.6
"""Fingertips above this share of a thing's height would tip it over."""
_FRICTION = 0.6
"""What stands with this friction tips over its front edge when it is pushed higher than half its depth over this."""
_BACK_M = 0.02
_BEHIND_M = 0.012
"""Room between fingertips and thing before the push."""
_NO_WAY_M = 1e-3
_TIP_SHARE = 0.5
"""Opening of the fingers as a share of the thing's breadth: two points of contact keep it from turning."""


@dataclass(frozen=True, eq=False, slots=True)
class _Stroke:
    """A level push of corners (K, 3) in the world, about their mass centre, by a way along a unit direction."""

    corners_m: Array
    center_m: Array
    direction: Array
    way_m: float

    @property
    def across(self) -> Array:
        """The level direction across the way."""
        return np.array([-self.direction[1], self.direction[0], 0.0])

    @property
    def tall_m(self) -> float:
        """How high the thing is."""
        return float(np.ptp(self.corners_m[:, 2]))

    def breadth_m(self) -> float:
        """Return how broad the thing is across the way, low down."""
        return float(np.ptp(self._low_m() @ self.across))

    def highest_m(self) -> float:
        """Return the height at which a push still does not tip the thing over."""
        depth_m = float(np.ptp(self._low_m() @ self.direction))
        return min(_HIGHEST_SHARE * self.tall_m, depth_m / 2 / _FRICTION)

    def _low_m(self) -> Array:
        low = self.corners_m[:, 2] < self.corners_m[:, 2].min() + max(0.03, 0.3 * self.tall_m)
        return self.corners_m[low]


@dataclass(frozen=True, slots=True)
class _Hand:
    """How the hand pushes: fingertips' height, how far it leans back and aside, the fingers' opening.

    The fingers are side by side, or one behind the other; `turned` is the same with the fingers exchanged.
    """

    height_m: float
    lean_rad: float
    aside_rad: float
    in_line: bool
    turned: bool
    width_m: float

    def axes(self, direction: Array) -> Array:
        """Return the tool's axes as columns (3, 3) for a level push along a unit direction."""
        across = np.array([-direction[1], direction[0], 0.0])
        upright = np.array([0.0, 0.0, -1.0]) * np.cos(self.aside_rad) + across * np.sin(self.aside_rad)
        approach = upright * np.cos(self.lean_rad) + direction * np.sin(self.lean_rad)
        beside = np.cross(direction, approach) / float(np.linalg.norm(np.cross(direction, approach)))
        closing = np.cross(approach, beside) if self.in_line else beside
        sign = -1.0 if self.turned else 1.0
        columns = [sign * np.cross(closing, approach), sign * closing, approach]
        return np.stack(columns, axis=1, dtype=np.float64)


def plan_push(means: Means, before: Situation, step: Step) -> Iterator[tuple[Leg, ...]]:
    """Shove `object` to where its `pose` is, level, in one straight stroke."""
    prop, pose = step.roles["object"], step.pose
    assert pose is not None
    stroke = _stroke_of(means, before, prop, pose)
    if stroke is None:
        yield ()
        return
    links = means.workspace.world.links_of(prop)
    for hand in _hands(means, stroke):
        spread = replace(before, width_m=hand.width_m)
        tools = _tool_poses(means, stroke, hand)
        means.workspace.watch.begin()
        if not means.workspace.may_reach(tools):
            continue
        for arm_rad in means.postures(tools[0], before.arm_rad):
            legs = _legs(means, spread, prop, pose, tools, arm_rad, links)
            if legs is not None:
                yield Spread(spread, lets_go=False), Transit(None, Manner.FREE, Phase.REACH, spread), *legs


def _hands(means: Means, stroke: _Stroke) -> Iterator[_Hand]:
    gripper = means.workspace.robot.gripper
    width_m = float(np.clip(stroke.breadth_m() * _TIP_SHARE, gripper.min_width_m, gripper.max_width_m))
    tried_m = (*_HEIGHTS_M, stroke.tall_m - _under_palm_m(means))
    heights_m = [each for each in tried_m if 0 < each < stroke.highest_m()]
    for in_line, aside_rad in ((False, 0.0), (True, 0.0), *((False, aside_rad) for aside_rad in _ASIDE_RAD)):
        # A hand that leans aside has one finger over the other: closed, they push with their length across the way.
        width = gripper.min_width_m if in_line or aside_rad else width_m
        leans = _LEANS_RAD if aside_rad == 0.0 else _LEANS_ASIDE_RAD
        for height_m, lean_rad, turned in product(heights_m, leans, (False, True)):
            yield _Hand(height_m, lean_rad, aside_rad, in_line, turned, width)


def _legs(
    means: Means,
    spread: Situation,
    prop: str,
    pose: Pose,
    T_world_tools: tuple[Pose, Pose],
    arm_rad: Array,
    links: tuple[str, ...],
) -> tuple[Leg, ...] | None:
    start, end = T_world_tools
    distances = means.distances
    means.arrange(spread)
    down = means.line(arm_rad, poses_between(start, np.array([0.0, 0.0, distances.approach_m])), distances.near_m)
    if down is None or not means.workspace.is_clear(down.path_rad[-1], distances.padding_m):
        return None
    way = np.subtract(end.position_m, start.position_m)
    means.allow(spread, (links, means.workspace.world.gripper_links))
    line = means.line(arm_rad, poses_between(start, way), distances.near_m)
    if line is None:
        return None
    beside = replace(spread, arm_rad=arm_rad)
    after = replace(
        beside, arm_rad=line.path_rad[-1], T_world_props={**spread.T_world_props, prop: pose}, touched=links
    )
    # Straight back first: fingers that rise while they lean on a thing drag it along.
    back = means.workspace.line(line.path_rad[-1], poses_between(end, way * (-_BACK_M / float(np.linalg.norm(way)))))
    if back is None:
        return None
    return (
        Follow(down.reversed(), Manner.STRAIGHT, Phase.APPROACH, beside),
        Follow(line, Manner.CONTACT, Phase.PUSH, after),
        Follow(back, Manner.STRAIGHT, Phase.RETREAT, replace(after, arm_rad=back.path_rad[-1])),
    )


def _under_palm_m(means: Means) -> float:
    """Return how much of the fingers reaches out of the palm, less a hair: so much of a tall thing goes under it."""
    boxes = means.workspace.robot.gripper_boxes
    tip_m = boxes.finger_center_z_m + boxes.finger_half_m[2]
    return tip_m - (boxes.palm_center_m[2] + boxes.palm_half_m[2]) - 0.004


def _stroke_of(means: Means, before: Situation, prop: str, pose: Pose) -> _Stroke | None:
    """Return the push that moves a prop's middle to where the pose has it; None where it is there already."""
    now, world = before.T_world_props[prop], means.workspace.world
    corners = now.apply(means.corners_m(prop))
    middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
    moved = pose.apply(now.inverse().apply(middle)) - middle
    way_m = float(np.linalg.norm(moved[:2]))
    if way_m < _NO_WAY_M:
        return None
    return _Stroke(corners, now.apply(world.mass_center_m(prop)), np.array([*moved[:2] / way_m, 0.0]), way_m)


def _tool_poses(means: Means, stroke: _Stroke, hand: _Hand) -> tuple[Pose, Pose]:
    """Return T_world_tcp before the push and at its end."""
    R = hand.axes(stroke.direction)
    fingers = finger_corners_m(means, hand.width_m) @ R.T
    base_m = float(stroke.corners_m[:, 2].min()) + hand.height_m
    top_m = base_m + float(np.ptp(fingers[:, 2]))
    beside = (stroke.corners_m[:, 2] > base_m) & (stroke.corners_m[:, 2] < top_m)
    # A thing without corners at the fingers' height has straight sides there.
    facing = stroke.corners_m[beside] if beside.any() else stroke.corners_m
    back_m = float(((facing - stroke.center_m) @ stroke.direction).min())
    touch = stroke.center_m + stroke.direction * (back_m - float((fingers @ stroke.direction).max()))
    touch[2] = base_m - float(fingers[:, 2].min())
    T = np.eye(4)
    T[:3, :3], T[:3, 3] = R, touch - stroke.direction * _BEHIND_M
    start = Pose.from_matrix(T)
    T[:3, 3] = touch + stroke.direction * stroke.way_m
    return start, Pose.from_matrix(T)
