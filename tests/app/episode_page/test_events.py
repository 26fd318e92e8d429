"""What happened is told from recorded states: nothing that did not, and each thing once."""

from dataclasses import replace

import numpy as np
import pytest
from tests.episode.stories import CAN, FINGER, FPS, STARTS, TRAY, story, with_joint, with_touches, without_touches
from tests.episode.stories import moved as moved_track

from blueprint.pipeline.app.episode_page.events import Event, Story, joint_text, list_events
from blueprint.pipeline.episode.outcomes import EpisodeSummary, FailureCode, Outcome
from blueprint.pipeline.episode.phases import PHASE_NAMES, Phase
from blueprint.pipeline.episode.track import Track

OTHER = "robot/panda_rightfinger"
SUCCESS = Outcome(True, FailureCode.NONE, None, "all goals hold", {})


@pytest.fixture
def track() -> Track:
    """The can is grasped with both fingers, carried and set down."""
    base = story()
    two = replace(base, body_names=(*base.body_names, OTHER))
    held = np.flatnonzero((two.phase >= Phase.CLOSE) & (two.phase < Phase.OPEN))
    return with_touches(two, held.tolist(), (OTHER, CAN, (0.0, -20.0, 0.0)))


def told(track: Track, outcome: Outcome = SUCCESS) -> list[Event]:
    """Return what is told of a track, phases aside."""
    summary = EpisodeSummary("e", "t", "can", "Pick.", 0, 0, "mujoco", track.frame_count, FPS, outcome)
    events = list_events(Story(track, summary, ("can",), PHASE_NAMES, {"cabinet/slide": "m"}))
    return [event for event in events if event.kind != "phase"]


def test_a_success_is_touched_held_and_let_go(track: Track) -> None:
    assert [event.kind for event in told(track)] == ["touch", "grasp", "release", "verdict"]
    touch, grasp, release, verdict = told(track)
    close, opened = (int(np.flatnonzero(track.phase == phase)[0]) for phase in (Phase.CLOSE, Phase.OPEN))
    assert (touch.frame, grasp.frame, release.frame) == (close, close, opened)
    assert grasp.title == "holds can"
    assert "40 N" in grasp.detail
    assert (verdict.frame, verdict.tone) == (track.frame_count - 1, "good")


def test_phases_are_told_where_they_begin(track: Track) -> None:
    summary = EpisodeSummary("e", "t", "can", "Pick.", 0, 0, "mujoco", track.frame_count, FPS, SUCCESS)
    events = [event for event in list_events(Story(track, summary, ("can",), PHASE_NAMES)) if event.kind == "phase"]
    assert [event.title for event in events] == ["reach", "close", "lift", "carry", "lower", "open", "hold"]
    assert [event.frame for event in events] == [0, *(np.flatnonzero(np.diff(track.phase)) + 1).tolist()]


def test_a_lost_object_is_lost_and_falls(track: Track) -> None:
    lost = range(35, int(np.flatnonzero(track.phase == Phase.OPEN)[0]))
    dropped = without_touches(without_touches(track, [*lost], FINGER), [*lost], OTHER)

    def fall(position: np.ndarray, _: np.ndarray) -> None:
        position[36:42, 2] = np.linspace(0.48, 0.4, 6)
        position[42:, 2] = 0.4

    failed = Outcome(False, FailureCode.DROPPED, 35, "can left the hand", {})
    events = told(moved_track(dropped, "can", fall), failed)
    kinds = [event.kind for event in events]
    assert "release" not in kinds
    assert next(event for event in events if event.kind == "lost").frame == 35
    fell = next(event for event in events if event.kind == "fall")
    assert fell.frame in range(34, 38)
    assert fell.tone == "bad"
    verdict = next(event for event in events if event.kind == "verdict")
    assert (verdict.frame, verdict.title) == (35, "failed: dropped")


def test_an_object_that_slides_in_the_hand(track: Track) -> None:
    def slide(position: np.ndarray, _: np.ndarray) -> None:
        position[30:, 2] -= 0.008

    events = told(moved_track(track, "can", slide))
    slip = next(event for event in events if event.kind == "slip")
    assert slip.frame == 30
    assert "8 mm" in slip.detail


def test_a_collision_names_bodies_and_force_once(track: Track) -> None:
    hit = with_touches(track, [5, 6, 7, 9], (FINGER, TRAY, (0.0, 0.0, 7.5)))
    (collision,) = [event for event in told(hit) if event.kind == "collision"]
    assert collision.frame == 5
    assert {FINGER, TRAY} <= set(collision.title.split())
    assert "up to 7.5 N over 0.17 s" in collision.detail
    assert collision.tone == "bad"


def test_a_near_miss_is_no_collision(track: Track) -> None:
    near = with_touches(track, [5], (FINGER, TRAY, (0.0, 0.0, 0.05)))
    assert not [event for event in told(near) if event.kind == "collision"]


def test_what_is_carried_bumps_into_something(track: Track) -> None:
    bumped = with_touches(track, [35], (CAN, TRAY, (4.0, 0.0, 0.0)))
    (bump,) = [event for event in told(bumped) if event.kind == "bump"]
    assert (bump.frame, bump.tone) == (35, "warning")


def test_furniture_that_moves(track: Track) -> None:
    drawn = with_joint(track, np.linspace(0.0, 0.2, track.frame_count))
    (joint,) = [event for event in told(drawn) if event.kind == "joint"]
    assert joint.title == "cabinet/slide begins to move"
    assert "20 cm" in joint.detail
    assert joint_text(np.pi / 2, "rad") == "90.0°"


def test_a_failing_frame_beyond_the_end_is_the_last(track: Track) -> None:
    late = Outcome(False, FailureCode.TIMEOUT, 9999, "time is up", {})
    assert told(track, late)[-1].frame == track.frame_count - 1


def test_one_finger_alone_holds_nothing() -> None:
    kinds = [event.kind for event in told(story())]
    assert "touch" in kinds
    assert "grasp" not in kinds
    assert STARTS[CAN][2] == 0.4
