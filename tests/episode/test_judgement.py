"""The verdict on recorded states: one story that succeeds, and one change for each way to fail."""

from dataclasses import replace

import numpy as np
import pytest
from tests.episode.stories import (
    CAN,
    COUNT,
    FINGER,
    GEOMETRY,
    GOALS,
    TABLE,
    TRAY,
    about_x,
    moved,
    story,
    task,
    touched,
    with_joint,
    with_peak,
    with_touches,
    without_touches,
)

from blueprint.pipeline.episode.goals import (
    Apart,
    ForceBelow,
    JointWithin,
    NoCollision,
    NotRaised,
    OnTop,
    Raised,
    Released,
    TiltedOver,
    Undisturbed,
    Upright,
)
from blueprint.pipeline.episode.grips import list_grips, slip_since_m
from blueprint.pipeline.episode.judgement import judge, judged
from blueprint.pipeline.episode.outcomes import FailureCode
from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.touches import Touches
from blueprint.pipeline.errors import UnknownName


def test_the_story_succeeds() -> None:
    """The unchanged story is a success, and says no frame."""
    found = judged(story(), task(), GEOMETRY)
    assert found.verdict.success
    assert found.verdict.frame is None
    assert found.margins.shape == (len(GOALS), COUNT)
    assert [(grip.start, grip.end, grip.held) for grip in found.grips] == [(15, 54, "can")]


def test_an_object_that_is_held_and_stays_on_the_table_was_not_lifted() -> None:
    """Without a lift of 5 cm nothing else counts; the frame is the lift's last."""
    still = moved(story(), "can", lambda p, _: p[:, 2].fill(0.4))
    still = replace(still, tcp_position_m=still.prop_position_m[:, 0] + [0, 0, 0.05])
    verdict = judge(still, task(), GEOMETRY)
    assert (verdict.failure, verdict.frame) == (FailureCode.NOT_LIFTED, 24)
    assert "0.000 m" in verdict.message
    assert "0.05 m" in verdict.message


def test_an_object_that_slides_through_the_fingers_has_slipped() -> None:
    """The tool point moves 3 cm over the object while it is carried; the force is that of the fingers."""
    verdict = judge(moved(story(), "can", lambda p, _: p[30:, 2].__isub__(0.03)), task(), GEOMETRY)
    assert (verdict.failure, verdict.frame) == (FailureCode.SLIPPED, 30)
    assert verdict.bodies == (FINGER, CAN)
    assert verdict.force_n == pytest.approx(20.0)
    assert "0.030 m" in verdict.message


def test_an_object_that_no_finger_touches_is_dropped() -> None:
    """A frame of the carry without contact between robot and object."""
    verdict = judge(without_touches(story(), [33], FINGER), task(), GEOMETRY)
    assert (verdict.failure, verdict.frame, verdict.bodies) == (FailureCode.DROPPED, 33, ("can",))


def test_an_object_that_leaves_the_hand_on_the_table_has_slipped() -> None:
    """It never came off the table, so it fell nowhere."""
    frames = list(range(16, 55))
    still = moved(story(), "can", lambda p, _: p[:, 2].fill(0.4))
    verdict = judge(without_touches(still, frames, FINGER), task(), GEOMETRY)
    assert (verdict.failure, verdict.frame) == (FailureCode.SLIPPED, 16)


