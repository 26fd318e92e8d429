"""What the trials mean for the run: a scene in which something falls or drifts stops it, the rest is said."""

import math
from collections.abc import Sequence

from blueprint.pipeline.engine.checks import Check, check_at_most
from blueprint.pipeline.scene.proofs import Difference, Trial, TrialKind

from . import rest, sweep
from .differences import ORIENTATION, POSITION
from .rest import RestSettings
from .sweep import SweepSettings

MOST_NAMED = 6


def rest_checks(trials: Sequence[Trial], bounds: RestSettings, *, blocking: bool) -> list[Check]:
    """Measure the trial of rest in one engine: drift, turn and depth of the worst prop."""
    resting = [trial for trial in trials if trial.kind == "rest"]
    if not resting:
        return []
    engine = resting[0].engine
    turn = _largest(resting, rest.TURN)
    return [
        check_at_most(
            f"{engine}_largest_drift",
            _largest(resting, rest.DRIFT),
            bounds.drift_bound_m,
            unit="m",
            blocking=blocking,
            why=_why(resting),
        ),
        check_at_most(
            f"{engine}_largest_turn",
            None if turn is None else math.degrees(turn),
            bounds.turn_bound_deg,
            unit="deg",
            blocking=blocking,
            why=_why(resting),
        ),
        check_at_most(
            f"{engine}_resting_penetration",
            _largest(resting, rest.PENETRATION),
            bounds.penetration_bound_m,
            unit="m",
            blocking=blocking,
            why=_why(resting),
        ),
    ]


def trial_checks(trials: Sequence[Trial], bounds: SweepSettings) -> list[Check]:
    """Count drops, pushes and sweeps that went wrong in one engine, and measure the worst joint."""
    if not trials:
        return []
    engine = trials[0].engine
    kinds: tuple[TrialKind, ...] = ("drop", "push", "sweep")
    found = [_failures(engine, kind, [trial for trial in trials if trial.kind == kind]) for kind in kinds]
    swept = [trial for trial in trials if trial.kind == "sweep"]
    if swept:
        error = _largest(swept, sweep.ERROR)
        found.append(
            check_at_most(
                f"{engine}_joint_range_error", error, bounds.range_tolerance, unit="1", blocking=False, why=_why(swept)
            )
        )
    return [check for check in found if check is not None]


def agreement_checks(differences: Sequence[Difference]) -> list[Check]:
    """Measure how far two engines are apart where something was promised."""
    found: list[Check] = []
    for name, quantities in (
        ("engines_rest_position", (POSITION,)),
        ("engines_rest_orientation", (ORIENTATION,)),
        ("engines_joint_range", (sweep.LOWER, sweep.UPPER)),
    ):
        chosen = [each for each in differences if each.quantity in quantities and each.limit]
        if not chosen:
            continue
        worst = max(chosen, key=_share)
        why = "; ".join(f"{each.subject} {each.quantity}: {_apart(each)}" for each in chosen if not each.agrees)
        found.append(
            check_at_most(f"{name}_of_bound", _share(worst), 1.0, unit="1", blocking=False, why=why or worst.subject)
        )
    return found


def _share(difference: Difference) -> float:
    """Return a difference as a share of what was promised."""
    return difference.difference / difference.limit if difference.limit else 0.0


def _apart(difference: Difference) -> str:
    if difference.unit == "rad":
        return f"{math.degrees(difference.difference):.2f} deg apart"
    return f"{1000 * difference.difference:.2f} mm apart"


def _failures(engine: str, kind: TrialKind, trials: Sequence[Trial]) -> Check | None:
    if not trials:
        return None
    failed = [trial for trial in trials if not trial.holds]
    return check_at_most(
        f"{engine}_{kind}s_that_fail", float(len(failed)), 0, unit="", blocking=False, why=_why(trials)
    )


def _largest(trials: Sequence[Trial], name: str) -> float | None:
    values = [value for trial in trials if (value := trial.value(name)) is not None]
    return max(values, default=None)


def _why(trials: Sequence[Trial]) -> str:
    failed = [trial.outcome for trial in trials if not trial.holds]
    more = f"; and {len(failed) - MOST_NAMED} more" if len(failed) > MOST_NAMED else ""
    return "; ".join(failed[:MOST_NAMED]) + more
