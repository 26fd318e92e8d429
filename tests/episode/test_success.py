"""The verdict on recorded states: one story that succeeds, and one change for each way to fail."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.pipeline.episode.goals import AtRest, InRegion, Raised, Released
from blueprint.pipeline.episode.outcomes import FailureCode
from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.success import SUCCESS, distance_outside_m, judge, slip_since_m
from blueprint.pipeline.episode.tasks import Region, Task
from blueprint.pipeline.episode.track import Track

CORNERS_M = np.array([[x, y, z] for x in (-0.03, 0.03) for y in (-0.02, 0.02) for z in (0.0, 0.1)])
REGION = Region("target", "table", (0.5, 0.2, 0.4), (0.06, 0.05), 0.0)
GOALS = (Raised("can", 0.05), InRegion("can", REGION), Released("can"), AtRest("can"))
TASK = Task("episode", "pick_place", "pick_place", "can", {}, (), GOALS, (), "Pick up the can.", ())
BODIES = ("robot/panda_leftfinger", "can/body", "table/top")
SPANS = {Phase.REACH: 10, Phase.CLOSE: 5, Phase.LIFT: 10, Phase.CARRY: 20, Phase.LOWER: 10, Phase.OPEN: 5}
HOLD = 30


def story() -> Track:
    """Return a success: the can rises 10 cm, is carried 30 cm and set down into the region."""
    phase = np.concatenate([np.full(count, phase) for phase, count in {**SPANS, Phase.HOLD: HOLD}.items()])
    count = len(phase)
    held = (phase >= Phase.LIFT) & (phase < Phase.OPEN)
    position = np.zeros((count, 1, 3))
    position[:, 0] = (0.5, -0.1, 0.4)
    position[:, 0, 1] = np.interp(np.arange(count), [25, 45], [-0.1, 0.2])
    position[:, 0, 2] = np.interp(np.arange(count), [15, 25, 45, 54], [0.4, 0.5, 0.5, 0.4])
    quat = np.zeros((count, 1, 4))
    quat[..., 0] = 1.0
    touched = (phase >= Phase.CLOSE) & (phase < Phase.OPEN)
    firsts = [[2, 0] if touch else [2] for touch in touched]
    offsets = np.concatenate([[0], np.cumsum([len(entry) for entry in firsts])])
    first = np.concatenate(firsts)
    return Track(
        30,
        ("can",),
        BODIES,
        np.arange(count) / 30,
        phase.astype(np.int64),
        np.zeros((count, 9)),
        np.zeros((count, 9)),
        position[:, 0] + [0, 0, 0.05],
        np.tile([1.0, 0, 0, 0], (count, 1)),
        np.where(held, 0.04, 0.08),
        position,
        quat,
        offsets,
        first,
        np.ones(len(first), dtype=np.int64),
        np.full(len(first), 1e-4),
        np.ones((len(first), 3)),
    )


def changed(field: str, change: Callable[[np.ndarray], None]) -> Track:
    """Return the story with one array changed."""
    track = story()
    values = getattr(track, field).copy()
    change(values)
    return replace(track, **{field: values})


def test_the_story_succeeds() -> None:
    """The unchanged story is a success, and says no frame."""
    assert judge(story(), TASK, CORNERS_M) == SUCCESS


def test_an_object_that_stays_on_the_table_has_slipped() -> None:
    """Without a lift of 5 cm nothing else counts; the frame is the lift's last."""
    verdict = judge(changed("prop_position_m", lambda p: p[:, 0, 2].fill(0.4)), TASK, CORNERS_M)
    assert (verdict.failure, verdict.frame) == (FailureCode.SLIPPED, 24)


def test_an_object_that_slides_through_the_fingers_is_dropped() -> None:
    """The tool point moves 3 cm over the object while it is carried."""
    verdict = judge(changed("prop_position_m", lambda p: p[30:, 0, 2].__isub__(0.03)), TASK, CORNERS_M)
    assert (verdict.failure, verdict.frame) == (FailureCode.DROPPED, 30)


def test_an_object_that_no_finger_touches_is_dropped() -> None:
    """A frame of the carry without contact between robot and object."""
    track = story()
    row = track.contact_offset[33] + 1
    first = track.contact_first.copy()
    first[row] = 2
    verdict = judge(replace(track, contact_first=first), TASK, CORNERS_M)
    assert (verdict.failure, verdict.frame) == (FailureCode.DROPPED, 33)


