"""What a hand feels, from contacts whose sums are known."""

from dataclasses import replace

import numpy as np
import pytest
from tests.episode.stories import CAN, COUNT, FINGER, TABLE, about_x, story, touched

from blueprint.pipeline.episode.hand_senses import Hand, feel, robot_touch
from blueprint.pipeline.episode.touches import Touches
from blueprint.pipeline.episode.track import Track

FRAME = 5
PADS_M = np.tile(np.array([[0.0, 0.04, 0.01]]), (COUNT, 1, 1))
HAND = Hand((FINGER,), (FINGER,), PADS_M)


def pressed(*points: tuple[float, float, float], tilt_rad: float = 0.0) -> Track:
    """Return a track whose finger is pressed by the can in one frame: 2 N along +y at points relative to the tool."""
    track = story()
    turn = about_x(np.full(COUNT, tilt_rad))
    touches = [[(CAN, FINGER, (0.0, 2.0, 0.0))] * len(points) if frame == FRAME else [] for frame in range(COUNT)]
    made = touched(replace(track, tcp_quat_wxyz=turn), touches)
    world = track.tcp_position_m[FRAME] + np.array(points)
    return replace(made, contact_position_m=world, contact_normal=np.tile([0.0, 1.0, 0.0], (len(points), 1)))


def test_the_wrench_is_the_sum_about_the_tool_point() -> None:
    """Two newtons each, 4 cm to one side and 1 cm above: the torque is their arm times their force."""
    senses = feel(Touches(pressed((0.04, 0.0, 0.01), (0.02, 0.0, 0.01))), HAND)
    assert senses.wrench[FRAME] == pytest.approx([0, 4, 0, -0.04, 0, 0.12])
    assert not senses.wrench[FRAME + 1].any()
    assert senses.finger_force_n[FRAME, 0] == pytest.approx([0, 4, 0])


def test_the_wrench_is_along_the_tools_axes() -> None:
    """A tool that leans by a quarter turn about x feels the world's y along its own -z."""
    senses = feel(Touches(pressed((0.0, 0.0, 0.0), tilt_rad=np.pi / 2)), HAND)
    assert senses.wrench[FRAME, :3] == pytest.approx([0, 0, -2], abs=1e-12)


def test_a_force_on_the_other_link_is_turned_round() -> None:
    """The finger is listed first, so what it feels is the opposite of what the can feels."""
    track = pressed((0.0, 0.0, 0.0))
    swapped = replace(track, contact_first=track.contact_second, contact_second=track.contact_first)
    assert feel(Touches(swapped), HAND).wrench[FRAME, :3] == pytest.approx([0, -2, 0])


def test_a_patch_has_a_centre_and_a_size() -> None:
    """Three points, of which the middle one is pressed alike; positions are from the pad's middle."""
    senses = feel(Touches(pressed((0.01, 0.04, 0.0), (0.03, 0.04, 0.03), (0.02, 0.04, 0.03))), HAND)
    assert senses.pad_force_n[FRAME, 0] == pytest.approx(6.0)
    assert senses.pad_center_m[FRAME, 0] == pytest.approx([0.02, 0.01])
    assert senses.pad_extent_m[FRAME, 0] == pytest.approx([0.02, 0.03])
    assert senses.pad_count[FRAME, 0] == 3
    assert senses.pad_count[:, 0].sum() == 3
    for values in (senses.pad_force_n, senses.pad_center_m, senses.pad_extent_m):
        assert np.isfinite(values).all()
        assert not values[FRAME + 1].any()


def test_the_robots_own_links_do_not_touch_it() -> None:
    """Only contacts with something else count, all of the robot's links together."""
    track = story()
    both = touched(track, [[(FINGER, TABLE, (0, 0, 3.0)), (FINGER, FINGER, (5.0, 0, 0))]] * COUNT)
    points = np.zeros((2 * COUNT, 3))
    both = replace(both, contact_position_m=points, contact_normal=points + np.array([0, 0, 1.0]))
    assert robot_touch(Touches(both))[3].tolist() == [3.0, 1.0]
    assert feel(Touches(both), HAND).wrench[3, :3] == pytest.approx([0, 0, -3])
