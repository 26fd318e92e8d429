"""Ways of the whole arm: around what stands there, repeatable, bounded."""

import numpy as np
import pytest

from blueprint.pipeline.planning.motion import STEP_RAD, Free, SearchBounds, densified, plan_motion
from blueprint.pipeline.scene.robots import Robot

START, GOAL = np.array([-1.2, -0.3, 0, -2.2, 0, 1.9, 0.8]), np.array([1.2, -0.3, 0, -2.2, 0, 1.9, 0.8])


def wall(posture: np.ndarray, padding_rad: float = 0.02) -> bool:
    """Free unless the base joint looks forward while the shoulder leans out: a wall to be passed behind."""
    return bool(abs(posture[0]) > 0.3 + padding_rad or posture[1] < -0.9 - padding_rad)


WALL = Free(padded=wall, safe=lambda posture: wall(posture, 0.0))


def test_a_free_way_is_straight(robot: Robot) -> None:
    """Where nothing stands between, no search is made."""
    motion = plan_motion(START, GOAL, Free(lambda _: True, lambda _: True), robot, seed=1)
    assert motion is not None
    assert motion.path_rad[0] == pytest.approx(START)
    assert motion.path_rad[-1] == pytest.approx(GOAL)
    off = motion.path_rad - (START + np.outer((motion.path_rad[:, 0] + 1.2) / 2.4, GOAL - START))
    assert np.abs(off).max() < 1e-12


def test_a_wall_is_avoided_all_along(robot: Robot) -> None:
    """The padding keeps every point free between the planner's own; starts and ends are kept, limits hold."""
    assert not all(wall(posture) for posture in densified(np.stack([START, GOAL])))
    motion = plan_motion(START, GOAL, WALL, robot, seed=1)
    assert motion is not None
    assert all(wall(posture, -1e-3) for posture in densified(motion.path_rad, 0.001))
    assert motion.path_rad[0] == pytest.approx(START)
    assert motion.path_rad[-1] == pytest.approx(GOAL)
    assert (motion.path_rad >= np.array(robot.arm.lower_rad)).all()
    assert (motion.path_rad <= np.array(robot.arm.upper_rad)).all()
    assert np.abs(np.diff(motion.path_rad, axis=0)).max() <= STEP_RAD + 1e-12


def test_a_search_depends_on_its_own_seed_only(robot: Robot) -> None:
    """Whatever the process planned before, in whatever order."""
    first = plan_motion(START, GOAL, WALL, robot, seed=11)
    other = plan_motion(GOAL, START, WALL, robot, seed=5)
    again = plan_motion(START, GOAL, WALL, robot, seed=11)
    assert first is not None
    assert other is not None
    assert again is not None
    assert np.array_equal(first.path_rad, again.path_rad)
    different = plan_motion(START, GOAL, WALL, robot, seed=112)
    assert different is not None
    assert not np.array_equal(first.path_rad, different.path_rad)


def test_no_way_is_none_after_counted_work(robot: Robot) -> None:
    """A closed wall: the search ends by its count of steps."""
    calls = 0

    def closed(posture: np.ndarray) -> bool:
        nonlocal calls
        calls += 1
        return bool(abs(posture[0]) > 0.3)

    assert (
        plan_motion(START, GOAL, Free(closed, closed), robot, seed=1, bounds=SearchBounds(iterations=60, searches=2))
        is None
    )
    first, calls = calls, 0
    assert (
        plan_motion(START, GOAL, Free(closed, closed), robot, seed=1, bounds=SearchBounds(iterations=60, searches=2))
        is None
    )
    assert calls == first


def test_a_start_in_collision_has_no_way(robot: Robot) -> None:
    """Neither has a goal."""
    blocked = np.array([0.0, *START[1:]])
    assert plan_motion(blocked, GOAL, WALL, robot, seed=1) is None
    assert plan_motion(START, blocked, WALL, robot, seed=1) is None
