"""Whether recorded states live: finite, in range, and changing where something moves; else an episode fails."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.endings import dead_sensor
from blueprint.pipeline.episode.grips import Grip
from blueprint.pipeline.episode.hand_senses import HandSenses
from blueprint.pipeline.episode.outcomes import Verdict
from blueprint.pipeline.episode.touches import ROBOT, Touches
from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.scene.pose_arrays import lengths

MOVED_RAD = 0.01
"""Commands that change by less than this in all are no motion that a sensor would have to show."""
FROZEN_STEP = 1e-8
"""A channel whose steps are all shorter than this is frozen (rad, m, N m and so on)."""
PLAUSIBLE = {
    "joint_position": 100.0,
    "joint_velocity": 500.0,
    "joint_effort": 1e4,
    "tcp_position_m": 100.0,
    "prop_position_m": 100.0,
    "body_position_m": 100.0,
    "contact_force_n": 1e5,
    "contact_depth_m": 0.1,
    "peak_force_n": 1e5,
    "gripper_width_m": 1.0,
}
"""The largest size that a value may have, in the channel's unit."""
UNIT_SLACK = 1e-3
TIME_SLACK_S = 1e-6
LEAST_GRIP_N = 0.05


@dataclass(frozen=True, slots=True)
class DeadChannel:
    """What is wrong with a channel, and the first frame that shows it; None for the whole episode."""

    channel: str
    frame: int | None
    fault: str

    def verdict(self) -> Verdict:
        """Return the verdict on an episode with it."""
        return dead_sensor(self.channel, self.frame, self.fault)


def dead_channels(touches: Touches, senses: HandSenses, grips: tuple[Grip, ...], *, physics: bool) -> list[DeadChannel]:
    """List the channels that do not live; `physics` says whether the engine measures forces at all."""
    track = touches.track
    found = [*_numbers(touches, senses), *_frozen(track, physics=physics)]
    if physics:
        found += _unfelt(touches, senses, grips)
    return found


def _numbers(touches: Touches, senses: HandSenses) -> Iterator[DeadChannel]:
    track = touches.track
    for name, limit in PLAUSIBLE.items():
        frame = _frame_of(name, touches)
        values = np.asarray(getattr(track, name))
        yield from _first(name, ~_rows(np.isfinite(values), np.all), "is not finite", frame)
        yield from _first(name, _rows(np.abs(values) > limit, np.any), f"is beyond {limit:g}", frame)
    turns = {"tcp_quat_wxyz": track.tcp_quat_wxyz, "prop_quat_wxyz": track.prop_quat_wxyz}
    for name, quat in {**turns, "body_quat_wxyz": track.body_quat_wxyz}.items():
        off = np.abs(lengths(quat) - 1)
        yield from _first(name, ~_rows(off < UNIT_SLACK, np.all), "is no unit quaternion")
    for name in ("wrench", "finger_force_n", "pad_force_n", "pad_center_m"):
        yield from _first(name, ~_rows(np.isfinite(getattr(senses, name)), np.all), "is not finite")
    late = np.abs(np.diff(track.time_s, prepend=track.time_s[0] - 1 / track.fps) - 1 / track.fps) > TIME_SLACK_S
    yield from _first("time_s", late, f"does not go on by 1/{track.fps} s")


def _frozen(track: Track, *, physics: bool) -> Iterator[DeadChannel]:
    """Look for channels that do not change although the robot was sent somewhere."""
    if track.frame_count < 2 or np.ptp(track.command, axis=0).max() < MOVED_RAD:
        return
    robot = [at for at, name in enumerate(track.joint_names) if name.startswith(f"{ROBOT}/")]
    moving = {
        "joint_position": track.joint_position[:, robot],
        "joint_velocity": track.joint_velocity[:, robot],
        "tcp_position_m": track.tcp_position_m,
    }
    if physics:
        moving["joint_effort"] = track.joint_effort[:, robot]
    for name, values in moving.items():
        if values.size and not (np.abs(np.diff(values, axis=0)) > FROZEN_STEP).any():
            yield DeadChannel(name, None, "never changes although the robot was sent somewhere")


def _unfelt(touches: Touches, senses: HandSenses, grips: tuple[Grip, ...]) -> Iterator[DeadChannel]:
    """Look for touch that no sensor shows: with physics something stands on something, and a grip presses the pads."""
    if not touches.measured:
        yield DeadChannel("contact_force_n", None, "lists no contact in any frame")
    for grip in grips:
        held = slice(grip.start, grip.end + 1)
        if grip.held and not senses.pad_force_n[held].max() > LEAST_GRIP_N:
            yield DeadChannel("pad_force_n", grip.start, f"shows no force while {grip.held} is held")
        if grip.held and not np.abs(senses.wrench[held]).max() > LEAST_GRIP_N:
            yield DeadChannel("wrench", grip.start, f"shows no force while {grip.held} is held")


def _rows(flags: NDArray[np.bool_], reduce: Callable[..., NDArray[np.bool_]]) -> NDArray[np.bool_]:
    return reduce(flags, axis=tuple(range(1, flags.ndim)))


def _frame_of(name: str, touches: Touches) -> NDArray[np.int64] | None:
    """Return the frame of each row of a channel that has one row per contact or peak."""
    if name.startswith("peak_") and len(touches.track.peak_force_n):
        return np.repeat(np.arange(touches.track.frame_count), np.diff(touches.track.peak_offset))
    return touches.contact_frames if name.startswith("contact_") else None


def _first(
    name: str, bad: NDArray[np.bool_], fault: str, frames: NDArray[np.int64] | None = None
) -> Iterator[DeadChannel]:
    rows = np.flatnonzero(bad)
    if len(rows):
        yield DeadChannel(name, int(rows[0] if frames is None else frames[rows[0]]), fault)
