"""The numbers behind a verdict, all computed from recorded states."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.geometry import Shapes
from blueprint.pipeline.episode.grips import Grip, carried_from, slip_since_m
from blueprint.pipeline.episode.judgement import Judged, hold_frames, lost_grip
from blueprint.pipeline.episode.margins import rise_m
from blueprint.pipeline.episode.tasks import Region, Task
from blueprint.pipeline.episode.touches import ROBOT, Touches
from blueprint.pipeline.scene.robots import Robot

Array = NDArray[np.float64]


def measure(judged: Judged, task: Task, robot: Robot) -> dict[str, float]:
    """Measure one recorded attempt; what has no frames to be measured on is left out."""
    track, shapes = judged.shapes.track, judged.shapes
    arm = track.joint_position[:, : len(robot.arm.joints)]
    margin = np.minimum(arm - np.array(robot.arm.lower_rad), np.array(robot.arm.upper_rad) - arm)
    measures = {
        "duration_s": float(track.time_s[-1] - track.time_s[0]),
        "joint_limit_margin_rad": float(margin.min()),
        "tool_path_m": float(np.linalg.norm(np.diff(track.tcp_position_m, axis=0), axis=1).sum()),
        "tracking_error_rad": float(np.abs(arm - track.command[:, : arm.shape[1]]).max()),
    }
    if task.object in track.prop_names:
        span = min(track.frame_count, hold_frames(task, track.fps))
        position = track.prop_position_m[-span:, track.prop_names.index(task.object)]
        measures["lift_height_m"] = float(rise_m(shapes, task.object).max())
        measures["hold_drift_m"] = float(np.linalg.norm(position - position[-1], axis=1).max())
        for region in task.regions():
            error_m = _placed_off_m(shapes, region, task.object)
            measures["place_error_m"] = max(error_m, measures.get("place_error_m", 0.0))
    if len(track.contact_depth_m):
        measures["contact_penetration_m"] = float(track.contact_depth_m.max())
    return {**measures, **_grips(judged)}


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
