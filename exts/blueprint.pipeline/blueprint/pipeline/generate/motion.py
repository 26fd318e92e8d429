"""Collision-free motions of the whole arm: OMPL's RRTConnect over the planning world, bounded by counts.

OMPL seeds every random generator from one global sequence. It is restarted before each search, whose objects are all
made afterwards, so that a search depends on its own seed only and not on what the process has planned before.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ompl import base, geometric, util

from blueprint.pipeline.scene.robots import Robot

Array = NDArray[np.float64]
IsFree = Callable[[Array], bool]

RESOLUTION = 0.002
_SIMPLIFY_STEPS = 60

# OMPL calls the restart of its seed sequence an error on standard output.
util.setLogLevel(util.LogLevel.LOG_NONE)


@dataclass(frozen=True, slots=True)
class SearchBounds:
    """How much work one search may take."""

    iterations: int = 2000
    retries: int = 3


@dataclass(frozen=True, eq=False, slots=True)
class Motion:
    """Joint angles (K, n) from start to goal, at most `STEP_RAD` apart; `retries` counts rejected searches."""

    path_rad: Array
    retries: int


STEP_RAD = 0.08


def plan_motion(
    start_rad: Array, goal_rad: Array, is_free: IsFree, robot: Robot, *, seed: int, bounds: SearchBounds | None = None
) -> Motion | None:
    """Plan from start to goal; None when `bounds` are spent. `is_free` judges one posture, padding included."""
    bounds = bounds or SearchBounds()
    if not is_free(start_rad) or not is_free(goal_rad):
        return None
    direct = densified(np.stack([start_rad, goal_rad]))
    if all(is_free(posture) for posture in direct):
        return Motion(direct, 0)
    for retry in range(bounds.retries):
        found = _search(start_rad, goal_rad, is_free, robot, seed + retry, bounds.iterations)
        # A simplified path may still graze between two checked states.
        if found is not None and all(is_free(posture) for posture in densified(found, STEP_RAD / 4)):
            return Motion(densified(found), retry)
    return None


def densified(path_rad: Array, step_rad: float = STEP_RAD) -> Array:
    """Return a path with points added so that no joint moves further than a step between two."""
    pieces = [path_rad[:1]]
    for start, end in zip(path_rad[:-1], path_rad[1:], strict=True):
        count = max(1, int(np.ceil(np.abs(end - start).max() / step_rad)))
        pieces.append(start + (end - start) * (np.arange(1, count + 1) / count)[:, None])
    return np.concatenate(pieces)


def _search(
    start_rad: Array, goal_rad: Array, is_free: IsFree, robot: Robot, seed: int, iterations: int
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
    setup.setStateValidityChecker(lambda state: is_free(np.array([state[joint] for joint in range(count)])))
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
    simplifier.reduceVertices(path, _SIMPLIFY_STEPS, _SIMPLIFY_STEPS)
    simplifier.smoothBSpline(path, 3)
    return np.array([[path.getState(k)[j] for j in range(count)] for k in range(path.getStateCount())])


def _state(space: base.RealVectorStateSpace, values: Array):
    state = space.allocState()
    for joint, value in enumerate(values):
        state[joint] = float(value)
    return state
