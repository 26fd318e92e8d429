"""Outcomes: whether an episode succeeded, by geometry, and if not, why."""

from dataclasses import dataclass
from enum import StrEnum


class FailureCode(StrEnum):
    """Why an episode did not succeed; `none` for a success."""

    NONE = "none"
    NO_GRASP = "no_grasp"
    UNREACHABLE = "unreachable"
    NO_PLAN = "no_plan"
    SLIPPED = "slipped"
    DROPPED = "dropped"
    COLLIDED = "collided"
    NOT_IN_REGION = "not_in_region"
    NOT_RELEASED = "not_released"
    NOT_AT_REST = "not_at_rest"
    TIMEOUT = "timeout"
    DIVERGED = "diverged"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on one episode and the numbers behind it; `measures` carry their unit in the name."""

    success: bool
    failure: FailureCode
    failing_frame: int | None
    message: str
    measures: dict[str, float]


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
