"""Timing keeps the limits, the ends and the path."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blueprint.pipeline.planning.motion import densified
from blueprint.pipeline.planning.timing import Pace, timed
from blueprint.pipeline.scene.robots import Robot, load_robot

FPS = 30


@pytest.fixture(scope="module")
def panda() -> Robot:
    """The Panda."""
    return load_robot("franka_panda")


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(-0.8, 0.8), min_size=7, max_size=7), st.floats(0.2, 1.0))
def test_speeds_keep_their_share_of_the_limits(offsets: list[float], share: float) -> None:
    """Frame differences never exceed the speed limits; start and end are as asked."""
    robot = load_robot("franka_panda")
    home = np.array(robot.arm.home_rad)
    path = densified(np.stack([home, home + np.array(offsets)]))
    frames = timed(path, np.zeros((len(path), 3)), robot, Pace(share, 0.3, 10.0), FPS)
    speed = np.abs(np.diff(np.vstack([home, frames]), axis=0)) * FPS
    assert (speed <= np.array(robot.arm.velocity_rad_s) * share * 1.01 + 1e-9).all()
    assert frames[-1] == pytest.approx(path[-1], abs=1e-6)


def test_the_tool_keeps_its_speed(panda: Robot) -> None:
    """A metre at 0.2 m/s takes at least five seconds, and the mean frame moves no more than that."""
    home = np.array(panda.arm.home_rad)
    path = densified(np.stack([home, home + 0.1]))
    tool = np.linspace([0, 0, 0], [1, 0, 0], len(path))
    assert len(timed(path, tool, panda, Pace(1.0, 1.0, 0.2), FPS)) >= 5 * FPS


def test_standing_still_takes_one_frame(panda: Robot) -> None:
    """A path that does not move is its end."""
    home = np.array(panda.arm.home_rad)
    frames = timed(np.stack([home, home]), np.zeros((2, 3)), panda, Pace(1.0, 1.0, 1.0), FPS)
    assert frames == pytest.approx(home[None])