def test_a_closed_gripper_has_not_released() -> None:
    """The gripper is as narrow at the end as while it held."""
    verdict = judge(changed("gripper_width_m", lambda w: w[-1:].fill(0.04)), TASK, CORNERS_M)
    assert verdict.failure is FailureCode.NOT_RELEASED


def test_a_touching_finger_has_not_released() -> None:
    """The last frame lists a contact between finger and object."""
    track = story()
    first = track.contact_first.copy()
    first[-1] = 0
    verdict = judge(replace(track, contact_first=first), TASK, CORNERS_M)
    assert verdict.failure is FailureCode.NOT_RELEASED


def test_a_rolling_object_is_not_at_rest() -> None:
    """1 mm per frame is 3 cm/s; the frame is the first of the final half second that moves."""
    verdict = judge(
        changed("prop_position_m", lambda p: p[-5:, 0, 0].__iadd__(0.001 * np.arange(1, 6))), TASK, CORNERS_M
    )
    assert (verdict.failure, verdict.frame) == (FailureCode.NOT_AT_REST, story().frame_count - 5)


def test_an_object_over_the_edge_is_not_in_the_region() -> None:
    """One corner 1 cm outside is outside."""
    moved = story()
    position, tool = moved.prop_position_m.copy(), moved.tcp_position_m.copy()
    position[..., 0] += 0.04
    tool[..., 0] += 0.04
    verdict = judge(replace(moved, prop_position_m=position, tcp_position_m=tool), TASK, CORNERS_M)
    assert verdict.failure is FailureCode.NOT_IN_REGION
    assert "0.010 m" in verdict.message


def test_an_engine_without_contacts_is_judged_by_motion() -> None:
    """Where no contact is ever measured, their absence is no evidence of a drop."""
    track = story()
    empty = replace(
        track,
        contact_offset=np.zeros(track.frame_count + 1, dtype=np.int64),
        contact_first=np.zeros(0, dtype=np.int64),
        contact_second=np.zeros(0, dtype=np.int64),
        contact_depth_m=np.zeros(0),
        contact_force_n=np.zeros((0, 3)),
    )
    assert judge(empty, TASK, CORNERS_M) == SUCCESS


@given(st.floats(-np.pi, np.pi), st.floats(-0.2, 0.2), st.floats(-0.2, 0.2))
def test_the_distance_outside_turns_with_the_region(yaw_rad: float, x_m: float, y_m: float) -> None:
    """Turning region and object together about the region's centre changes nothing."""
    track = story()
    quat = np.tile([np.cos(yaw_rad / 2), 0, 0, np.sin(yaw_rad / 2)], (track.frame_count, 1, 1))
    center = np.array(REGION.center_m)
    turn = np.array([[np.cos(yaw_rad), -np.sin(yaw_rad), 0], [np.sin(yaw_rad), np.cos(yaw_rad), 0], [0, 0, 1]])
    offset = np.array([x_m, y_m, 0.0])
    upright = replace(track, prop_position_m=np.broadcast_to(center + offset, track.prop_position_m.shape))
    turned_at = np.broadcast_to(center + turn @ offset, track.prop_position_m.shape)
    turned = replace(track, prop_position_m=turned_at, prop_quat_wxyz=quat)
    before = distance_outside_m(upright, REGION, 0, CORNERS_M, 0)
    after = distance_outside_m(turned, replace(REGION, yaw_rad=yaw_rad), 0, CORNERS_M, 0)
    assert after == pytest.approx(before, abs=1e-12)
    assert before == pytest.approx(max(abs(x_m) + 0.03 - 0.06, abs(y_m) + 0.02 - 0.05), abs=1e-12)


def test_swinging_about_the_grip_is_no_slip() -> None:
    """The object turns about the tool point, which stays where it is on the object."""
    track = story()
    angle = 0.4
    quat = track.prop_quat_wxyz.copy()
    quat[40] = [np.cos(angle / 2), np.sin(angle / 2), 0, 0]
    position = track.prop_position_m.copy()
    arm = np.array([0, 0.05 * np.sin(angle), -0.05 * np.cos(angle)])
    position[40, 0] = track.tcp_position_m[40] + arm
    swung = replace(track, prop_position_m=position, prop_quat_wxyz=quat)
    assert slip_since_m(swung, "can", 30)[40] == pytest.approx(0.0, abs=1e-12)
