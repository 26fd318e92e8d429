"""Timing keeps the limits, the ends and the path."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blueprint.pipeline.planning.motion import densified
from blueprint.pipeline.planning.timing import Pace, timed
from blueprint.pipeline.scene.robots import Robot, load_robot

FPS = 30
FAST = 300
"""Frames per second at which derivatives are taken."""


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
    frames = timed(path, np.zeros((len(path), 3)), robot, Pace(share, 0.3, 1.0, 10.0), FPS)
    speed = np.abs(np.diff(np.vstack([home, frames]), axis=0)) * FPS
    assert (speed <= np.array(robot.arm.velocity_rad_s) * share * 1.01 + 1e-9).all()
    assert frames[-1] == pytest.approx(path[-1], abs=1e-6)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.lists(st.floats(-0.6, 0.6), min_size=7, max_size=7), min_size=2, max_size=4),
    st.floats(0.1, 0.5),
    st.floats(0.01, 0.2),
)
def test_speed_acceleration_and_jerk_keep_their_limits(
    corners: list[list[float]], acceleration_share: float, jerk_share: float
) -> None:
    """Of smooth paths through drawn postures, sampled finely: none of the three is exceeded anywhere."""
    robot = load_robot("franka_panda")
    home = np.array(robot.arm.home_rad)
    path = _smooth(np.array([np.zeros(7), *corners]) + home)
    pace = Pace(0.8, acceleration_share, jerk_share, 100.0)
    frames = timed(path, np.zeros((len(path), 3)), robot, pace, FAST)
    rest = np.repeat(path[:1], 3, axis=0), np.repeat(path[-1:], 3, axis=0)
    states = np.vstack([rest[0], frames, rest[1]])
    bounds = zip(
        (robot.arm.velocity_rad_s, robot.arm.acceleration_rad_s2, robot.arm.jerk_rad_s3),
        (0.8, acceleration_share, jerk_share),
        strict=True,
    )
    for order, (limit, share) in enumerate(bounds, start=1):
        found = np.abs(np.diff(states, n=order, axis=0)).max(axis=0) * FAST**order
        # The bounds are kept at the points of a grid along the path, and between them by nearly as much.
        assert (found <= np.array(limit) * share * 1.15 + 1e-3).all(), f"derivative {order}"


@settings(max_examples=10, deadline=None)
@given(st.lists(st.lists(st.floats(-0.6, 0.6), min_size=7, max_size=7), min_size=2, max_size=4))
def test_the_motion_stays_on_its_path(corners: list[list[float]]) -> None:
    """An average over a hundredth of a second leaves a curve by less than its clearance could feel."""
    robot = load_robot("franka_panda")
    path = _smooth(np.array([np.zeros(7), *corners]) + np.array(robot.arm.home_rad))
    frames = timed(path, np.zeros((len(path), 3)), robot, Pace(0.8, 0.4, 0.1, 100.0), 60)
    fine = densified(path, 0.002)
    away = [np.abs(fine - frame).max(axis=1).min() for frame in frames]
    assert max(away) < 0.004


def test_the_tool_keeps_its_speed(panda: Robot) -> None:
    """A metre at 0.2 m/s takes at least five seconds, and the mean frame moves no more than that."""
    home = np.array(panda.arm.home_rad)
    path = densified(np.stack([home, home + 0.1]))
    tool = np.linspace([0, 0, 0], [1, 0, 0], len(path))
    assert len(timed(path, tool, panda, Pace(1.0, 1.0, 1.0, 0.2), FPS)) >= 5 * FPS


def test_standing_still_takes_one_frame(panda: Robot) -> None:
    """A path that does not move is its end."""
    home = np.array(panda.arm.home_rad)
    frames = timed(np.stack([home, home]), np.zeros((2, 3)), panda, Pace(1.0, 1.0, 1.0, 1.0), FPS)
    assert frames == pytest.approx(home[None])


def _smooth(corners: np.ndarray) -> np.ndarray:
    """Return a Bezier curve over the corners, densely sampled."""
    t = np.linspace(0.0, 1.0, 60)[:, None]
    points = [np.broadcast_to(corner, (60, 7)) for corner in corners]
    while len(points) > 1:
        points = [(1 - t) * first + t * second for first, second in pairwise(points)]
    return points[0].copy()
