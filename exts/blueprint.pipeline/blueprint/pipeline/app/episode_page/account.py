"""What an episode was about and how it ended, in words: the verdict, the numbers behind it, and what was drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

from blueprint.pipeline.app.figures import duration_text, measure_text, share_text
from blueprint.pipeline.app.opened_episode import OpenedEpisode
from blueprint.pipeline.episode.outcomes import EpisodeSummary, FailureCode, Outcome
from blueprint.pipeline.scene.edits import Edit

MEANINGS: dict[FailureCode, str] = {
    FailureCode.NONE: "every goal held",
    FailureCode.NO_GRASP: "no way of gripping the object was found",
    FailureCode.UNREACHABLE: "the arm cannot get to where it would have to be",
    FailureCode.NO_PLAN: "no way free of collisions was found",
    FailureCode.UNSTABLE_SCENE: "the scene did not come to rest before the robot moved",
    FailureCode.SLIPPED: "the object was not held firmly enough",
    FailureCode.DROPPED: "the object left the gripper before it was to",
    FailureCode.ALREADY_DONE: "nothing was left to do at the start",
    FailureCode.COLLIDED: "the robot hit something that it was not to touch",
    FailureCode.STUCK_JOINT: "a joint of the furniture did not follow",
    FailureCode.TOO_MUCH_FORCE: "something was pressed harder than allowed",
    FailureCode.TIMEOUT: "the time was up",
    FailureCode.DIVERGED: "the simulation became unstable, so nothing after it means anything",
    FailureCode.NOT_LIFTED: "the object was not raised as far as asked for",
    FailureCode.RAISED: "the object was lifted, and was to stay where it stood",
    FailureCode.NOT_IN_REGION: "the object does not lie wholly where it was to be put",
    FailureCode.NOT_ON_TOP: "the object does not rest on the other",
    FailureCode.NOT_INSIDE: "the object does not lie inside",
    FailureCode.JOINT_SHORT: "the joint did not get as far as asked for",
    FailureCode.NOT_TILTED: "the object was not tilted enough over the target",
    FailureCode.TIPPED_OVER: "the object fell over",
    FailureCode.NOT_APART: "the objects are not far enough apart",
    FailureCode.NOT_RELEASED: "the gripper still touches the object or is not open",
    FailureCode.NOT_AT_REST: "the object still moves at the end",
    FailureCode.DISTURBED: "something that was to stay was moved",
    FailureCode.SENSOR_DEAD: "a sensor recorded nothing that can be used",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A word and what is to be said about it."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """One number of the variant that was drawn: of what, which, and the reason that was written down with it."""

    subject: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of words."""

    id: str
    title: str
    lead: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def verdict_text(summary: EpisodeSummary, phase: str = "") -> str:
    """Say in one or two sentences how an episode ended, with frame, bodies and force where they are known."""
    outcome = summary.outcome
    if outcome.success:
        return f"Succeeded: {outcome.message}."
    place = ""
    if outcome.failing_frame is not None:
        at = f"frame {outcome.failing_frame}, {outcome.failing_frame / summary.fps:.2f} s"
        place = f" ({at}, while it was to {phase})" if phase else f" ({at})"
    meaning = MEANINGS[outcome.failure]
    said = f"{meaning}: {outcome.message}" if outcome.message else meaning
    return f"Failed, {outcome.failure.replace('_', ' ')}{place}: {said}.{_between(outcome)}"


def _between(outcome: Outcome) -> str:
    """Say between which bodies a failure shows; one that has a body alone names it in its message."""
    if len(outcome.bodies) < 2:
        return ""
    force = f", pressing with {outcome.force_n:.3g} N" if outcome.force_n is not None else ""
    return f" Between {' and '.join(outcome.bodies)}{force}."


def describe_origin(opened: OpenedEpisode) -> tuple[Row, ...]:
    """Return what was asked, of whom and under which numbers."""
    summary = opened.summary
    length = f"{summary.frame_count} frames at {summary.fps} Hz, {duration_text(summary.frame_count / summary.fps)}"
    rows = [
        Row("asked", summary.instruction),
        Row("task", _task_text(opened)),
        Row("length", length if summary.frame_count else "nothing moved"),
        Row("variant", _variant_text(opened)),
        Row("engine", f"{summary.engine}, seed {summary.seed}"),
    ]
    if opened.scene is not None:
        robot = opened.scene.manifest.robot.name
        rows.insert(2, Row("scene", f"{opened.scene.manifest.id} with {robot}"))
    if opened.header.get("cpu"):
        rows.append(Row("made on", str(opened.header["cpu"])))
    return tuple(rows)


def _task_text(opened: OpenedEpisode) -> str:
    """Name the task and what fills its roles, the handled object first."""
    summary = opened.summary
    roles = {} if opened.task is None else opened.task.roles
    others = [f"{role} {name}" for role, name in roles.items() if name != summary.object]
    return ", ".join([f"{summary.task.replace('_', ' ')} of {summary.object}", *others])


def _variant_text(opened: OpenedEpisode) -> str:
    if opened.variant is None:
        return f"{opened.summary.variant}, whose numbers are not at hand"
    return f"{opened.variant.index}, drawn with seed {opened.variant.seed}, {len(opened.variant.edits)} numbers changed"


def describe_measures(summary: EpisodeSummary) -> tuple[Row, ...]:
    """Return the quality score and every measure, in words."""
    outcome = summary.outcome
    score = [Row("quality", share_text(outcome.quality))] if outcome.quality is not None else []
    return (*score, *(Row(*measure_text(name, value)) for name, value in outcome.measures.items()))


def describe_drawn(edits: Sequence[Edit]) -> tuple[Drawn, ...]:
    """Return what the variant has changed about the scene, number by number."""
    return tuple(Drawn(_subject(edit), edit.edit.replace("_", " "), edit.why) for edit in edits)


def _subject(edit: Edit) -> str:
    """Return what an edit is about; edits name it in different fields."""
    for name in ("prop", "camera", "light", "joint", "robot"):
        value = getattr(edit, name, "")
        if value:
            part = getattr(edit, "body", "")
            return f"{value}/{part}" if part and part != "body" else str(value)
    return ""
