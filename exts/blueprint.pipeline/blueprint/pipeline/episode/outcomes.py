"""Outcomes: whether an episode succeeded, by geometry, and if not, why."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class FailureCode(StrEnum):
    """Why an episode did not succeed; `none` for a success."""

    NONE = "none"
    # Before anything moved.
    NO_GRASP = "no_grasp"
    UNREACHABLE = "unreachable"
    NO_PLAN = "no_plan"
    UNSTABLE_SCENE = "unstable_scene"
    ALREADY_DONE = "already_done"
    # While it moved.
    SLIPPED = "slipped"
    DROPPED = "dropped"
    COLLIDED = "collided"
    STUCK_JOINT = "stuck_joint"
    TOO_MUCH_FORCE = "too_much_force"
    TIMEOUT = "timeout"
    DIVERGED = "diverged"
    RAISED = "raised"
    NOT_LIFTED = "not_lifted"
    # At its end.
    NOT_IN_REGION = "not_in_region"
    NOT_ON_TOP = "not_on_top"
    NOT_INSIDE = "not_inside"
    JOINT_SHORT = "joint_short"
    NOT_TILTED = "not_tilted"
    TIPPED_OVER = "tipped_over"
    NOT_APART = "not_apart"
    NOT_RELEASED = "not_released"
    NOT_AT_REST = "not_at_rest"
    DISTURBED = "disturbed"
    # Of the record.
    SENSOR_DEAD = "sensor_dead"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Success or the reason against it: the frame where it shows, between which bodies, and how hard they pressed."""

    failure: FailureCode
    frame: int | None
    message: str
    bodies: tuple[str, ...] = ()
    force_n: float | None = None

    @property
    def success(self) -> bool:
        """Whether nothing speaks against it."""
        return self.failure is FailureCode.NONE


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on one episode and the numbers behind it; `measures` carry their unit in the name.

    `bodies` and `force_n` say between what the failure shows and how hard it pressed; `quality` is the score of the
    task's family, 0 to 1, None where nothing moved.
    """

    success: bool
    failure: FailureCode
    failing_frame: int | None
    message: str
    measures: dict[str, float]
    bodies: tuple[str, ...] = ()
    force_n: float | None = None
    quality: float | None = None

    @classmethod
    def of(cls, verdict: Verdict, measures: Mapping[str, float], quality: float | None = None) -> "Outcome":
        """Join a verdict with the numbers behind it."""
        ordered = dict(sorted(measures.items()))
        return cls(
            verdict.success,
            verdict.failure,
            verdict.frame,
            verdict.message,
            ordered,
            verdict.bodies,
            verdict.force_n,
            quality,
        )


@dataclass(frozen=True, slots=True)
class EpisodeSummary:
    """`outcome.json` of an episode's record."""

    id: str
    task: str
    object: str
    instruction: str
    variant: int
    seed: int
    engine: str
    frame_count: int
    fps: int
    outcome: Outcome
    format: str = "blueprint.episode"
    version: int = 1

    @property
    def planned(self) -> bool:
        """Whether its variant was found feasible: a plan of the whole task stood before anything moved."""
        return self.frame_count > 0
