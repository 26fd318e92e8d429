"""Whether an episode succeeded, decided by geometry on recorded states alone, and if not, what went wrong first.

Success is: each prop, when it was last grasped, neither slid in the hand nor got lost before the hand opened; every
`always` goal (safety included) holds in all frames, every `ever` goal in one, and every `end` goal throughout the hold
at the end. A grasp that went wrong and was repeated is no failure; how many there were is among the measures.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.endings import timed_out
from blueprint.pipeline.episode.failures import unmet
from blueprint.pipeline.episode.geometry import Geometry, Shapes
from blueprint.pipeline.episode.goals import STANDING, Goal
from blueprint.pipeline.episode.grips import Grip, carried_from, first_loss, first_slip, list_grips, slip_since_m
from blueprint.pipeline.episode.margins import margins_of, rise_m
from blueprint.pipeline.episode.outcomes import FailureCode, Verdict
from blueprint.pipeline.episode.tasks import Task
from blueprint.pipeline.episode.touches import ROBOT, Touches
from blueprint.pipeline.episode.track import Track

Array = NDArray[np.float64]

SLIP_LIMIT_M = 0.02
"""A prop that slides further than this in the hand was not held."""
OFF_THE_GROUND_M = 0.01
"""What leaves the hand below this height has slipped out of it; above, it was dropped."""
_OF_THE_END = {
    FailureCode.NOT_IN_REGION,
    FailureCode.NOT_ON_TOP,
    FailureCode.NOT_INSIDE,
    FailureCode.JOINT_SHORT,
    FailureCode.TIPPED_OVER,
    FailureCode.NOT_APART,
    FailureCode.NOT_RELEASED,
    FailureCode.NOT_AT_REST,
}
"""What shows at the end only, and cannot be the cause of what went wrong on the way."""


@dataclass(frozen=True, eq=False)
class Judged:
    """A verdict with the margins behind it: one row per goal of the task, safety behind, one column per frame."""

    verdict: Verdict
    goals: tuple[Goal, ...]
    margins: Array
    grips: tuple[Grip, ...]
    shapes: Shapes
    touches: Touches


def judge(track: Track, task: Task, geometry: Geometry) -> Verdict:
    """Judge a recorded attempt; raises UnknownName where a goal names what is not recorded."""
    return judged(track, task, geometry).verdict


def judged(track: Track, task: Task, geometry: Geometry) -> Judged:
    """Judge a recorded attempt and keep what was measured."""
    shapes, touches = Shapes(track, geometry), Touches(track)
    goals, measure = (*task.goals, *task.safety), margins_of(shapes, touches)
    margins = np.array([measure(goal) for goal in goals]).reshape(len(goals), track.frame_count)
    grips, span = list_grips(touches, task.handled), hold_frames(task, track.fps)
    last = {grip.held: grip for grip in grips}
    faults = [fault for grip in last.values() if (fault := lost_grip(shapes, touches, grip)) is not None]
    for goal, values in zip(goals, margins, strict=True):
        frame = unmet_frame(goal, values, span)
        if frame is not None:
            faults.append(unmet(goal, values, frame, shapes, touches))
    holds = Verdict(FailureCode.NONE, None, f"all {len(goals)} goals hold, those of the end for {task.hold_s:g} s")
    # What happens first is the cause; at the end it is the first goal in the task's order.
    first = min(faults, key=_happened) if faults else timed_out(track, task.time_limit_s, span)
    first = first or _foregone(task, margins)
    return Judged(first or holds, goals, margins, grips, shapes, touches)


def _foregone(task: Task, margins: Array) -> Verdict | None:
    """Return the verdict on a task with goals to be reached all of which were, before anything was done."""
    to_reach = [goal.goal for goal in task.goals if goal.goal not in STANDING]
    if not to_reach or not (margins[: len(task.goals), 0] >= 0).all():
        return None
    return Verdict(FailureCode.ALREADY_DONE, 0, f"all {len(task.goals)} goals held before anything was done")


def hold_frames(task: Task, fps: int) -> int:
    """Return over how many frames at the end the `end` goals must hold."""
    return max(1, round(task.hold_s * fps))


def unmet_frame(goal: Goal, margins: Array, span: int) -> int | None:
    """Return the frame where a goal shows itself unmet, or None: the first, or where it came closest."""
    if goal.when == "ever":
        return None if (margins >= 0).any() else int(margins.argmax())
    start = 0 if goal.when == "always" else max(0, len(margins) - span)
    broken = np.flatnonzero(~(margins[start:] >= 0))
    return start + int(broken[0]) if len(broken) else None


def _happened(fault: Verdict) -> tuple[bool, int]:
    late = fault.failure in _OF_THE_END
    return late, 0 if late or fault.frame is None else fault.frame


def lost_grip(shapes: Shapes, touches: Touches, grip: Grip) -> Verdict | None:
    """Return what went wrong while something was held."""
    track = touches.track
    loss, slip = first_loss(touches, grip), first_slip(track, grip, SLIP_LIMIT_M)
    if loss is not None and (slip is None or loss <= slip):
        height_m, after_s = float(rise_m(shapes, grip.held)[loss]), (loss - grip.start) / track.fps
        code = FailureCode.DROPPED if height_m > OFF_THE_GROUND_M else FailureCode.SLIPPED
        words = f"{grip.held} left the hand {after_s:.2f} s after it was grasped, {height_m:.3f} m above its start"
        return Verdict(code, loss, words, (grip.held,))
    if slip is not None:
        slid_m = slip_since_m(track, grip.held, carried_from(track, grip))[slip : grip.end + 1].max()
        words = f"{grip.held} slid {slid_m:.3f} m in the hand, {SLIP_LIMIT_M:g} m at most"
        bodies, force_n = touches.names_at(touches.between(grip.held, ROBOT), slip)
        return Verdict(FailureCode.SLIPPED, slip, words, bodies or (grip.held,), force_n)
    return None
