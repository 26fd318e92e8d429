"""Bowed motions: one smooth curve past what stands between two postures, tried before anything is searched for."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.sims.kinematics import ArmKinematics

from .motion import STEP_RAD, Free, Motion

Array = NDArray[np.float64]

_RAISED_M = (0.1, 0.2, 0.3)
_TUCKED = (0.5, 1.0)
_DAMPING = 0.02


def plan_bow(start_rad: Array, goal_rad: Array, free: Free, robot: Robot, kinematics: ArmKinematics) -> Motion | None:
    """Try the straight joint motion, then curves that raise the tool or tuck the arm in midway; None if all hit."""
    lower, upper = np.array(robot.arm.lower_rad), np.array(robot.arm.upper_rad)
    for control in _controls(start_rad, goal_rad, robot, kinematics):
        path = _curve(start_rad, np.clip(control, lower, upper), goal_rad)
        if not free.padded(path[len(path) // 2]):
            continue
        clearance_m = free.path_m(path)
        if clearance_m is not None:
            return Motion(path, 0, clearance_m)
    return None


def _controls(start_rad: Array, goal_rad: Array, robot: Robot, kinematics: ArmKinematics) -> Iterator[Array]:
    middle = (start_rad + goal_rad) / 2
    yield middle
    J = kinematics.jacobian(middle)
    up = J.T @ np.linalg.solve(J @ J.T + _DAMPING * np.eye(6), np.array([0.0, 0.0, 1.0, 0.0, 0.0, 0.0]))
    # The curve goes half as far as its control point.
    raised = [middle + 2 * height_m * up for height_m in _RAISED_M]
    home = np.array(robot.arm.home_rad)
    home[0] = middle[0]
    tucked = [middle + 2 * share * (home - middle) for share in _TUCKED]
    yield from (raised[0], tucked[0], raised[1], tucked[1], raised[2])


def _curve(start_rad: Array, control_rad: Array, goal_rad: Array) -> Array:
    """Return the parabola (K, n) from start to goal that leaves and arrives towards a control point."""
    way = np.abs(control_rad - start_rad).max() + np.abs(goal_rad - control_rad).max()
    t = np.linspace(0.0, 1.0, max(2, int(np.ceil(way / STEP_RAD)) + 1))[:, None]
    return (1 - t) ** 2 * start_rad + 2 * t * (1 - t) * control_rad + t**2 * goal_rad
