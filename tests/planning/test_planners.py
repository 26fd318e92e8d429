"""The table of planners: bowed motions, searched ones, and a door that says what it needs."""

import importlib.util

import numpy as np
import pytest

from blueprint.pipeline.errors import MissingTool, UnknownName
from blueprint.pipeline.planning.motion import SearchBounds
from blueprint.pipeline.planning.planners import planner_named
from blueprint.pipeline.planning.workspace import Workspace

BOUNDS = SearchBounds(iterations=2000, searches=2)


def test_a_way_around_the_table_is_free_on_a_finer_grid(workspace: Workspace) -> None:
    """Between postures on both sides of the table, the arm keeps its distance wherever one looks."""
    home = np.array(workspace.robot.arm.home_rad)
    start, goal = home.copy(), home.copy()
    start[0], goal[0] = -1.3, 1.3
    free = workspace.free(0.005, 0.002)
    motion = planner_named("ompl", workspace).plan(start, goal, free, seed=3, bounds=BOUNDS)
    assert motion is not None
    np.testing.assert_allclose(motion.path_rad[[0, -1]], np.stack([start, goal]))
    fine = [a + (b - a) * t for a, b in zip(motion.path_rad, motion.path_rad[1:], strict=False) for t in (0.25, 0.5)]
    assert min(workspace.world.clearance_m(posture) for posture in fine) >= 0.002


def test_what_the_arm_reaches_moves_no_further_than_its_bound(workspace: Workspace) -> None:
    """The tool, for one, of any two postures that differ by little in each joint."""
    rng, arm = np.random.default_rng(2), workspace.robot.arm
    reach = workspace.free(0.005, 0.002).reach_m
    for _ in range(40):
        first = rng.uniform(arm.lower_rad, arm.upper_rad)
        second = np.clip(first + rng.uniform(-0.05, 0.05, len(first)), arm.lower_rad, arm.upper_rad)
        moved = np.linalg.norm(np.diff(workspace.tool_points_m(np.stack([first, second])), axis=0))
        assert moved <= reach @ np.abs(second - first) + 1e-9


def test_a_planner_that_nobody_knows_is_named_with_those_that_exist(workspace: Workspace) -> None:
    """The error lists them."""
    with pytest.raises(UnknownName, match="ompl"):
        planner_named("stomp", workspace)


@pytest.mark.skipif(importlib.util.find_spec("curobo") is not None, reason="cuRobo is installed here")
def test_curobo_says_how_it_is_installed(workspace: Workspace) -> None:
    """Without it, nothing is planned by something else in silence."""
    with pytest.raises(MissingTool, match="git clone https://"):
        planner_named("curobo", workspace)
