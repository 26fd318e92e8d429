"""How far two engines are apart: in place, in angle, at the ends of joints and in force."""

from dataclasses import replace

import pytest
from tests.prove.made_trials import rest, sweep, trial

from blueprint.pipeline.prove.differences import AgreementSettings, compare_rest, compare_trials
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.proofs import Measure

BOUNDS = AgreementSettings()


def test_rest_poses_are_compared_in_place_and_angle() -> None:
    found = compare_rest(rest("mujoco", Pose()), rest("physx", Pose.from_yaw((0.002, 0.0, 0.0), 0.05)), BOUNDS)
    position, orientation = found
    assert position.difference == pytest.approx(0.002)
    assert position.agrees
    assert orientation.difference == pytest.approx(0.05)
    assert not orientation.agrees


def test_joint_ends_may_differ_by_a_share_of_the_range_and_forces_freely() -> None:
    found = compare_trials([sweep(0.0, 0.4)], [sweep(0.001, 0.394)], BOUNDS)
    assert [each.quantity for each in found] == ["reached lower", "reached upper"]
    assert [each.agrees for each in found] == [True, False]
    first = replace(trial("push", "mug"), measures=(Measure("break-away force", 2.0, "N"),))
    second = replace(first, measures=(Measure("break-away force", 2.5, "N"),))
    (force,) = compare_trials([first], [second], BOUNDS)
    assert (force.difference, force.limit, force.agrees) == (0.5, None, True)
    assert compare_trials([first], [replace(first, measures=())], BOUNDS) == ()
