"""Grippers: joint positions for a width, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from blueprint.pipeline.scene.grippers import Gripper, Stroke
from blueprint.pipeline.scene.robots import load_robot

PANDA = load_robot("franka_panda").gripper
JAW = Gripper(
    joints=("jaw",),
    fingers=("fixed", "moving"),
    # Closing raises the joint, ever faster; the fixed jaw's pad stays at y = 20 mm.
    strokes=(
        Stroke(width_m=0.001, positions=(1.0,), middle_m=(0.0, 0.0195, 0.002)),
        Stroke(width_m=0.02, positions=(0.7,), middle_m=(0.0, 0.01, 0.001)),
        Stroke(width_m=0.06, positions=(0.0,), middle_m=(0.0, -0.01, 0.0)),
    ),
    closing_width_m_s=0.1,
    squeeze_width_m=0.03,
    max_force_n=10.0,
)


def test_two_fingers_share_the_width() -> None:
    assert PANDA.positions_for_width(0.05) == pytest.approx((0.025, 0.025))
    assert PANDA.width_of((0.01, 0.03)) == pytest.approx(0.04)
    assert (PANDA.min_width_m, PANDA.max_width_m, PANDA.open_positions) == (0.0, 0.08, (0.04, 0.04))


@given(st.floats(-0.05, 0.1))
def test_positions_and_width_are_inverse_even_beyond_the_table(width_m: float) -> None:
    for gripper in (PANDA, JAW):
        assert gripper.width_of(gripper.positions_for_width(width_m)) == pytest.approx(width_m, abs=1e-9)


def test_a_falling_table_is_read_between_and_beyond_its_rows() -> None:
    assert JAW.positions_for_width(0.04) == pytest.approx((0.35,))
    assert JAW.positions_for_width(-0.018) == pytest.approx((1.3,))
    assert JAW.width_of((0.35,)) == pytest.approx(0.04)


def test_the_middle_wanders_with_one_moving_jaw_and_stops_at_the_ends() -> None:
    assert JAW.middle_m(0.04) == pytest.approx((0.0, 0.0, 0.0005))
    assert JAW.middle_m(-1.0) == pytest.approx((0.0, 0.0195, 0.002))
    assert JAW.T_middle_tcp(0.02).position_m == pytest.approx((0.0, -0.01, -0.001))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"strokes": JAW.strokes[:1]}, "at least two rows"),
        ({"strokes": JAW.strokes[::-1]}, "widths must rise"),
        ({"strokes": (*JAW.strokes[:2], Stroke(width_m=0.06, positions=(0.9,)))}, "positions of jaw must rise or fall"),
        ({"strokes": (JAW.strokes[0], Stroke(width_m=0.06, positions=(0.0, 0.0)))}, "needs 1 positions"),
        ({"max_force_n": 0.0}, "max_force_n: must be above 0, got 0.0"),
    ],
)
def test_an_impossible_gripper_is_refused(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Gripper.model_validate(JAW.model_dump() | change)
