"""The recorded states of an episode as plots over time."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.episode.states import States

from .plots import Series, Span, line_plot, span_plot
from .svg import element, joined


def plot_states(record: Episode, arm_joints: Sequence[str]) -> Markup:
    """Return the plots of one episode; a channel that was not recorded reads "not measured"."""
    if not record.states_path.is_file():
        return element("p", "no states were recorded", class_="absent")
    states = States(record.states_path)
    time_s = states.channel("time_s")
    failing = record.summary.outcome.failing_frame
    mark = None if failing is None or failing >= len(time_s) else float(time_s[failing])
    prop = record.summary.object
    plots = (
        ("Joint positions", "rad", _joints(states, "joint_position", arm_joints)),
        ("Joint velocities", "rad/s", _joints(states, "joint_velocity", arm_joints)),
        ("Gripper width", "m", _single(states, "gripper_width_m")),
        ("Contact force on the object", "N, sum of magnitudes", _contact_force(states, prop)),
        ("Object height", "m above the floor", _height(states, prop)),
    )
    lines = (line_plot(title, unit, time_s, series, mark_x=mark) for title, unit, series in plots)
    return joined([*lines, span_plot("Phases", time_s, _phases(states))])


def _joints(states: States, channel: str, joints: Sequence[str]) -> list[Series]:
    if channel not in states.channel_names:
        return []
    values = states.channel(channel)
    column_of = {name.rsplit("/", 1)[-1]: at for at, name in enumerate(states.names("joint_names"))}
    return [Series(name, values[:, column_of[name]]) for name in joints if name in column_of]


def _single(states: States, channel: str) -> list[Series]:
    return [Series(channel, states.channel(channel).reshape(-1))] if channel in states.channel_names else []


def _height(states: States, prop: str) -> list[Series]:
    names = states.names("prop_names")
    if prop not in names or "prop_position_m" not in states.channel_names:
        return []
    return [Series(prop, states.channel("prop_position_m")[:, names.index(prop), 2])]


def _contact_force(states: States, prop: str) -> list[Series]:
    """Return the sum of the sizes of all contact forces on a prop in each frame."""
    if not {"contact_offset", "contact_first", "contact_second", "contact_force_n"} <= set(states.channel_names):
        return []
    of_prop = np.array([name.split("/", 1)[0] == prop for name in states.names("body_names")])
    touched = of_prop[states.channel("contact_first")] | of_prop[states.channel("contact_second")]
    size_n = np.linalg.norm(states.channel("contact_force_n").reshape(-1, 3), axis=1) * touched
    running = np.concatenate([[0.0], np.cumsum(size_n)])
    offset = states.channel("contact_offset").astype(np.int64)
    return [Series(prop, running[offset[1:]] - running[offset[:-1]])]


def _phases(states: States) -> list[Span]:
    """Return each stretch of frames that the robot spent in one phase."""
    if "phase" not in states.channel_names:
        return []
    phase, names = states.channel("phase"), states.names("phase_names")
    starts = [0, *(np.flatnonzero(np.diff(phase)) + 1).tolist()]
    ends = [*starts[1:], len(phase) - 1]
    return [Span(names[int(phase[start])], start, end) for start, end in zip(starts, ends, strict=True)]
