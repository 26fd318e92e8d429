"""States that do not live are found out, and those of the story live."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from tests.episode.stories import COUNT, FINGER, story, touched, without_touches

from blueprint.pipeline.episode.grips import list_grips
from blueprint.pipeline.episode.hand_senses import Hand, feel
from blueprint.pipeline.episode.liveness import DeadChannel, dead_channels
from blueprint.pipeline.episode.outcomes import FailureCode
from blueprint.pipeline.episode.touches import Touches
from blueprint.pipeline.episode.track import Track


def alive() -> Track:
    """Return the story with joints that move and efforts that change."""
    sway = np.sin(np.arange(COUNT) / 9)[:, None] * np.array([[0.3, 0.0]])
    track = story()
    rows = len(track.contact_first)
    return replace(
        track,
        joint_position=sway,
        joint_velocity=np.gradient(sway, axis=0) * 30,
        joint_effort=5 * sway,
        command=sway[:, :1] * 1.01,
        contact_position_m=np.repeat(track.tcp_position_m, np.diff(track.contact_offset), axis=0),
        contact_normal=np.tile([0.0, 1.0, 0.0], (rows, 1)),
    )


def found(track: Track, *, physics: bool = True) -> list[DeadChannel]:
    """Look at a track."""
    touches = Touches(track)
    senses = feel(touches, Hand((FINGER,), (FINGER,), np.zeros((COUNT, 1, 3))))
    return dead_channels(touches, senses, list_grips(touches, ("can",)), physics=physics)


def spoiled(name: str, change: Callable[[np.ndarray], object]) -> Track:
    """Return the living track with one array changed in place."""
    track = alive()
    values = np.array(getattr(track, name))
    change(values)
    return replace(track, **{name: values})


def test_the_story_lives() -> None:
    """With and without physics."""
    assert found(alive()) == []
    assert found(alive(), physics=False) == []


@pytest.mark.parametrize(
    ("name", "change", "frame", "words"),
    [
        ("joint_position", lambda v: v[7:8, 0].fill(np.nan), 7, "not finite"),
        ("joint_velocity", lambda v: v[9:10, 0].fill(900.0), 9, "beyond 500"),
        ("body_quat_wxyz", lambda v: v[3:4].__imul__(1.1), 3, "unit quaternion"),
        ("contact_force_n", lambda v: v[:1].fill(np.inf), 0, "not finite"),
        ("time_s", lambda v: v[20:].__iadd__(0.5), 20, "does not go on"),
        ("joint_effort", lambda v: v.fill(1.5), None, "never changes"),
        ("joint_position", lambda v: v.fill(0.2), None, "never changes"),
        ("tcp_position_m", lambda v: v.fill(0.2), None, "never changes"),
    ],
)
def test_a_dead_channel_is_named(
    name: str, change: Callable[[np.ndarray], object], frame: int | None, words: str
) -> None:
    """With the first frame that shows it, and as a verdict."""
    dead = [entry for entry in found(spoiled(name, change)) if entry.channel == name]
    assert dead
    assert dead[0].frame == frame
    assert words in dead[0].fault
    verdict = dead[0].verdict()
    assert verdict.failure is FailureCode.SENSOR_DEAD
    assert name in verdict.message


def test_a_robot_that_is_sent_nowhere_may_stand_still() -> None:
    """Without a command that changes, nothing has to."""
    still = replace(alive(), command=np.zeros((COUNT, 1)), joint_effort=np.zeros((COUNT, 2)))
    assert found(still) == []


def test_touch_must_be_felt() -> None:
    """With physics something stands on something, and what is held presses the pads."""
    nothing = touched(alive(), [[]] * COUNT)
    assert [entry.channel for entry in found(nothing)] == ["contact_force_n", "pad_force_n", "wrench"]
    assert found(nothing, physics=False) == []
    numb = without_touches(alive(), range(16, COUNT), FINGER)
    rows = len(numb.contact_first)
    numb = replace(numb, contact_position_m=np.zeros((rows, 3)), contact_normal=np.zeros((rows, 3)))
    assert [(entry.channel, entry.frame) for entry in found(numb)] == [("pad_force_n", 15)]
