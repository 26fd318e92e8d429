"""Collision-free motions of the whole arm: OMPL's RRTConnect over the planning world, bounded by counts.

OMPL seeds every random generator from one global sequence. It is restarted before each search, whose objects are all
made afterwards, so that a search depends on its own seed only and not on what the process has planned before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ompl import base, geometric, util

from blueprint.pipeline.scene.robots import Robot

Array = NDArray[np.float64]
IsFree = Callable[[Array], bool]

RESOLUTION = 0.002
STEP_RAD = 0.08
_SIMPLIFY_STEPS = 60
_RECHECK_RAD = 0.005

# OMPL calls the restart of its seed sequence an error on standard output.
util.setLogLevel(util.LogLevel.LOG_NONE)


@dataclass(frozen=True, eq=False, slots=True)
class Free:
    """Judges of one posture: `padded` steers the search, `safe` must hold on the finer grid that is checked after it.

    The padding is what lets a path whose checked points are padded be safe between them.
    """

    padded: IsFree
    safe: IsFree


@dataclass(frozen=True, slots=True)
class SearchBounds:
    """How much work finding a way may take; of all ways that the searches find, the shortest is kept."""

    iterations: int = 2000
    searches: int = 4


@dataclass(frozen=True, eq=False, slots=True)
class Motion:
    """Joint angles (K, n) from start to goal, at most `STEP_RAD` apart; `retries` counts searches without a way."""

    path_rad: Array
    retries: int


def plan_motion(
    start_rad: Array, goal_rad: Array, free: Free, robot: Robot, *, seed: int, bounds: SearchBounds | None = None
) -> Motion | None:
    """Plan from start to goal; None when `bounds` are spent."""
    bounds = bounds or SearchBounds()
    if not free.padded(start_rad) or not free.padded(goal_rad):
        return None
    direct = densified(np.stack([start_rad, goal_rad]))
    if all(free.padded(posture) for posture in direct) and _is_safe(direct, free):
        return Motion(direct, 0)
    seeds = range(seed, seed + bounds.searches)
    found = [_search(start_rad, goal_rad, free.padded, robot, each, bounds.iterations) for each in seeds]
    sound = [path for path in found if path is not None and _is_safe(path, free)]
    if not sound:
        return None
    return Motion(densified(min(sound, key=_length_rad)), len(found) - len(sound))


def _is_safe(path_rad: Array, free: Free) -> bool:
    return all(free.safe(posture) for posture in densified(path_rad, _RECHECK_RAD))


def _length_rad(path_rad: Array) -> float:
    return float(np.linalg.norm(np.diff(path_rad, axis=0), axis=1).sum())


def densified(path_rad: Array, step_rad: float = STEP_RAD) -> Array:
    """Return a path with points added so that no joint moves further than a step between two."""
    pieces = [path_rad[:1]]
    for start, end in pairwise(path_rad):
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
    simplifier.reduceVertices(path, _SIMPLIFY_STEPS, _SIMPLIFY_STEPS)
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