def test_the_second_of_two_grasps_is_watched_too() -> None:
    """Can and tray are picked up in turn; the tray is lost while it is carried."""
    track, twice = story(), 2 * COUNT
    both = replace(
        track,
        time_s=np.arange(twice) / 30,
        **{
            name: np.concatenate([getattr(track, name)] * 2)
            for name in (
                "phase",
                "joint_position",
                "command",
                "tcp_quat_wxyz",
                "gripper_width_m",
                "body_position_m",
                "body_quat_wxyz",
            )
        },
    )
    rise = np.concatenate([np.zeros(COUNT), track.body_position_m[:, 1, 2] - 0.4])
    body = both.body_position_m.copy()
    body[COUNT:, 1], body[:, 2, 2] = body[COUNT - 1, 1], 0.4 + rise
    tool = np.concatenate([track.tcp_position_m, body[COUNT:, 2] + [0, 0, 0.01]])
    both = replace(
        both,
        body_position_m=body,
        prop_position_m=body[:, [1, 2]],
        prop_quat_wxyz=both.body_quat_wxyz[:, [1, 2]],
        tcp_position_m=tool,
    )
    grips = [(TABLE, CAN, (0.0, 0.0, 3.0))]
    first = [[*grips, (FINGER, CAN, (0.0, 20.0, 0.0))] if 10 <= frame < 55 else list(grips) for frame in range(COUNT)]
    second = [[*grips, (FINGER, TRAY, (0.0, 9.0, 0.0))] if 10 <= frame < 55 else list(grips) for frame in range(COUNT)]
    held = touched(both, first + second)
    assert [grip.held for grip in list_grips(Touches(held), ("can", "tray"))] == ["can", "tray"]
    assert judge(held, task(), GEOMETRY).success
    lost = judge(without_touches(held, [COUNT + 40], FINGER), task(), GEOMETRY)
    assert (lost.failure, lost.frame, lost.bodies) == (FailureCode.DROPPED, COUNT + 40, ("tray",))
    first = judge(without_touches(held, [40], FINGER), task(), GEOMETRY)
    assert (first.failure, first.frame, first.bodies) == (FailureCode.DROPPED, 40, ("can",))


def test_a_closed_gripper_has_not_released() -> None:
    """The gripper never opens again after it held."""
    track = story()
    width = track.gripper_width_m.copy()
    width[55:] = 0.04
    verdict = judge(replace(track, gripper_width_m=width), task(), GEOMETRY)
    assert verdict.failure is FailureCode.NOT_RELEASED
    assert "0.005 m" in verdict.message


def test_a_touching_finger_has_not_released() -> None:
    """The last frame lists a contact between finger and object, whose force is told."""
    verdict = judge(with_touches(story(), [COUNT - 1], (FINGER, CAN, (0, 0, 2.5))), task(), GEOMETRY)
    assert (verdict.failure, verdict.frame) == (FailureCode.NOT_RELEASED, COUNT - 1)
    assert (verdict.bodies, verdict.force_n) == ((FINGER, CAN), pytest.approx(2.5))


def test_a_rolling_object_is_not_at_rest() -> None:
    """1 mm per frame is 3 cm/s; the frame is the first of the hold that moves."""
    rolling = moved(story(), "can", lambda p, _: p[-5:, 0].__iadd__(0.001 * np.arange(1, 6)))
    verdict = judge(rolling, task(), GEOMETRY)
    assert (verdict.failure, verdict.frame) == (FailureCode.NOT_AT_REST, COUNT - 5)
    assert "0.030 m/s" in verdict.message


def test_an_object_over_the_edge_is_not_in_the_region() -> None:
    """One corner 1 cm outside is outside."""
    shifted = moved(story(), "can", lambda p, _: p[:, 0].__iadd__(0.04))
    shifted = replace(shifted, tcp_position_m=shifted.tcp_position_m + np.array([0.04, 0, 0]))
    verdict = judge(shifted, task(), GEOMETRY)
    assert verdict.failure is FailureCode.NOT_IN_REGION
    assert "0.010 m" in verdict.message
    assert verdict.bodies == ("can", "table")


def test_the_way_to_a_failure_comes_before_its_end() -> None:
    """What is dropped also ends outside, at an earlier frame than the hand's trouble could be told from."""
    shifted = moved(story(), "can", lambda p, _: p[:, 0].__iadd__(0.04))
    shifted = replace(shifted, tcp_position_m=shifted.tcp_position_m + np.array([0.04, 0, 0]))
    assert judge(without_touches(shifted, [33], FINGER), task(), GEOMETRY).failure is FailureCode.DROPPED


