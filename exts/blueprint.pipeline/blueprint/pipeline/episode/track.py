"""Recorded states of one attempt as arrays: the input of every judgement, in memory or read back from disk."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.states import FIRST_WITH_PEAKS, States

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Track:
    """Recorded states as arrays over N frames; the input of every judgement.

    Contacts of each frame's instant list `first` and `second` by row of `body_names`, with depths and forces beside
    them; peaks list the pairs of a robot's link and another that touched in any physics step from a frame to the next,
    with the greatest force of each. Body poses are those of the first rows of `body_names`, as many as there are; room
    boxes, listed behind them, do not move.
    """

    fps: int
    prop_names: tuple[str, ...]
    body_names: tuple[str, ...]
    time_s: Array
    phase: NDArray[np.int64]
    joint_position: Array
    command: Array
    tcp_position_m: Array
    tcp_quat_wxyz: Array
    gripper_width_m: Array
    prop_position_m: Array
    prop_quat_wxyz: Array
    contact_offset: NDArray[np.int64]
    contact_first: NDArray[np.int64]
    contact_second: NDArray[np.int64]
    contact_depth_m: Array
    contact_force_n: Array
    joint_names: tuple[str, ...] = ()
    body_position_m: Array = field(default_factory=lambda: np.zeros((0, 0, 3)))
    body_quat_wxyz: Array = field(default_factory=lambda: np.zeros((0, 0, 4)))
    joint_velocity: Array = field(default_factory=lambda: np.zeros((0, 0)))
    joint_effort: Array = field(default_factory=lambda: np.zeros((0, 0)))
    contact_position_m: Array = field(default_factory=lambda: np.zeros((0, 3)))
    contact_normal: Array = field(default_factory=lambda: np.zeros((0, 3)))
    peak_offset: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    peak_first: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    peak_second: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    peak_force_n: Array = field(default_factory=lambda: np.zeros(0))

    @property
    def frame_count(self) -> int:
        """Number of frames."""
        return len(self.time_s)


def load_track(states: States) -> Track:
    """Read the track of a recorded episode."""
    return Track(
        states.fps,
        states.names("prop_names"),
        states.names("body_names"),
        states.channel("time_s"),
        states.channel("phase").astype(np.int64),
        states.channel("joint_position"),
        states.channel("command"),
        states.channel("tcp_position_m"),
        states.channel("tcp_quat_wxyz"),
        states.channel("gripper_width_m"),
        states.channel("prop_position_m"),
        states.channel("prop_quat_wxyz"),
        states.channel("contact_offset"),
        states.channel("contact_first"),
        states.channel("contact_second"),
        states.channel("contact_depth_m"),
        states.channel("contact_force_n"),
        states.names("joint_names"),
        states.channel("body_position_m"),
        states.channel("body_quat_wxyz"),
        states.channel("joint_velocity"),
        states.channel("joint_effort"),
        states.channel("contact_position_m"),
        states.channel("contact_normal"),
        *_peaks(states),
    )


def _peaks(states: States) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Array]:
    """Read the greatest forces; before version 3 there were none, and what was not recorded stays empty."""
    if states.version < FIRST_WITH_PEAKS:
        none = np.zeros(0, dtype=np.int64)
        return none, none, none, np.zeros(0)
    rows = [states.channel(f"peak_{name}").astype(np.int64) for name in ("offset", "first", "second")]
    return rows[0], rows[1], rows[2], states.channel("peak_force_n").astype(np.float64)
