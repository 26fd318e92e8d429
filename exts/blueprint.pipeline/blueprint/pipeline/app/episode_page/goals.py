"""What had to hold in an episode, and what was measured of it: each goal in words with its margin."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.app.figures import angle_text, length_text, number_text, speed_text
from blueprint.pipeline.app.opened_episode import OpenedEpisode
from blueprint.pipeline.episode.geometry import Geometry
from blueprint.pipeline.episode.goals import (
    Apart,
    AtRest,
    ForceBelow,
    Goal,
    InRegion,
    Inside,
    JointWithin,
    NoCollision,
    NotRaised,
    OnTop,
    Raised,
    Released,
    TiltedOver,
    Undisturbed,
    Upright,
)
from blueprint.pipeline.episode.judgement import Judged, hold_frames, judged, unmet_frame
from blueprint.pipeline.episode.margins import REST_SPEED_M_S
from blueprint.pipeline.episode.tasks import Task
from blueprint.pipeline.errors import ScanError, UnknownName

from .curves import Bound, Chart, Curve
from .events import Event, Story, joint_text

Array = NDArray[np.float64]
UNITS: dict[type[Any], str] = {
    TiltedOver: "rad", Upright: "rad", Released: "N", AtRest: "m/s", ForceBelow: "N", NoCollision: "N", JointWithin: "",
}  # fmt: skip
"""The unit of a goal's margin where it is not metres; a joint's is that of the joint."""


@dataclass(frozen=True, slots=True)
class GoalRow:
    """One goal with what was measured of it, at the frame that decides; a `quiet` one is of safety and holds."""

    words: str
    when: str
    measured: str
    margin: str
    state: str
    tone: str
    quiet: bool = False


def judge_again(opened: OpenedEpisode, story: Story) -> Judged | str:
    """Judge an episode's recorded states, or say why they cannot be judged."""
    if opened.task is None or opened.states is None:
        return "task.json or states.h5 is missing"
    try:
        return judged(story.track, opened.task, Geometry(opened.states.link_corners_m()))
    except (ScanError, UnknownName) as error:
        return str(error)


def describe_goals(found: Judged, task: Task, story: Story) -> tuple[GoalRow, ...]:
    """Return the goals of a task with what was measured: those that are missed first, those of safety last."""
    span = hold_frames(task, story.track.fps)
    rows = [_row(goal, values, span, story) for goal, values in zip(found.goals, found.margins, strict=True)]
    own, safety = rows[: len(task.goals)], rows[len(task.goals) :]
    rows = [*own, *(replace(row, quiet=row.tone != "bad") for row in safety)]
    return tuple(sorted(rows, key=lambda row: row.tone != "bad"))


def goal_events(found: Judged, task: Task, story: Story) -> Iterator[Event]:
    """Tell when a goal that must always hold is first missed; goals of the end are what the verdict is about."""
    span = hold_frames(task, story.track.fps)
    for goal, values in zip(found.goals, found.margins, strict=True):
        missed = unmet_frame(goal, values, span)
        if goal.when == "always" and missed is not None:
            lack = _text(float(-values[missed:].min()), _unit(goal, story))
            yield Event(missed, "goal", f"no longer holds: {goal_words(goal, story)}", f"missed by up to {lack}", "bad")


def margin_charts(found: Judged, task: Task, story: Story) -> tuple[Chart, ...]:
    """Return one chart of margins per unit; below nought a goal does not hold. Safety is drawn where it is missed."""
    groups: dict[str, list[tuple[Goal, Array]]] = {}
    for number, (goal, values) in enumerate(zip(found.goals, found.margins, strict=True)):
        if number < len(task.goals) or unmet_frame(goal, values, hold_frames(task, story.track.fps)) is not None:
            groups.setdefault(_unit(goal, story), []).append((goal, values))
    return tuple(_margin_chart(unit, members) for unit, members in groups.items())


def _margin_chart(unit: str, members: list[tuple[Goal, Array]]) -> Chart:
    said, factor = {"m": ("mm", 1000.0), "m/s": ("mm/s", 1000.0), "rad": ("°", 180 / np.pi)}.get(unit, (unit, 1.0))
    curves = [Curve(_short(goal), factor * values, at) for at, (goal, values) in enumerate(members)]
    return Chart("Margins", said, tuple(curves), (Bound("holds from here up", 0.0),))