def test_a_blow_between_two_frames_is_a_collision() -> None:
    """It is named with its bodies and force, bounds count it, and nobody takes it for a touch."""
    hit = with_peak(story(), 40, TABLE, FINGER, 60.0)
    verdict = judge(hit, task(safety=(NoCollision(("can",), 5.0),)), GEOMETRY)
    assert (verdict.failure, verdict.frame, verdict.force_n) == (FailureCode.COLLIDED, 40, 60.0)
    assert set(verdict.bodies) == {FINGER, TABLE}
    assert judge(hit, task(safety=(ForceBelow(50.0),)), GEOMETRY).failure is FailureCode.TOO_MUCH_FORCE
    touches = Touches(hit)
    assert not touches.touching(touches.between("robot", "table")).any()
    assert touches.total_n(touches.between("robot", "table")).max() == 0.0
    assert touches.strongest_n(touches.between("robot", "table"))[[39, 40, 41]].tolist() == [0.0, 60.0, 0.0]
    brushed = with_peak(story(), COUNT - 3, FINGER, CAN, 3.0)
    assert judge(brushed, task(), GEOMETRY).success


def test_safety_fails_what_otherwise_succeeds() -> None:
    """A push against the table of 12 N in one frame, where 5 N are allowed, names both links."""
    pushed = with_touches(story(), [40], (FINGER, TABLE, (0, 0, -12.0)))
    safe = task(safety=(NoCollision(("can",), 5.0),))
    assert judge(story(), safe, GEOMETRY).success
    verdict = judge(pushed, safe, GEOMETRY)
    assert (verdict.failure, verdict.frame) == (FailureCode.COLLIDED, 40)
    assert (verdict.bodies, verdict.force_n) == ((FINGER, TABLE), pytest.approx(12.0))
    assert "12.0 N, 5 N at most" in verdict.message


def test_what_was_done_before_it_began_is_no_success() -> None:
    """A drawer that is to be open and is: nobody showed anything; one more goal to reach, and it counts."""
    there = JointWithin("cabinet/slide", -0.1, 0.1)
    verdict = judge(story(), task(there, Released("can")), GEOMETRY)
    assert (verdict.failure, verdict.frame) == (FailureCode.ALREADY_DONE, 0)
    assert "2 goals held before anything was done" in verdict.message
    assert judge(story(), task(there, Raised("can", 0.05)), GEOMETRY).success


def test_force_counts_on_what_is_handled_too() -> None:
    """Twenty newtons of squeeze are more than ten."""
    verdict = judge(story(), task(safety=(ForceBelow(10.0),)), GEOMETRY)
    assert (verdict.failure, verdict.frame) == (FailureCode.TOO_MUCH_FORCE, 10)
    assert judge(story(), task(safety=(ForceBelow(25.0),)), GEOMETRY).success


def test_what_the_task_does_not_name_stays_where_it_is() -> None:
    """The tray was shoved 3 cm."""
    verdict = judge(
        moved(story(), "tray", lambda p, _: p[50:, 1].__iadd__(0.03)),
        task(safety=(Undisturbed("tray", 0.02),)),
        GEOMETRY,
    )
    assert verdict.failure is FailureCode.DISTURBED
    assert "0.030 m, 0.02 m at most" in verdict.message


@pytest.mark.parametrize(
    ("goal", "code"),
    [
        (OnTop("can", "tray"), FailureCode.NOT_ON_TOP),
        (NotRaised("can", 0.01), FailureCode.RAISED),
        (TiltedOver("can", "tray", 1.0, 0.2), FailureCode.NOT_TILTED),
        (Apart("can", "table", 0.01), FailureCode.NOT_APART),
        (JointWithin("cabinet/slide", 0.2, 0.4), FailureCode.JOINT_SHORT),
    ],
)
def test_every_unmet_goal_has_a_code_and_a_sentence(goal: object, code: FailureCode) -> None:
    """The story lacks each of these."""
    verdict = judge(story(), task(goal), GEOMETRY)  # type: ignore[arg-type]
    assert verdict.failure is code
    assert any(character.isdigit() for character in verdict.message)
    assert verdict.bodies


