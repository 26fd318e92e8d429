"""What trials mean for a run: the worst prop decides, what failed is counted and named."""

import pytest
from tests.prove.made_trials import rest, sweep, trial

from blueprint.pipeline.prove.checks import agreement_checks, rest_checks, trial_checks
from blueprint.pipeline.prove.differences import AgreementSettings, compare_rest
from blueprint.pipeline.prove.rest import RestSettings
from blueprint.pipeline.prove.sweep import SweepSettings
from blueprint.pipeline.scene.poses import Pose

BOUNDS = AgreementSettings()


def test_disagreement_is_a_failing_check_that_names_who() -> None:
    found = compare_rest(rest("mujoco", Pose(), Pose()), rest("physx", Pose(), Pose((0.006, 0.0, 0.0))), BOUNDS)
    checks = {check.name: check for check in agreement_checks(found)}
    assert checks["engines_rest_position_of_bound"].value == pytest.approx(2.0)
    assert not checks["engines_rest_position_of_bound"].passed
    assert not checks["engines_rest_position_of_bound"].blocking
    assert "mug_1 rest position: 6.00 mm apart" in checks["engines_rest_position_of_bound"].why
    assert checks["engines_rest_orientation_of_bound"].passed
    assert agreement_checks([]) == []


@pytest.mark.parametrize("blocking", [True, False])
def test_the_worst_prop_at_rest_decides(blocking: bool) -> None:
    still = trial("rest", "mug", drift=0.0001, turn=0.001, penetration=0.0001)
    adrift = trial("rest", "can", "can moved 6.00 mm in 5 s", drift=0.006, turn=0.001, penetration=0.0001)
    checks = {check.name: check for check in rest_checks([still, adrift], RestSettings(), blocking=blocking)}
    drift = checks["physx_largest_drift"]
    assert (drift.value, drift.passed, drift.blocking) == (0.006, False, blocking)
    assert drift.why == "can moved 6.00 mm in 5 s"
    assert checks["physx_largest_turn"].passed
    assert checks["physx_largest_turn"].value == pytest.approx(0.0573, abs=1e-4)
    assert checks["physx_resting_penetration"].passed


def test_what_was_not_measured_does_not_pass() -> None:
    checks = rest_checks([trial("rest", "mug")], RestSettings(), blocking=True)
    assert [check.passed for check in checks] == [False, False, False]
    assert rest_checks([], RestSettings(), blocking=True) == []


def test_failed_trials_are_counted_and_named() -> None:
    many = [trial("drop", f"mug_{index}", f"mug_{index} still moves") for index in range(8)]
    checks = {check.name: check for check in trial_checks([*many, sweep(0.0, 0.4)], SweepSettings())}
    assert checks["physx_drops_that_fail"].value == 8
    assert not checks["physx_drops_that_fail"].passed
    assert not checks["physx_drops_that_fail"].blocking
    assert checks["physx_drops_that_fail"].why.endswith("; and 2 more")
    assert checks["physx_sweeps_that_fail"].passed
    assert checks["physx_joint_range_error"].passed
    assert trial_checks([], SweepSettings()) == []
