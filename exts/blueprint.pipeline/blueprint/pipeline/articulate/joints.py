"""Decide a joint from a predicted one: where it is, and limits that a mechanism can have."""

from dataclasses import dataclass

import numpy as np

from blueprint.pipeline.scene.poses import vec3
from blueprint.pipeline.scene.predictions import PredictedJoint
from blueprint.pipeline.scene.props import Joint

_MIN_RANGE = 1e-3
"""A joint that moves less than a milliradian or millimetre does not move."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A range of positions that holds the input pose 0; `why` says what was changed and is empty for a sound one."""

    lower: float
    upper: float
    why: str = ""


class ImpossibleJoint(ValueError):
    """A predicted joint that no mechanism has."""


def sane_limits(lower: float, upper: float, largest: float, unit: str) -> Limits:
    """Return ordered, finite limits around 0 that go at most `largest` to either side; raises ImpossibleJoint.

    The prediction counts from the input pose but need not contain it: the pose in the photo is possible all the same.
    """
    if not (np.isfinite(lower) and np.isfinite(upper)):
        raise ImpossibleJoint(f"its limits are {lower:g} to {upper:g} {unit}")
    changes: list[str] = []
    if lower > upper:
        lower, upper = upper, lower
        changes.append("limits were the wrong way round")
    if lower > 0 or upper < 0:
        changes.append(f"limits {lower:.4g} to {upper:.4g} {unit} were widened to hold the pose in the photo")
        lower, upper = min(lower, 0.0), max(upper, 0.0)
    if lower < -largest or upper > largest:
        changes.append(f"limits {lower:.4g} to {upper:.4g} {unit} were cut to {largest:.4g} {unit}")
        lower, upper = max(lower, -largest), min(upper, largest)
    if upper - lower < _MIN_RANGE:
        raise ImpossibleJoint(f"it moves by only {upper - lower:.2g} {unit}")
    # Zero may come as -0.0, which would be written as such.
    return Limits(lower + 0.0, upper + 0.0, "; ".join(changes))


def decide_joint(
    predicted: PredictedJoint, name: str, parent: str, child: str, *, max_turn_rad: float, max_slide_m: float
) -> tuple[Joint, str]:
    """Return the joint in the prop's frame and the reason for its numbers; raises ImpossibleJoint."""
    axis = np.asarray(predicted.axis)
    if not (np.isfinite(axis).all() and np.isfinite(predicted.origin).all()):
        raise ImpossibleJoint("its axis is not finite")
    largest, unit = (max_turn_rad, "rad") if predicted.kind == "revolute" else (max_slide_m, "m")
    limits = sane_limits(predicted.lower, predicted.upper, largest, unit)
    if -limits.lower > limits.upper:
        # The same motion: whoever corrects a limit expects that opening counts up.
        axis = -axis
        said = "; ".join(filter(None, (limits.why, "axis and limits were turned round so that opening counts up")))
        limits = Limits(-limits.upper + 0.0, -limits.lower, said)
    joint = Joint(
        name=name,
        kind=predicted.kind,
        parent=parent,
        child=child,
        axis=vec3(axis + 0.0),
        origin_m=predicted.origin,
        lower=limits.lower,
        upper=limits.upper,
    )
    moves = "turns" if predicted.kind == "revolute" else "slides"
    why = f"predicted: {child} {moves} against {parent} by {limits.lower:.3g} to {limits.upper:.3g} {unit}"
    return joint, f"{why}; {limits.why}" if limits.why else why