def test_a_fallen_object_is_not_upright() -> None:
    """It leans 90 degrees at the end."""
    fallen = moved(
        story(), "can", lambda _, q: q[60:].__setitem__(slice(None), about_x(np.full(COUNT - 60, np.pi / 2)))
    )
    verdict = judge(fallen, task(Upright("can", 0.2)), GEOMETRY)
    assert verdict.failure is FailureCode.TIPPED_OVER
    assert "leans 90 degrees" in verdict.message


def test_a_joint_that_does_not_give_way_is_stuck() -> None:
    """Short is a drawer that came half way, stuck one that did not move while the robot worked at it."""
    goal = task(JointWithin("cabinet/slide", 0.2, 0.4))
    pulled = replace(story(), phase=np.full(COUNT, Phase.FOLLOW))
    pulled = with_touches(pulled, range(30, 60), (FINGER, "cabinet/drawer", (0, -30.0, 0)))
    assert judge(with_joint(pulled, np.linspace(0, 0.1, COUNT)), goal, GEOMETRY).failure is FailureCode.JOINT_SHORT
    stuck = judge(with_joint(pulled, np.linspace(0, 0.004, COUNT)), goal, GEOMETRY)
    assert stuck.failure is FailureCode.STUCK_JOINT
    assert "0.004 of the 0.200" in stuck.message
    assert judge(with_joint(story(), np.zeros(COUNT)), goal, GEOMETRY).failure is FailureCode.JOINT_SHORT
    assert judge(with_joint(pulled, np.linspace(0, 0.4, COUNT)), goal, GEOMETRY).failure is FailureCode.NONE


def test_time_limits_and_holds_are_kept() -> None:
    """2.9 s are more than 2, and a record of three frames shows no hold of half a second."""
    late = judge(story(), task(time_limit_s=2.0), GEOMETRY)
    assert (late.failure, late.frame) == (FailureCode.TIMEOUT, COUNT - 1)
    held = task(JointWithin("cabinet/slide", -0.1, 0.1), hold_s=10.0)
    assert judge(story(), held, GEOMETRY).failure is FailureCode.TIMEOUT


def test_an_engine_without_contacts_is_judged_by_motion() -> None:
    """Where no contact is ever measured, their absence is no evidence of a drop."""
    empty = touched(story(), [[]] * COUNT)
    assert [grip.held for grip in list_grips(Touches(empty), ("can",))] == ["can"]
    assert judge(empty, task(), GEOMETRY).success


def test_a_goal_about_what_was_not_recorded_is_refused() -> None:
    """With the names that there are."""
    with pytest.raises(UnknownName, match="cabinet/slide"):
        judge(story(), task(JointWithin("cabinet/hinge", 0, 1)), GEOMETRY)
    with pytest.raises(UnknownName, match="tray"):
        judge(story(), task(Upright("jug", 1.0)), GEOMETRY)


def test_swinging_about_the_grip_is_no_slip() -> None:
    """The object turns about the tool point, which stays where it is on the object."""
    track, angle = story(), 0.4
    quat, position = track.prop_quat_wxyz.copy(), track.prop_position_m.copy()
    quat[40, 0] = [np.cos(angle / 2), np.sin(angle / 2), 0, 0]
    position[40, 0] = track.tcp_position_m[40] + [0, 0.05 * np.sin(angle), -0.05 * np.cos(angle)]
    swung = replace(track, prop_position_m=position, prop_quat_wxyz=quat)
    assert slip_since_m(swung, "can", 30)[40] == pytest.approx(0.0, abs=1e-12)
