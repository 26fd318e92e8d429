"""Searched motions: OMPL's RRTConnect, bounded by counts.

OMPL seeds every random generator from one global sequence. It is restarted before each search, whose objects are all
made afterwards, so that a search depends on its own seed only and not on what the process has planned before.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ompl import base, geometric, util

from blueprint.pipeline.scene.robots import Robot

from .motion import Free, Motion, SearchBounds, densified

Array = NDArray[np.float64]

RESOLUTION = 0.004
_SIMPLIFY_STEPS = 40

# OMPL calls the restart of its seed sequence an error on standard output.
util.setLogLevel(util.LogLevel.LOG_NONE)


def plan_rrt(
    start_rad: Array, goal_rad: Array, free: Free, robot: Robot, *, seed: int, bounds: SearchBounds
) -> Motion | None:
    """Return the first found way that is free all along; None when `bounds` are spent."""
    if not free.padded(start_rad) or not free.padded(goal_rad):
        return None
    for attempt in range(bounds.searches):
        found = _search(start_rad, goal_rad, free.padded, robot, seed + attempt, bounds.iterations)
        path = None if found is None else densified(found)
        clearance_m = None if path is None else free.path_m(path)
        if path is not None and clearance_m is not None:
            return Motion(path, attempt, clearance_m)
    return None


def _search(
    start_rad: Array, goal_rad: Array, is_free: Callable[[Array], bool], robot: Robot, seed: int, iterations: int
) -> Array | None:
    util.RNG.setSeed(seed)
    count = len(start_rad)
    space = base.RealVectorStateSpace(count)
    limits = base.RealVectorBounds(count)
    for joint, (low, high) in enumerate(zip(robot.arm.lower_rad, robot.arm.upper_rad, strict=True)):
        limits.setLow(joint, low)
        limits.setHigh(joint, high)
    space.setBounds(limits)
    setup = geometric.SimpleSetup(space)
    setup.setStateValidityChecker(lambda state: is_free(_values(state, count)))
    information = setup.getSpaceInformation()
    information.setStateValidityCheckingResolution(RESOLUTION)
    setup.setStartAndGoalStates(_state(space, start_rad), _state(space, goal_rad))
    setup.setPlanner(geometric.RRTConnect(information))
    spent = 0

    def is_spent() -> bool:
        nonlocal spent
        spent += 1
        return spent > iterations

    setup.solve(base.PlannerTerminationCondition(is_spent))
    if not setup.haveExactSolutionPath():
        return None
    path = setup.getSolutionPath()
    simplifier = geometric.PathSimplifier(information)
    simplifier.reduceVertices(path, _SIMPLIFY_STEPS, _SIMPLIFY_STEPS)
    simplifier.partialShortcutPath(path, _SIMPLIFY_STEPS, _SIMPLIFY_STEPS)
    simplifier.smoothBSpline(path, 3)
    return np.stack([_values(path.getState(k), count) for k in range(path.getStateCount())])


# OMPL's states are typed without the indexing that they have.
def _state(space: base.RealVectorStateSpace, values: Array) -> Any:
    state: Any = space.allocState()
    for joint, value in enumerate(values):
        state[joint] = float(value)
    return state


def _values(state: Any, count: int) -> Array:
    return np.array([state[joint] for joint in range(count)])