def _short(goal: Goal) -> str:
    return f"{goal.goal.replace('_', ' ')} {getattr(goal, 'object', getattr(goal, 'joint', ''))}".strip()


def _row(goal: Goal, margins: Array, span: int, story: Story) -> GoalRow:
    missed = unmet_frame(goal, margins, span)
    frame = missed if missed is not None else _deciding_frame(goal, margins, span)
    when = {"end": f"throughout the last {span / story.track.fps:.2g} s", "ever": "once", "always": "always"}[goal.when]
    margin = float(margins[frame])
    state = "holds" if missed is None else f"missed in frame {missed}"
    return GoalRow(
        goal_words(goal, story),
        when,
        _measured(goal, frame, margin, story),
        _signed(margin, _unit(goal, story)),
        state,
        "good" if missed is None else "bad",
    )


def _deciding_frame(goal: Goal, margins: Array, span: int) -> int:
    """Return the frame in which a goal that holds comes closest to not doing so, or for one to hold once, its best."""
    if goal.when == "ever":
        return int(margins.argmax())
    start = max(0, len(margins) - span) if goal.when == "end" else 0
    return start + int(margins[start:].argmin())


def _unit(goal: Goal, story: Story) -> str:
    if isinstance(goal, JointWithin):
        return story.joint_units.get(goal.joint, "")
    return UNITS.get(type(goal), "m")


def _text(value: float, unit: str) -> str:
    say = {"m": length_text, "rad": angle_text, "m/s": speed_text}.get(unit)
    return say(value) if say else number_text(value, unit)


def _signed(value: float, unit: str) -> str:
    return f"{'+' if value >= 0 else '−'}{_text(abs(value), unit)}"


def _measured(goal: Goal, frame: int, margin: float, story: Story) -> str:
    """Say the measured value itself, which margin and bound give; goals of two things have no one value."""
    track, unit = story.track, _unit(goal, story)
    match goal:
        case JointWithin():
            return joint_text(float(track.joint_position[frame, track.joint_names.index(goal.joint)]), unit)
        case Raised():
            return _text(goal.height_m + margin, unit)
        case NotRaised():
            return _text(goal.height_m - margin, unit)
        case Upright():
            return _text(goal.tilt_rad - margin, unit)
        case AtRest():
            return _text(REST_SPEED_M_S - margin, unit)
        case Undisturbed():
            return _text(goal.limit_m - margin, unit)
        case ForceBelow() | NoCollision():
            return _text(goal.limit_n - margin, unit)
        case InRegion() | Inside():
            return f"{_text(abs(margin), unit)} {'inside' if margin >= 0 else 'outside'}"
        case _:
            return ""


def goal_words(goal: Goal, story: Story) -> str:
    """Say what must hold, with its bound."""
    match goal:
        case InRegion():
            return f"{goal.object} lies wholly in {goal.region.name} on {goal.region.support}"
        case OnTop():
            return f"{goal.object} rests on {goal.base}"
        case Inside():
            return f"{goal.object} lies in the room of {goal.body}"
        case JointWithin():
            unit = _unit(goal, story)
            return f"{goal.joint} stands between {joint_text(goal.lower, unit)} and {joint_text(goal.upper, unit)}"
        case Raised():
            return f"{goal.object} is raised by {length_text(goal.height_m)}"
        case NotRaised():
            return f"{goal.object} rises no more than {length_text(goal.height_m)}"
        case TiltedOver():
            lean, long = angle_text(goal.tilt_rad), number_text(goal.duration_s, "s")
            return f"{goal.object} leans by {lean} over {goal.target} for {long}"
        case Upright():
            return f"{goal.object} leans no more than {angle_text(goal.tilt_rad)}"
        case Apart():
            return f"{goal.object} is {length_text(goal.gap_m)} away from {goal.other}"
        case Released():
            return f"the robot has let go of {goal.object}"
        case AtRest():
            return f"{goal.object} is at rest, slower than {1000 * REST_SPEED_M_S:g} mm/s"
        case Undisturbed():
            return f"{goal.object} is moved no further than {length_text(goal.limit_m)}"
        case ForceBelow():
            return f"the robot presses on nothing with more than {goal.limit_n:g} N"
        case NoCollision():
            return f"the robot presses on nothing but {', '.join(goal.handled)} with more than {goal.limit_n:g} N"
