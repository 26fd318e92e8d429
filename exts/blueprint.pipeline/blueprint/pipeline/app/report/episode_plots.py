"""The recorded states of an episode as plots over time."""

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.episode.states import States

from .plots import Series, line_plot
from .svg import joined

MOST_LINES = 8


def plot_states(record: Episode) -> Markup:
    """Return the plots of one episode; a channel that was not recorded reads "not measured"."""
    if not record.states_path.is_file():
        return Markup("")
    states = States(record.states_path)
    time_s = states.channel("time_s")
    failing = record.summary.outcome.failing_frame
    mark = None if failing is None or failing >= len(time_s) else float(time_s[failing])
    prop = record.summary.object
    plots = (
        ("Joint positions", "rad, fingers m", _columns(states, "joint_position", "joint_names")),
        ("Joint velocities", "rad/s, fingers m/s", _columns(states, "joint_velocity", "joint_names")),
        ("Gripper width", "m", _single(states, "gripper_width_m")),
        ("Contact force on the object", "N", _contact_force(states, prop)),
        ("Object height", "m above the floor", _height(states, prop)),
    )
    return joined(line_plot(title, unit, time_s, series, mark_x=mark) for title, unit, series in plots)


def _columns(states: States, channel: str, names: str) -> list[Series]:
    if channel not in states.channel_names:
        return []
    values = states.channel(channel)
    robot_first = sorted(enumerate(states.names(names)), key=lambda each: not each[1].startswith("robot/"))
    return [
        Series(name.removeprefix("robot/"), np.asarray(values[:, column], dtype=np.float64))
        for column, name in robot_first[:MOST_LINES]
    ]


def _single(states: States, channel: str) -> list[Series]:
    if channel not in states.channel_names:
        return []
    return [Series(channel, np.asarray(states.channel(channel), dtype=np.float64).reshape(-1))]


def _height(states: States, prop: str) -> list[Series]:
    names = states.names("prop_names")
    if prop not in names or "prop_position_m" not in states.channel_names:
        return []
    return [Series(prop, states.channel("prop_position_m")[:, names.index(prop), 2])]


def _contact_force(states: States, prop: str) -> list[Series]:
    """Return the sum of contact force magnitudes on a prop in each frame."""
    needed = {"contact/offset", "contact/first", "contact/second", "contact/force_n"}
    if not needed <= set(states.channel_names):
        return []
    bodies = states.names("body_names")
    of_prop = np.array([name.split("/", 1)[0] == prop for name in bodies])
    offset = states.channel("contact/offset").astype(np.int64)
    touched = of_prop[states.channel("contact/first")] | of_prop[states.channel("contact/second")]
    size = np.linalg.norm(states.channel("contact/force_n").reshape(-1, 3), axis=1) * touched
    return [Series(prop, _sums(size, offset))]


def _sums(values: NDArray[np.float64], offset: NDArray[np.int64]) -> NDArray[np.float64]:
    running = np.concatenate([[0.0], np.cumsum(values)])
    return running[offset[1:]] - running[offset[:-1]]
