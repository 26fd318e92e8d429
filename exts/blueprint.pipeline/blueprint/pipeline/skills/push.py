"""Push: shove a thing along what it stands on, with the tips of two fingers side by side behind it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.planning.cartesian import poses_between
from blueprint.pipeline.scene.poses import Pose

from .legs import Follow, Leg, Manner, Spread, Transit
from .means import Means
from .situation import Situation

Array = NDArray[np.float64]

_LEANS_RAD = (0.5, 0.25, 0.0, 0.8, 1.1)
"""How far the hand leans back over its way, so that the palm stays behind tall things."""
_BEHIND_M = 0.012
"""Room between fingertips and thing before the push."""
_ABOVE_M = 0.008
"""Height of the fingertips over the support."""
_TIP_SHARE = 0.5
"""Opening of the fingers as a share of the thing's breadth: two points of contact keep it from turning."""


@dataclass(frozen=True, slots=True)
class _Stroke:
    """A level push: unit direction, way in metres, where the thing's back is, how broad it is there, its base."""

    direction: Array
    way_m: float
    back_m: Array
    breadth_m: float
    base_m: float


def plan_push(means: Means, before: Situation, step: Step) -> Iterator[tuple[Leg, ...]]:
    """Shove `object` to where its `pose` is, level, in one straight stroke."""
    prop, pose = step.roles["object"], step.pose
    assert pose is not None
    stroke = _stroke_of(means, before, prop, pose)
    if stroke is None:
        yield ()
        return
    gripper = means.workspace.robot.gripper
    width_m = float(np.clip(stroke.breadth_m * _TIP_SHARE, gripper.min_width_m, gripper.max_width_m))
    spread = replace(before, width_m=width_m)
    links = means.workspace.world.links_of(prop)
    for lean_rad in _LEANS_RAD:
        T_world_start, T_world_end = _tool_poses(means, stroke, lean_rad)
        for arm_rad in means.postures(T_world_start, before.arm_rad):
            legs = _legs(means, spread, prop, pose, (T_world_start, T_world_end), arm_rad, links)
            if legs is not None:
                yield Spread(spread, lets_go=False), Transit(None, Manner.FREE, Phase.REACH, spread), *legs


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
    return (
        Follow(down.reversed(), Manner.STRAIGHT, Phase.APPROACH, beside),
        Follow(line, Manner.CONTACT, Phase.PUSH, after),
    )


def _stroke_of(means: Means, before: Situation, prop: str, pose: Pose) -> _Stroke | None:
    """Return the push that moves a prop's middle to where the pose has it; None where it is there already."""
    now, solids = before.T_world_props[prop], means.workspace.world.solids(prop)
    corners = now.apply(np.concatenate([solid.corners_m for solid in solids]))
    middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
    moved = pose.apply(now.inverse().apply(middle)) - middle
    way_m = float(np.linalg.norm(moved[:2]))
    if way_m < 1e-3:
        return None
    direction = np.array([*moved[:2] / way_m, 0.0])
    across = np.array([-direction[1], direction[0], 0.0])
    # Fingers push low, so only what is low counts as the thing's back.
    low = corners[corners[:, 2] < corners[:, 2].min() + max(0.03, 0.3 * np.ptp(corners[:, 2]))]
    center = now.apply(means.workspace.world.mass_center_m(prop))
    back = center + direction * float(((low - center) @ direction).min())
    return _Stroke(direction, way_m, back, float(np.ptp(low @ across)), float(corners[:, 2].min()))


def _tool_poses(means: Means, stroke: _Stroke, lean_rad: float) -> tuple[Pose, Pose]:
    """Return T_world_tcp before the push and at its end: fingers side by side across the way, leaning back."""
    boxes = means.workspace.robot.gripper_boxes
    tip_m = boxes.finger_center_z_m + boxes.finger_half_m[2]
    approach = np.array([0.0, 0.0, -1.0]) * np.cos(lean_rad) + stroke.direction * np.sin(lean_rad)
    closing = np.array([-stroke.direction[1], stroke.direction[0], 0.0])
    R = np.stack([np.cross(closing, approach), closing, approach], axis=1)
    # Of the fingers' box, the lower front edge is what meets the thing and the support.
    front = boxes.finger_half_m[0] * abs(float(R[:, 0] @ stroke.direction)) + max(0.0, tip_m * np.sin(lean_rad))
    depth = tip_m * np.cos(lean_rad) + boxes.finger_half_m[0] * abs(float(R[2, 0]))
    touch = np.array([*stroke.back_m[:2], stroke.base_m + _ABOVE_M + depth]) - stroke.direction * front
    T = np.eye(4)
    T[:3, :3], T[:3, 3] = R, touch - stroke.direction * _BEHIND_M
    start = Pose.from_matrix(T)
    T[:3, 3] = touch + stroke.direction * stroke.way_m
    return start, Pose.from_matrix(T)
