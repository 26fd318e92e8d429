"""Carry out motions in the simulator: one command per frame, ramped over the physics steps, everything recorded."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.sims.protocols import Observation, Sim

from .recording import Layout, Recording

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Waits:
    """When a motion counts as finished, and how long to wait for it at most, in frames."""

    arrived_rad: float = 0.004
    arrive_frames: int = 12
    grip_frames: int = 5
    grip_limit_frames: int = 40
    stalled_m: float = 4e-4
    still_frames: int = 8


class Driver:
    """Sends commands and keeps the record; `command` is the last one sent, at first the one in force."""

    def __init__(self, sim: Sim, recording: Recording, command: Array, waits: Waits | None = None) -> None:
        self.sim, self.recording = sim, recording
        self.layout: Layout = recording.layout
        self.waits = waits or Waits()
        self.observation: Observation = sim.observe()
        self.command = command

    def follow(self, arm_rad: Array, phase: Phase, stop: Callable[[Observation], bool] | None = None) -> bool:
        """Send arm targets (T, n), one per frame, and wait until the arm has arrived.

        After a frame of which `stop` is true it stands still where it is told to be, and returns false.
        """
        for target in arm_rad:
            self._frame(np.concatenate([target, self._fingers()]), phase)
            if stop is not None and stop(self.observation):
                return False
        for _ in range(self.waits.arrive_frames if len(arm_rad) else 0):
            if self._arm_error_rad() <= self.waits.arrived_rad:
                break
            self._frame(self.command, phase)
        return True

    def close_gripper(self) -> float:
        """Close until the fingers stall, squeeze on, and return the width between the pads in metres."""
        gripper = self.layout.robot.gripper
        step_m, stalled = gripper.closing_width_m_s / self.recording.fps, 0
        for _ in range(self.waits.grip_limit_frames):
            before_m = self.width_m
            # The target leads the fingers by no more than the squeeze, which bounds the force.
            self._frame(
                self._with_width(max(self._target_m() - step_m, before_m - gripper.squeeze_width_m)), Phase.CLOSE
            )
            full = self._target_m() <= self.width_m - 0.95 * gripper.squeeze_width_m
            stalled = stalled + 1 if abs(self.width_m - before_m) < self.waits.stalled_m and full else 0
            if stalled >= self.waits.grip_frames:
                break
        return self.width_m

    def spread_gripper(self, width_m: float) -> None:
        """Bring the fingers to a width at closing speed, from what they hold or from where they are."""
        step_m = self.layout.robot.gripper.closing_width_m_s / self.recording.fps
        # The first step lets go of the squeeze at once; the pads do not move by it.
        target_m = max(self._target_m(), self.width_m)
        while abs(target_m - width_m) > 1e-9:
            target_m += float(np.clip(width_m - target_m, -step_m, step_m))
            self._frame(self._with_width(target_m), Phase.OPEN)
        for _ in range(2):
            self._frame(self.command, Phase.OPEN)

    @property
    def width_m(self) -> float:
        """The measured width between the pads."""
        return self.layout.gripper_width_m(self.observation)

    def hold(self, frames: int, phase: Phase) -> None:
        """Repeat the last command."""
        for _ in range(frames):
            self._frame(self.command, phase)

    def finish(self) -> None:
        """Record the last instant, after which nothing is stepped."""
        phase = Phase(self.recording.phases[-1]) if self.recording.phases else Phase.START
        self.recording.add(self.sim, self.observation, self.command, phase)

    def _frame(self, command: Array, phase: Phase) -> None:
        self.recording.add(self.sim, self.observation, command, phase)
        shares = np.arange(1, self.recording.substeps + 1) / self.recording.substeps
        raw = self.sim.drive(self.command + (command - self.command) * shares[:, None])
        if raw is not None:
            self.recording.raw.append(raw)
        self.command = np.array(command)
        self.observation = self.sim.observe()

    def _with_width(self, width_m: float) -> Array:
        fingers = self.layout.robot.gripper.positions_for_width(width_m)
        return np.concatenate([self.command[: -len(fingers)], fingers])

    def _fingers(self) -> Array:
        return self.command[-len(self.layout.finger_rows) :]

    def _target_m(self) -> float:
        """Return the width that the fingers are sent to."""
        return self.layout.robot.gripper.width_of(self._fingers())

    def _arm_error_rad(self) -> float:
        arm = self.observation.joint_position[self.layout.arm_rows]
        return float(np.abs(arm - self.command[: len(arm)]).max())
