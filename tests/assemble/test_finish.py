"""A robot that stands too far away: every prop that it was to pick is named; with none left the run stops."""

from blueprint.pipeline.assemble.finish import reach_checks
from blueprint.pipeline.scene.poses import Pose

GRASPS = {"can": [Pose()], "mug": [Pose(), Pose()], "globe": []}


def test_a_scene_of_which_nothing_is_reached_stops_the_run_naming_each_prop() -> None:
    nothing, _ = reach_checks(GRASPS, ())
    assert nothing.blocking
    assert nothing.sentence() == (
        "props_in_reach: 0 (>= 1) FAILED; "
        "can (no pose of the arm), globe (the gripper fits nowhere), mug (no pose of the arm)"
    )


def test_single_props_out_of_reach_are_named_and_do_not_stop_the_run() -> None:
    some, missed = reach_checks(GRASPS, ("can",))
    assert some.passed
    assert not missed.blocking
    assert not missed.passed
    assert missed.value == 2
    assert missed.why == "globe (the gripper fits nowhere), mug (no pose of the arm)"


def test_a_scene_of_which_everything_is_reached_passes() -> None:
    assert all(check.passed and not check.why for check in reach_checks({"can": [Pose()]}, ("can",)))
