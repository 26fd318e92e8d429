"""The numbers behind a verdict, all computed from recorded states."""

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.success import SuccessRules, distance_outside_m, slip_since_m
from blueprint.pipeline.episode.tasks import Region, Task
from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.scene.poses import rotation_from_quat
from blueprint.pipeline.scene.robots import Robot

Array = NDArray[np.float64]


def measure(track: Track, task: Task, corners_m: Array, robot: Robot) -> dict[str, float]:
    """Measure one recorded attempt; what has no frames to be measured on is left out."""
    rules, prop = SuccessRules(), track.prop_names.index(task.object)
    position = track.prop_position_m[:, prop]
    span = min(track.frame_count, round(rules.rest_s * track.fps))
    arm = track.joint_position[:, : len(robot.arm.joints)]
    margin = np.minimum(arm - np.array(robot.arm.lower_rad), np.array(robot.arm.upper_rad) - arm)
    measures = {
        "duration_s": float(track.time_s[-1] - track.time_s[0]),
        "lift_height_m": float(position[:, 2].max() - position[0, 2]),
        "hold_drift_m": float(np.linalg.norm(position[-span:] - position[-1], axis=1).max()),
        "joint_limit_margin_rad": float(margin.min()),
        "tool_path_m": float(np.linalg.norm(np.diff(track.tcp_position_m, axis=0), axis=1).sum()),
        "tracking_error_rad": float(np.abs(arm - track.command[:, : arm.shape[1]]).max()),
    }
    for region in task.regions():
        placed_m = position[-1, :2] - _region_origin_m(track, region, prop, corners_m)
        measures["place_error_m"] = float(np.linalg.norm(placed_m))
        outside_m = distance_outside_m(track, region, prop, corners_m, track.frame_count - 1)
        measures["outside_region_m"] = max(0.0, outside_m)
    if len(track.contact_depth_m):
        measures["contact_penetration_m"] = float(track.contact_depth_m.max())
    held = np.flatnonzero((track.phase > Phase.LIFT) & (track.phase < Phase.OPEN))
    if len(held):
        measures["carry_slip_m"] = float(slip_since_m(track, task.object, int(held[0]))[held].max())
        measures["grip_force_n"] = grip_force_n(track, task.object, held)
    return measures


def grip_force_n(track: Track, prop: str, frames: NDArray[np.intp]) -> float:
    """Return the mean over frames of the total force between robot and prop, halved for two fingers."""
    owner = np.array([name.split("/", 1)[0] for name in track.body_names])
    first, second = owner[track.contact_first], owner[track.contact_second]
    ours = ((first == prop) & (second == "robot")) | ((first == "robot") & (second == prop))
    force = np.where(ours, np.linalg.norm(track.contact_force_n, axis=1), 0.0)
    sums = [force[track.contact_offset[f] : track.contact_offset[f + 1]].sum() for f in frames]
    return float(np.mean(sums) / 2)


def _region_origin_m(track: Track, region: Region, prop: int, corners_m: Array) -> Array:
    """Return where the prop's origin would be with its shadow in the middle of the region, as it is turned now."""
    flat = (corners_m @ rotation_from_quat(track.prop_quat_wxyz[-1, prop]).T)[:, :2]
    cosine, sine = np.cos(region.yaw_rad), np.sin(region.yaw_rad)
    turn = np.array([[cosine, -sine], [sine, cosine]])
    local = flat @ turn
    return np.asarray(region.center_m)[:2] - turn @ ((local.min(axis=0) + local.max(axis=0)) / 2)
