"""Step a recorded episode again from any frame and compare every state with the recorded one, bit by bit.

The recorded state of a frame is put back, the recorded targets of all actuators are sent at physics rate, and after
every step positions, velocities, warm start and actuator forces are compared. On another class of processor the last
bits differ by nature; there, links are compared by distance, and what happens is judged anew (`elsewhere`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.app.opened_episode import OpenedEpisode
from blueprint.pipeline.app.recorded_states import CHANNELS, RawStates, Restorable, open_recorded
from blueprint.pipeline.engine.keys import cpu_class
from blueprint.pipeline.episode.states import States
from blueprint.pipeline.sims.protocols import Sim

from .elsewhere import Elsewhere, step_elsewhere
from .proof import check_unchanged, same_machine

Array = NDArray[np.float64]

COMPARED = tuple(name for name in CHANNELS if name != "ctrl")


@dataclass(frozen=True, slots=True)
class Difference:
    """The first state that is not the recorded one: after which step, in which quantity, by how much."""

    step: int
    frame: int
    time_s: float
    quantity: str
    entry: int
    recorded: float
    found: float

    def sentence(self) -> str:
        """Say it."""
        place = f"step {self.step} (frame {self.frame}, {self.time_s:.4f} s)"
        return f"{place}: {self.quantity}[{self.entry}] is {self.found!r}, recorded was {self.recorded!r}"


@dataclass(frozen=True, slots=True)
class ExactReplay:
    """What a replay found; on another class of processor alone, `elsewhere` says what became of it there."""

    episode: str
    from_frame: int
    steps: int
    difference: Difference | None
    cpu_recorded: str
    cpu_here: str
    elsewhere: Elsewhere | None = None

    @property
    def bitwise(self) -> bool:
        """Whether states were compared bit by bit."""
        return self.cpu_recorded == self.cpu_here

    @property
    def passed(self) -> bool:
        """Whether the replay is what was recorded."""
        if self.bitwise:
            return self.difference is None
        return self.elsewhere is not None and self.elsewhere.passed

    def sentence(self) -> str:
        """Say what was found."""
        begin = f"{self.episode} from frame {self.from_frame}"
        if self.bitwise:
            if self.difference is None:
                return f"{begin}: identical, {self.steps} steps bit for bit"
            return f"{begin}: differs, first in {self.difference.sentence()}"
        there = f"recorded on {self.cpu_recorded}, replayed on {self.cpu_here}, so bits may differ and are not compared"
        found = self.elsewhere.sentence() if self.elsewhere is not None else "not stepped"
        return f"{begin}: {found}, over {self.steps} steps; {there}"


def replay_exactly(opened: OpenedEpisode, from_frame: int = 0) -> ExactReplay:
    """Step an episode again from a frame; raises ReplayRefused, NoRawStates and NoSuchFrame."""
    check_unchanged(opened)
    assert opened.states is not None
    sim, raw = open_recorded(opened, from_frame)
    try:
        difference = _first_difference(sim, raw, opened.states, from_frame) if same_machine(opened) else None
    finally:
        sim.close()
    steps = raw.step_count - from_frame * raw.substeps
    recorded_on = str(opened.header.get("cpu", ""))
    elsewhere = None if same_machine(opened) else step_elsewhere(opened, from_frame)
    return ExactReplay(opened.summary.id, from_frame, steps, difference, recorded_on, cpu_class(), elsewhere)


def _stepped(sim: Sim, raw: RawStates, from_frame: int) -> Iterator[int]:
    """Restore a frame and step with the recorded targets; yields the number of the state that was reached."""
    assert isinstance(sim, Restorable)
    start = from_frame * raw.substeps
    sim.restore_raw(raw.state(start))
    for step in range(start, raw.step_count):
        sim.set_controls(raw.channels["ctrl"][step])
        sim.step(1)
        yield step + 1


def _first_difference(sim: Sim, raw: RawStates, states: States, from_frame: int) -> Difference | None:
    assert isinstance(sim, Restorable)
    for step in _stepped(sim, raw, from_frame):
        if step < len(raw.time_s):
            now, then = sim.raw_state(), raw.state(step)
            pairs = [(name, getattr(now, name), getattr(then, name)) for name in COMPARED]
            pairs.append(("time_s", np.array([now.time_s]), np.array([then.time_s])))
        else:
            # Where the state after the last step was not recorded, the last frame's measurements stand for it.
            seen = sim.observe()
            pairs = [
                ("joint_position", seen.joint_position, states.channel("joint_position")[-1]),
                ("joint_velocity", seen.joint_velocity, states.channel("joint_velocity")[-1]),
                ("body_position_m", seen.body_position_m, states.channel("body_position_m")[-1]),
            ]
        for quantity, found, recorded in pairs:
            if found.tobytes() != recorded.tobytes():
                return _difference(raw, step, quantity, recorded.reshape(-1), found.reshape(-1))
    return None


def _difference(raw: RawStates, step: int, quantity: str, recorded: Array, found: Array) -> Difference:
    # Bits, not values: -0.0 equals 0.0 and nan does not equal itself.
    entry = int(np.flatnonzero(recorded.view(np.uint64) != np.ascontiguousarray(found).view(np.uint64))[0])
    time_s = (step / raw.substeps) / raw.fps
    return Difference(step, step // raw.substeps, time_s, quantity, entry, float(recorded[entry]), float(found[entry]))
