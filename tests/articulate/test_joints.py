"""Limits are ordered, finite and hold the pose in the photo; what no mechanism has is refused."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.pipeline.articulate.joints import ImpossibleJoint, decide_joint, sane_limits
from blueprint.pipeline.scene.predictions import PredictedJoint


@given(st.floats(-20, 20), st.floats(-20, 20))
def test_limits_become_sane_or_the_joint_is_refused(lower: float, upper: float) -> None:
    try:
        limits = sane_limits(lower, upper, 3.15, "rad")
    except ImpossibleJoint:
        # Only a joint that starts and ends in one place has no range that holds 0.
        assert max(abs(lower), abs(upper)) < 1e-3 + 1e-12
        return
    assert -3.15 <= limits.lower <= 0 <= limits.upper <= 3.15
    changed = not (lower <= 0 <= upper and lower >= -3.15 and upper <= 3.15)
    assert bool(limits.why) == changed


@pytest.mark.parametrize(("lower", "upper"), [(math.nan, 1.0), (-math.inf, 0.0), (0.0, math.inf), (0.0, 0.0)])
def test_endless_and_motionless_joints_are_refused(lower: float, upper: float) -> None:
    with pytest.raises(ImpossibleJoint):
        sane_limits(lower, upper, 3.15, "rad")


def test_every_change_is_said() -> None:
    assert "wrong way round" in sane_limits(1.0, -0.5, 3.15, "rad").why
    assert "hold the pose in the photo" in sane_limits(0.3, 0.5, 3.15, "rad").why
    assert "cut to 0.4 m" in sane_limits(0.0, 0.9, 0.4, "m").why
    assert sane_limits(-1.75, -0.0, 3.15, "rad").why == ""


def test_a_joint_keeps_its_place_and_says_what_it_does() -> None:
    predicted = PredictedJoint(0, 1, "prismatic", (0.0, -1.0, 0.0), (0.1, 0.2, 0.3), 0.0, 0.38)
    joint, why = decide_joint(predicted, "j", "base", "drawer", max_turn_rad=3.15, max_slide_m=0.9)
    assert (joint.axis, joint.origin_m, joint.lower, joint.upper) == ((0.0, -1.0, 0.0), (0.1, 0.2, 0.3), 0.0, 0.38)
    assert why == "predicted: drawer slides against base by 0 to 0.38 m"
    backward = PredictedJoint(0, 1, "revolute", (0.0, 0.0, -1.0), (0.1, 0.2, 0.3), -1.75, 0.0)
    joint, why = decide_joint(backward, "j", "base", "door", max_turn_rad=3.15, max_slide_m=0.9)
    assert (joint.axis, joint.lower, joint.upper) == ((0.0, 0.0, 1.0), 0.0, 1.75)
    assert "turned round so that opening counts up" in why
    broken = PredictedJoint(0, 1, "prismatic", (0.0, math.nan, 0.0), (0.1, 0.2, 0.3), 0.0, 0.38)
    with pytest.raises(ImpossibleJoint, match="axis is not finite"):
        decide_joint(broken, "j", "base", "drawer", max_turn_rad=3.15, max_slide_m=0.9)
