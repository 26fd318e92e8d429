"""The distances that skills keep suit the arm."""

from dataclasses import replace

import pytest

from blueprint.pipeline.scene.robots import load_robot
from blueprint.pipeline.skills.means import Distances, Means

ASKED = Distances(0.08, 0.1, 0.08, 0.002, 0.005, 0.002)


def test_a_long_arm_keeps_what_is_asked() -> None:
    assert ASKED.within(0.855) == ASKED


def test_a_small_arm_goes_shorter_ways_and_still_lifts() -> None:
    short = ASKED.within(0.35)
    assert (short.approach_m, short.retreat_m) == pytest.approx((0.035, 0.035))
    assert short.lift_m == 0.06
    assert (short.near_m, short.padding_m, short.drop_m) == (ASKED.near_m, ASKED.padding_m, ASKED.drop_m)


def test_only_an_arm_of_few_joints_lets_a_thing_lean_as_it_rises(means: Means) -> None:
    assert means.leans == ((),)
    small = replace(means, workspace=replace(means.workspace, robot=load_robot("so101")))
    assert small.leans == ((), (0, 1))
