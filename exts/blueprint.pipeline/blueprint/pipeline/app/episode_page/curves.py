"""The curves of an episode: which recorded channels stand on one plot, in which unit, commanded beside measured."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.grips import slip_since_m
from blueprint.pipeline.episode.states import States
from blueprint.pipeline.episode.touches import ROBOT, Touches
from blueprint.pipeline.scene.grippers import Gripper
from blueprint.pipeline.scene.poses import rotation_from_quat

from .events import LETTING_GO, CommandedJoint, Story
from .holds import holding_links, pressed_by, spells

Array = NDArray[np.float64]

SHOWN_ELSEWHERE = (
    "time_s", "phase", "command", "joint_position", "joint_velocity", "joint_effort", "tcp_position_m",
    "tcp_quat_wxyz", "gripper_width_m", "prop_position_m", "prop_quat_wxyz", "body_position_m", "body_quat_wxyz",
    "contact_offset", "contact_first", "contact_second", "contact_position_m", "contact_normal", "contact_force_n",
    "contact_depth_m", "peak_offset", "peak_first", "peak_second", "peak_force_n",
)  # fmt: skip
MOST_COLUMNS = 12
WRENCH = ("force x", "force y", "force z", "torque x", "torque y", "torque z")
UNITS_OF_JOINTS = (("rad", "°", 180 / np.pi), ("m", "mm", 1000.0), ("", "rad or m", 1.0))
"""A joint's unit, the one that it is drawn in, and the factor between them; without a scene the unit is not known."""


@dataclass(frozen=True, eq=False, slots=True)
class Curve:
    """One line over frames (N,); a `dashed` one was commanded or planned, lines of one `color` belong together."""

    name: str
    values: Array
    color: int
    dashed: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Bound:
    """A level that decides something."""

    name: str
    value: float


@dataclass(frozen=True, eq=False, slots=True)
class Chart:
    """Curves on common axes."""

    title: str
    unit: str
    curves: tuple[Curve, ...]
    bounds: tuple[Bound, ...] = ()


@dataclass(frozen=True, slots=True)
class Chapter:
    """Charts about one subject."""

    title: str
    charts: tuple[Chart, ...]


@dataclass(frozen=True)
class Recorded:
    """What curves are drawn from."""

    states: States
    story: Story


def list_chapters(recorded: Recorded) -> tuple[Chapter, ...]:
    """Return every chart that the recorded channels allow, by subject."""
    subjects = (
        ("The handled object", _object_charts(recorded)),
        ("Forces", _force_charts(recorded)),
        ("Tool and gripper", _tool_charts(recorded)),
        ("Joints of the arm", _arm_charts(recorded)),
        ("Furniture", _furniture_charts(recorded)),
        ("Other channels", _other_charts(recorded)),
    )
    chapters = (Chapter(title, tuple(charts)) for title, charts in subjects)
    return tuple(chapter for chapter in chapters if chapter.charts)


def _object_charts(recorded: Recorded) -> Iterator[Chart]:
    story, track = recorded.story, recorded.story.track
    for prop in story.handled:
        if prop not in track.prop_names:
            continue
        row = track.prop_names.index(prop)
        moved = track.prop_position_m[:, row] - track.prop_position_m[0, row]
        axes = (("x", 0), ("y", 1), ("height", 2))
        yield Chart(
            f"{prop}: way from its start", "mm", tuple(Curve(name, 1000 * moved[:, at], at) for name, at in axes)
        )
        lean = Curve("lean", np.degrees(lean_rad(track.prop_quat_wxyz[:, row])), 0)
        yield Chart(f"{prop}: lean from how it stood", "°", (lean,))
        slip = _slip_mm(story, prop)
        if np.isfinite(slip).any():
            yield Chart(f"{prop}: moved in the hand", "mm", (Curve("slip", slip, 3),))


def lean_rad(quat_wxyz: Array) -> Array:
    """Return the angle (N,) between an object's upright axis now and in the first frame."""
    up = rotation_from_quat(quat_wxyz[0]).T @ np.array([0.0, 0.0, 1.0])
    now = np.stack([rotation_from_quat(quat) @ up for quat in quat_wxyz])
    return np.arccos(np.clip(now[:, 2], -1.0, 1.0))


def _slip_mm(story: Story, prop: str) -> Array:
    """Return how far a prop has moved in the hand since it was grasped; nan where nobody holds it."""
    slip = np.full(story.track.frame_count, np.nan)
    for first, last in spells(holding_links(Touches(story.track), prop) > 1, gap=4):
        end = next((at for at in range(first, last + 1) if story.phase(at) in LETTING_GO), last + 1)
        start = min(first + 3, last)
        slip[start:end] = 1000 * slip_since_m(story.track, prop, start)[start:end]
    return slip


def _force_charts(recorded: Recorded) -> Iterator[Chart]:
    track, handled = recorded.story.track, recorded.story.handled
    touches = Touches(track)
    on_object = np.zeros(len(touches.frames), dtype=bool)
    for prop in handled:
        on_object |= touches.between(prop, ROBOT)
    groups = (
        ("robot on the object", on_object),
        ("object on everything else", pressed_by(touches, handled, (ROBOT,))),
        ("robot on everything else", pressed_by(touches, (ROBOT,), handled)),
        ("robot on itself", touches.between(ROBOT, ROBOT)),
    )
    curves = [Curve(name, touches.total_n(rows), at) for at, (name, rows) in enumerate(groups) if rows.any()]
    blows = touches.strongest_n(groups[2][1])
    if groups[2][1].any():
        curves.append(Curve("robot on everything else, greatest between frames", blows, 2, dashed=True))
    if curves:
        yield Chart("Contact forces", "N, sum over pairs of links", tuple(curves))
    if len(track.contact_depth_m):
        depth = np.zeros(track.frame_count)
        np.maximum.at(depth, touches.contact_frames, track.contact_depth_m)
        yield Chart("Deepest contact", "mm", (Curve("depth", 1000 * depth, 7),))


