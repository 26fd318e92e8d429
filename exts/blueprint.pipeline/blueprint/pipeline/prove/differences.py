"""How far two engines are apart: rest poses, falls, break-away forces and joint ranges."""

from collections.abc import Iterator, Sequence

from pydantic import Field

from blueprint.pipeline.engine.stage import Settings
from blueprint.pipeline.scene.proofs import Difference, Trial

from . import push, sweep
from .rest import RestRun
from .subjects import drift_m, turn_rad

POSITION, ORIENTATION = "rest position", "rest orientation"


class AgreementSettings(Settings, frozen=True):
    """How close two engines have to be."""

    position_m: float = Field(default=0.003, gt=0, description="Largest distance of rest positions, in metres.")
    turn_rad: float = Field(default=0.0349, gt=0, description="Largest angle between rest orientations, in radians.")
    range_share: float = Field(
        default=0.01, gt=0, le=1, description="Largest distance of a joint's ends, as a share of its range."
    )


def compare_rest(first: RestRun, second: RestRun, bounds: AgreementSettings) -> tuple[Difference, ...]:
    """Return how far apart the props come to rest."""
    found: list[Difference] = []
    for prop, poses in first.poses.items():
        a, b = poses[-1], second.poses[prop][-1]
        found.append(Difference("rest", prop, POSITION, "m", None, None, drift_m(a, b), bounds.position_m))
        found.append(Difference("rest", prop, ORIENTATION, "rad", None, None, turn_rad(a, b), bounds.turn_rad))
    return tuple(found)


def compare_trials(
    first: Sequence[Trial], second: Sequence[Trial], bounds: AgreementSettings
) -> tuple[Difference, ...]:
    """Return how far apart two engines' measures of the same trials are, where both have measured."""
    others = {(trial.kind, trial.subject): trial for trial in second}
    pairs = [(trial, others[trial.kind, trial.subject]) for trial in first if (trial.kind, trial.subject) in others]
    return tuple(difference for a, b in pairs for difference in _compare(a, b, bounds))


def _compare(first: Trial, second: Trial, bounds: AgreementSettings) -> Iterator[Difference]:
    if first.kind == "push":
        yield from _of(first, second, push.BREAK_AWAY, None)
    if first.kind == "sweep":
        span = _span(first)
        for end in (sweep.LOWER, sweep.UPPER):
            yield from _of(first, second, end, bounds.range_share * span)


def _span(trial: Trial) -> float:
    lower, upper = trial.value(sweep.AUTHORED_LOWER), trial.value(sweep.AUTHORED_UPPER)
    return 0.0 if lower is None or upper is None else upper - lower


def _of(first: Trial, second: Trial, name: str, limit: float | None) -> Iterator[Difference]:
    a, b = first.value(name), second.value(name)
    if a is not None and b is not None:
        unit = next(measure.unit for measure in first.measures if measure.name == name)
        yield Difference(first.kind, first.subject, name, unit, a, b, abs(a - b), limit)
