"""Whether an episode succeeded, decided by geometry on recorded states alone.

Success is: the object was lifted, lies wholly in the region, the gripper is open and does not touch it, and it rests.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.outcomes import FailureCode
from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.tasks import Region, Task
from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.scene.poses import rotation_from_quat

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SuccessRules:
    """The bounds of success."""

    lift_m: float = 0.05
    rest_s: float = 0.5
    rest_speed_m_s: float = 0.01
    rest_turn_rad_s: float = 0.1
    open_m: float = 0.005
    slip_m: float = 0.02


@dataclass(frozen=True, slots=True)
class Verdict:
    """Success or the reason against it, with the frame where it shows."""

    failure: FailureCode
    frame: int | None
    message: str


SUCCESS = Verdict(FailureCode.NONE, None, "lifted, placed in the region, released and at rest")


def judge(track: Track, task: Task, corners_m: Array, rules: SuccessRules | None = None) -> Verdict:
    """Judge a recorded attempt; `corners_m` (K, 3) are the corners of the object's colliders in its frame."""
    rules = rules or SuccessRules()
    prop = track.prop_names.index(task.object)
    rise_m = track.prop_position_m[:, prop, 2] - track.prop_position_m[0, prop, 2]
    last = track.frame_count - 1
    if rise_m.max() < rules.lift_m:
        frame = _last_of(track, Phase.LIFT)
        return Verdict(FailureCode.SLIPPED, frame, f"lifted {rise_m.max():.3f} m, {rules.lift_m:g} m are asked for")
    dropped = first_drop(track, task.object, rules)
    if dropped is not None:
        return Verdict(FailureCode.DROPPED, dropped, "left the gripper before it was opened")
    if touches_gripper(track, task.object, last) or track.gripper_width_m[last] < _held_width_m(track) + rules.open_m:
        return Verdict(FailureCode.NOT_RELEASED, last, "the gripper still touches it or is not open")
    moving = first_motion_at_end(track, prop, rules)
    if moving is not None:
        return Verdict(FailureCode.NOT_AT_REST, moving, f"still moves within the last {rules.rest_s:g} s")
    for region in task.regions():
        outside_m = distance_outside_m(track, region, prop, corners_m, last)
        if outside_m > 0:
            return Verdict(FailureCode.NOT_IN_REGION, last, f"reaches {outside_m:.3f} m out of the region")
    return SUCCESS


def touches_gripper(track: Track, prop: str, frame: int) -> bool:
    """Whether any link of the robot touches a prop in a frame."""
    rows = slice(track.contact_offset[frame], track.contact_offset[frame + 1])
    pairs = zip(track.contact_first[rows], track.contact_second[rows], strict=True)
    owner = [name.split("/", 1)[0] for name in track.body_names]
    return any({prop, "robot"} == {owner[int(first)], owner[int(second)]} for first, second in pairs)


def measures_contacts(track: Track) -> bool:
    """Whether the engine reports contacts at all; with physics, something always stands on something."""
    return len(track.contact_first) > 0


def first_drop(track: Track, prop: str, rules: SuccessRules) -> int | None:
    """Return the first frame between lifting and opening in which the prop has slid or is not touched any more."""
    held = np.flatnonzero((track.phase > Phase.LIFT) & (track.phase < Phase.OPEN))
    if not len(held):
        return None
    slip_m = slip_since_m(track, prop, int(held[0]))
    for frame in held:
        lost = measures_contacts(track) and not touches_gripper(track, prop, int(frame))
        if slip_m[frame] > rules.slip_m or lost:
            return int(frame)
    return None


def slip_since_m(track: Track, prop: str, frame: int) -> Array:
    """Return how far the tool point has moved over the prop since a frame, (N,); swinging about the grip is no slip."""
    row = track.prop_names.index(prop)
    rotations: Array = np.stack([rotation_from_quat(quat) for quat in track.prop_quat_wxyz[:, row]])
    offset_m: Array = track.tcp_position_m - track.prop_position_m[:, row]
    local_m: Array = (offset_m[:, None, :] @ rotations)[:, 0]
    return np.sqrt(np.square(local_m - local_m[frame]).sum(axis=1))


def first_motion_at_end(track: Track, prop: int, rules: SuccessRules) -> int | None:
    """Return the first frame of the final span in which a prop moves or turns; the whole span where it is too short."""
    span = max(1, round(rules.rest_s * track.fps))
    if track.frame_count <= span:
        return 0
    position = track.prop_position_m[-span - 1 :, prop]
    quat = track.prop_quat_wxyz[-span - 1 :, prop]
    speed = np.linalg.norm(np.diff(position, axis=0), axis=1) * track.fps
    turn = 2 * np.linalg.norm(np.diff(quat, axis=0), axis=1) * track.fps
    moving = np.flatnonzero((speed > rules.rest_speed_m_s) | (turn > rules.rest_turn_rad_s))
    return int(track.frame_count - span + moving[0]) if len(moving) else None


def distance_outside_m(track: Track, region: Region, prop: int, corners_m: Array, frame: int) -> float:
    """Return how far an object reaches out of a region, level; not positive where it is wholly inside."""
    points = corners_m @ rotation_from_quat(track.prop_quat_wxyz[frame, prop]).T + track.prop_position_m[frame, prop]
    cosine, sine = np.cos(region.yaw_rad), np.sin(region.yaw_rad)
    local = (points[:, :2] - np.asarray(region.center_m)[:2]) @ np.array([[cosine, -sine], [sine, cosine]])
    return float((np.abs(local) - np.asarray(region.half_size_m)).max())


def _held_width_m(track: Track) -> float:
    held = (track.phase >= Phase.LIFT) & (track.phase < Phase.OPEN)
    return float(track.gripper_width_m[held].max()) if held.any() else 0.0


def _last_of(track: Track, phase: Phase) -> int:
    found = np.flatnonzero(track.phase == phase)
    return int(found[-1]) if len(found) else track.frame_count - 1
