"""The numbers behind a verdict, all computed from recorded states."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.boxes import View, share_in_view
from blueprint.pipeline.episode.geometry import Shapes, owner_of
from blueprint.pipeline.episode.goals import InRegion
from blueprint.pipeline.episode.grips import Grip, carried_from, slip_since_m
from blueprint.pipeline.episode.judgement import Judged, hold_frames, lost_grip
from blueprint.pipeline.episode.margins import rise_m
from blueprint.pipeline.episode.movement import energy_j, mean_jerk_m_s3, path_efficiency, speed_evenness
from blueprint.pipeline.episode.tasks import Region, Task
from blueprint.pipeline.episode.touches import ROBOT, Touches
from blueprint.pipeline.scene.pose_arrays import lengths
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.sims.clearances import Clearances

Array = NDArray[np.float64]


def measure(
    judged: Judged,
    task: Task,
    robot: Robot,
    views: Sequence[View],
    hand: Sequence[str],
    clearances: Clearances,
    *,
    physics: bool,
) -> dict[str, float]:
    """Measure one recorded attempt; what was not recorded or has no frames to be measured on is left out.

    `views` are the recorded cameras, `hand` the links of the hand, `clearances` the scene's colliders; `physics` says
    whether forces were measured.
    """
    measured: dict[str, float | None] = {
        **_motion(judged, robot, physics=physics),
        **_nearness(judged, task, clearances),
    }
    if task.object in judged.shapes.geometry.owners:
        measured["target_in_view_share"] = share_in_view(judged.shapes, task.object, views, hand)
    measured |= {**_placing(judged, task), **_grips(judged)}
    if physics:
        everything = judged.touches.robot_pairs(lambda other: np.ones(len(other), dtype=bool))
        measured["force_peak_n"] = float(judged.touches.strongest_n(everything).max())
    return {name: value for name, value in measured.items() if value is not None}


def _motion(judged: Judged, robot: Robot, *, physics: bool) -> dict[str, float | None]:
    track, arm = judged.shapes.track, slice(0, len(robot.arm.joints))
    joints = track.joint_position[:, arm]
    margin = np.minimum(joints - np.array(robot.arm.lower_rad), np.array(robot.arm.upper_rad) - joints)
    return {
        "duration_s": float(track.time_s[-1] - track.time_s[0]),
        "joint_limit_margin_rad": float(margin.min()),
        "tool_path_m": float(lengths(np.diff(track.tcp_position_m, axis=0)).sum()),
        "tracking_error_rad": float(np.abs(joints - track.command[:, arm]).max()),
        "path_efficiency": path_efficiency(track),
        "mean_jerk_m_s3": mean_jerk_m_s3(track),
        "speed_evenness": speed_evenness(track),
        "energy_j": energy_j(track, arm) if physics else None,
    }


def _nearness(judged: Judged, task: Task, clearances: Clearances) -> dict[str, float | None]:
    track = judged.shapes.track
    spared = {owner_of(name) for name in (*task.handled, *task.roles.values())}
    depth = float(track.contact_depth_m.max()) if len(track.contact_depth_m) else None
    return {"clearance_m": clearances.least_m(track, spared), "contact_penetration_m": depth}


def _placing(judged: Judged, task: Task) -> dict[str, float]:
    track, shapes = judged.shapes.track, judged.shapes
    if task.object not in track.prop_names:
        return {}
    span = min(track.frame_count, hold_frames(task, track.fps))
    position = track.prop_position_m[-span:, track.prop_names.index(task.object)]
    placed = [_placed_off_m(shapes, goal.region, goal.object) for goal in task.goals if isinstance(goal, InRegion)]
    return {
        "lift_height_m": float(rise_m(shapes, task.object).max()),
        "hold_drift_m": float(lengths(position - position[-1]).max()),
        **({"place_error_m": max(placed)} if placed else {}),
    }


def _grips(judged: Judged) -> dict[str, float]:
    held = [grip for grip in judged.grips if grip.held in judged.shapes.track.prop_names]
    if not held:
        return {}
    lost = [grip for grip in held if lost_grip(judged.shapes, judged.touches, grip) is not None]
    return {
        "grasp_count": float(len(held)),
        "lost_grasp_count": float(len(lost)),
        "carry_slip_m": max(_slips_m(judged, held)),
        "grip_force_n": float(np.mean([grip_force_n(judged.touches, grip) for grip in held])),
    }


def _slips_m(judged: Judged, grips: list[Grip]) -> Iterator[float]:
    for grip in grips:
        start = carried_from(judged.shapes.track, grip)
        yield float(slip_since_m(judged.shapes.track, grip.held, start)[start : grip.end + 1].max())


def grip_force_n(touches: Touches, grip: Grip) -> float:
    """Return the mean over a grasp's frames of the force between robot and prop, halved for two fingers."""
    total = touches.total_n(touches.between(grip.held, ROBOT))
    return float(total[grip.start : grip.end + 1].mean() / 2)


def _placed_off_m(shapes: Shapes, region: Region, prop: str) -> float:
    """Return how far the middle of a prop's shadow is from the middle of a region at the end."""
    cosine, sine = np.cos(region.yaw_rad), np.sin(region.yaw_rad)
    flat = shapes.points_m(prop)[-1, :, :2] - np.asarray(region.center_m)[:2]
    local: Array = flat @ np.array([[cosine, -sine], [sine, cosine]])
    return float(np.linalg.norm((local.min(axis=0) + local.max(axis=0)) / 2))