def _tool_charts(recorded: Recorded) -> Iterator[Chart]:
    story, track = recorded.story, recorded.story.track
    heights = [Curve("tool", track.tcp_position_m[:, 2], 0)]
    for at, prop in enumerate(name for name in story.handled if name in track.prop_names):
        heights.append(Curve(prop, track.prop_position_m[:, track.prop_names.index(prop), 2], 1 + at))
    yield Chart("Height of tool and object", "m above the floor", tuple(heights))
    if track.frame_count > 1:
        speed = np.linalg.norm(np.gradient(track.tcp_position_m, axis=0), axis=1) * track.fps
        yield Chart("Speed of the tool", "m/s", (Curve("tool", speed, 0),))
    width = [Curve("measured", 1000 * track.gripper_width_m, 0)]
    commanded = _commanded_width_m(recorded)
    if commanded is not None:
        width.append(Curve("commanded", 1000 * commanded, 0, dashed=True))
    yield Chart("Width between the fingers", "mm", tuple(width))


def _commanded_width_m(recorded: Recorded) -> Array | None:
    """Return the width that the gripper was sent to, (N,); None where the gripper is not known."""
    gripper, names = recorded.story.gripper, recorded.states.names("command_names")
    if gripper is None or not set(gripper.joints) <= set(names):
        return None
    columns = [names.index(joint) for joint in gripper.joints]
    return np.array([gripper.width_of(row) for row in recorded.story.track.command[:, columns]])


def _arm_charts(recorded: Recorded) -> Iterator[Chart]:
    """Draw the arm's joints, those that turn and those that slide apart from each other."""
    states, story = recorded.states, recorded.story
    for unit, said, factor in UNITS_OF_JOINTS:
        columns = [each for each in story.arm if story.joint_units.get(f"{ROBOT}/{each.name}", "") == unit]
        if not columns:
            continue
        names, rows = [each.name for each in columns], [each.joint for each in columns]
        measured = factor * story.track.joint_position[:, rows]
        commanded = factor * story.track.command[:, [each.command for each in columns]]
        both = (*_lines(names, measured), *_lines(names, commanded, dashed=True))
        yield Chart("Positions, commanded in dashes", said, both)
        yield Chart("Commanded less measured", said, _lines(names, commanded - measured))
        speed, effort = f"{unit or 'rad or m'}/s", {"rad": "N m", "m": "N"}.get(unit, "N m or N")
        for channel, title, of in (("joint_velocity", "Speeds", speed), ("joint_effort", "Efforts", effort)):
            if channel in states.channel_names:
                yield Chart(title, of, _lines(names, states.channel(channel)[:, rows]))


def commanded_joints(states: States, gripper: Gripper | None) -> tuple[CommandedJoint, ...]:
    """List the commanded joints that are none of the gripper's."""
    every = enumerate(states.names("joint_names"))
    joints = {name.rsplit("/", 1)[-1]: at for at, name in every if name.startswith(f"{ROBOT}/")}
    fingers = gripper.joints if gripper is not None else ()
    commands = enumerate(states.names("command_names"))
    return tuple(
        CommandedJoint(name, joints[name], at) for at, name in commands if name in joints and name not in fingers
    )


def _furniture_charts(recorded: Recorded) -> Iterator[Chart]:
    story, track = recorded.story, recorded.story.track
    for unit, said, factor in UNITS_OF_JOINTS:
        rows = [
            at
            for at, name in enumerate(track.joint_names)
            if not name.startswith(f"{ROBOT}/") and story.joint_units.get(name, "") == unit
        ]
        if rows:
            names = [track.joint_names[at] for at in rows]
            yield Chart("Joints of furniture", said, _lines(names, factor * track.joint_position[:, rows]))


def _other_charts(recorded: Recorded) -> Iterator[Chart]:
    """Draw each further channel of numbers per frame, such as wrenches, under its own name."""
    states = recorded.states
    for name in states.channel_names:
        if name in SHOWN_ELSEWHERE or name.startswith(("camera/", "source_sha256/")):
            continue
        values = np.asarray(states.channel(name))
        if len(values) != states.frame_count or values.dtype.kind not in "fiub":
            continue
        flat = values.reshape(len(values), -1).astype(np.float64)
        if 1 <= flat.shape[1] <= MOST_COLUMNS:
            notes = states.describe(name)
            yield Chart(
                name.replace("_", " "), str(notes.get("unit", "")), _lines(_columns(name, notes, flat.shape[1]), flat)
            )


def _columns(channel: str, notes: dict[str, object], count: int) -> list[str]:
    names = notes.get("names")
    if "wrench" in channel and count == len(WRENCH):
        return list(WRENCH)
    if isinstance(names, list) and len(names) == count:
        return [str(name) for name in names]
    return [str(at) for at in range(count)] if count > 1 else ["value"]


def _lines(names: Sequence[str], values: Array, *, dashed: bool = False) -> tuple[Curve, ...]:
    return tuple(Curve(name, values[:, at], at, dashed) for at, name in enumerate(names))


def finite(values: Iterable[float]) -> list[float | None]:
    """Return numbers with five digits for a page; what is not finite is None."""
    return [float(f"{value:.5g}") if np.isfinite(value) else None for value in values]
