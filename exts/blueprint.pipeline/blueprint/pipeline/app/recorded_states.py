"""The engine's own states of an episode at physics rate, put back into a simulator."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.app.opened_episode import OpenedEpisode
from blueprint.pipeline.episode.states import CTRL_BEFORE, States
from blueprint.pipeline.errors import InputError
from blueprint.pipeline.sims.engines import open_sim
from blueprint.pipeline.sims.newton_mujoco.hypotheses import Change
from blueprint.pipeline.sims.newton_mujoco.sim import RawState
from blueprint.pipeline.sims.protocols import Sim

Array = NDArray[np.float64]

CHANNELS = ("qpos", "qvel", "ctrl", "qacc_warmstart", "actuator_force")
ENGINES = ("mujoco",)
"""The engines that record their own state."""


class NoRawStates(InputError):
    """An episode whose engine records no states from which it can be stepped again."""

    def __init__(self, episode: str, engine: str) -> None:
        super().__init__(
            f"{episode}: the engine {engine!r} records no states at physics rate, so nothing can be stepped again; "
            f"replays need one of {', '.join(ENGINES)}"
        )


class NoSuchFrame(InputError):
    """A frame from which there is nothing to step."""

    def __init__(self, episode: str, frame: int, frame_count: int) -> None:
        super().__init__(f"{episode}: frame {frame} is none from which to go on; it has 0 to {frame_count - 2}")


@runtime_checkable
class Restorable(Protocol):
    """A simulator that returns to a recorded state of its own."""

    def raw_state(self) -> RawState:
        """Return the state before the next step."""
        ...

    def restore_raw(self, raw: RawState) -> None:
        """Return to a recorded state."""
        ...

    def set_controls(self, ctrl: Array) -> None:
        """Set every actuator's target."""
        ...

    def suppose(self, changes: Sequence[Change]) -> None:
        """Change physical numbers."""
        ...

    def step(self, count: int = 1) -> None:
        """Advance."""
        ...


def restores_raw(engine: str) -> bool:
    """Whether episodes of an engine can be stepped again from recorded states."""
    return engine in ENGINES


def require_raw_states(opened: OpenedEpisode) -> None:
    """Raise NoRawStates where an episode's engine cannot be put back into a recorded state."""
    if not restores_raw(opened.summary.engine):
        raise NoRawStates(opened.summary.id, opened.summary.engine)


@dataclass(frozen=True, eq=False)
class RawStates:
    """The recorded states (S rows) before each step; a last row, if there is one more, is the state after the last."""

    episode: str
    time_s: Array
    channels: dict[str, Array]
    ctrl_before: Array
    substeps: int
    fps: int
    frame_count: int

    @classmethod
    def load(cls, states: States) -> "RawStates":
        """Read the states of an episode; raises ScanError where they were not recorded."""
        channels = {name: states.physics(name) for name in CHANNELS}
        substeps = int(states.attributes["substeps"])
        return cls(
            states.path.parent.name,
            states.physics("time_s"),
            channels,
            states.physics(CTRL_BEFORE)[0],
            substeps,
            states.fps,
            states.frame_count,
        )

    @property
    def step_count(self) -> int:
        """Number of steps that were made."""
        return (self.frame_count - 1) * self.substeps

    def state(self, step: int) -> RawState:
        """Return the state before a step."""
        return RawState(float(self.time_s[step]), *(self.channels[name][step] for name in CHANNELS))

    def show_frame(self, sim: Sim, frame: int) -> None:
        """Bring a simulator to the instant of a frame."""
        assert isinstance(sim, Restorable)
        step = min(frame * self.substeps, len(self.time_s) - 1)
        sim.restore_raw(self.state(step))
        # The state after the last step may not be recorded; it follows from the one before.
        if frame * self.substeps > step:
            sim.step(1)
        else:
            # What is measured in a frame is measured before its first target is sent.
            sim.set_controls(self.channels["ctrl"][step - 1] if step else self.ctrl_before)


def open_recorded(opened: OpenedEpisode, from_frame: int = 0) -> tuple[Sim, RawStates]:
    """Open an episode's scene with its variant, and read its states; raises NoRawStates and NoSuchFrame.

    The caller closes the simulator. Scene and states must be at hand.
    """
    assert opened.scene is not None
    assert opened.states is not None
    require_raw_states(opened)
    if not 0 <= from_frame < opened.states.frame_count - 1:
        raise NoSuchFrame(opened.summary.id, from_frame, opened.states.frame_count)
    sim = open_sim(opened.summary.engine, opened.scene)
    sim.reset(opened.variant.edits if opened.variant else ())
    return sim, RawStates.load(opened.states)
