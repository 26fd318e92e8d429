"""Ways of the whole arm: around what stands there, repeatable, bounded, and free between the looked-at postures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blueprint.pipeline.planning.motion import STEP_RAD, Free, SearchBounds, densified
from blueprint.pipeline.planning.rrt import plan_rrt
from blueprint.pipeline.scene.robots import Robot

START, GOAL = np.array([-1.2, -0.3, 0, -2.2, 0, 1.9, 0.8]), np.array([1.2, -0.3, 0, -2.2, 0, 1.9, 0.8])
BOUNDS = SearchBounds(iterations=2000, searches=4)


def wall_m(posture: np.ndarray) -> float:
    """Distance to a wall: it stands in front of the base, and is passed behind with the shoulder leant back."""
    return float(max(abs(posture[0]) - 0.3, -0.9 - posture[1]))


WALL = Free(wall_m, 0.02, 0.005, np.ones(7))


def test_a_wall_is_avoided_all_along(robot: Robot) -> None:
    """Every point between the planner's own keeps the nearer distance; starts and ends are kept, limits hold."""
    assert WALL.path_m(np.stack([START, GOAL])) is None
    motion = plan_rrt(START, GOAL, WALL, robot, seed=1, bounds=BOUNDS)
    assert motion is not None
    assert min(map(wall_m, densified(motion.path_rad, 0.001))) >= 0.005
    assert motion.clearance_m >= 0.02
    assert motion.path_rad[0] == pytest.approx(START)
    assert motion.path_rad[-1] == pytest.approx(GOAL)
    assert (motion.path_rad >= np.array(robot.arm.lower_rad)).all()
    assert (motion.path_rad <= np.array(robot.arm.upper_rad)).all()
    assert np.abs(np.diff(motion.path_rad, axis=0)).max() <= STEP_RAD + 1e-12


def test_a_search_depends_on_its_own_seed_only(robot: Robot) -> None:
    """Whatever the process planned before, in whatever order."""
    first = plan_rrt(START, GOAL, WALL, robot, seed=11, bounds=BOUNDS)
    other = plan_rrt(GOAL, START, WALL, robot, seed=5, bounds=BOUNDS)
    again = plan_rrt(START, GOAL, WALL, robot, seed=11, bounds=BOUNDS)
    different = plan_rrt(START, GOAL, WALL, robot, seed=112, bounds=BOUNDS)
    assert first is not None
    assert other is not None
    assert again is not None
    assert different is not None
    assert np.array_equal(first.path_rad, again.path_rad)
    assert not np.array_equal(first.path_rad, different.path_rad)


def test_no_way_is_none_after_counted_work(robot: Robot) -> None:
    """A closed wall: the search ends by its count of steps."""
    calls = 0

    def closed_m(posture: np.ndarray) -> float:
        nonlocal calls
        calls += 1
        return float(abs(posture[0]) - 0.3)

    closed, few = Free(closed_m, 0.02, 0.005, np.ones(7)), SearchBounds(iterations=60, searches=2)
    assert plan_rrt(START, GOAL, closed, robot, seed=1, bounds=few) is None
    first, calls = calls, 0
    assert plan_rrt(START, GOAL, closed, robot, seed=1, bounds=few) is None
    assert calls == first


def test_a_start_in_collision_has_no_way(robot: Robot) -> None:
    """Neither has a goal."""
    blocked = np.array([0.0, *START[1:]])
    assert plan_rrt(blocked, GOAL, WALL, robot, seed=1, bounds=BOUNDS) is None
    assert plan_rrt(START, blocked, WALL, robot, seed=1, bounds=BOUNDS) is None


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.floats(-1.5, 1.5), min_size=3, max_size=3),
    st.lists(st.floats(-1.5, 1.5), min_size=3, max_size=3),
    st.floats(0.05, 0.8),
)
def test_a_sweep_that_passes_is_free_everywhere(start: list[float], goal: list[float], radius: float) -> None:
    """A ball in joint space whose distance changes as fast as joints may move anything: no point of the way is near."""
    here, there, reach = np.array(start), np.array(goal), np.array([0.9, 0.5, 0.2])

    def clearance_m(posture: np.ndarray) -> float:
        return min(0.03, float(np.linalg.norm(reach * posture) - radius))

    found = Free(clearance_m, 0.005, 0.002, reach).path_m(np.stack([here, there]))
    on_the_way = [clearance_m(here + (there - here) * share) for share in np.linspace(0, 1, 400)]
    if found is not None:
        assert min(on_the_way) >= 0.002 - 1e-12
        assert found >= 0.005
    else:
        assert min(on_the_way) < 0.006
