"""When a path is where: the fastest motion within joint speed, acceleration, jerk, and speed of the tool.

The fastest motion within speed and acceleration (toppra) is averaged over a short window of time. An average keeps both
bounds, and bounds the jerk by twice the acceleration over the window's length (a box filter; Biagiotti and Melchiorri
2008, "Trajectory Planning for Automatic Machines and Robots", chapter 4).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import toppra
import toppra.algorithm
import toppra.constraint
from numpy.typing import NDArray

from blueprint.pipeline.errors import RunError
from blueprint.pipeline.scene.robots import Robot

Array = NDArray[np.float64]

_ONE_FRAME_RAD = 1e-3
"""Shorter paths take one frame; the numbers of the time-optimal search lose their meaning there."""

_TAPS_PER_S, _LOOKS = 900, 400

toppra.setup_logging("ERROR")


@dataclass(frozen=True, slots=True)
class Pace:
    """Shares of the robot's own limits, and how fast the tool may travel."""

    velocity_share: float
    acceleration_share: float
    jerk_share: float
    tool_m_s: float


class NoTiming(RunError):
    """No speeds along a path keep its limits."""

    def __init__(self, points: int) -> None:
        super().__init__(f"a path of {points} postures has no timing within the limits; a sharp corner in it does this")


def timed(path_rad: Array, tool_m: Array, robot: Robot, pace: Pace, fps: int) -> Array:
    """Return joint angles (T, n) at frame times after the start, the last at the path's end.

    `path_rad` (K, n) starts and ends at rest; `tool_m` (K, 3) is where the tool is at its points. Raises NoTiming.
    """
    moved = np.abs(np.diff(path_rad, axis=0)).max(axis=1)
    kept = np.concatenate([[True], moved > 1e-9])
    path_rad, tool_m = path_rad[kept], tool_m[kept]
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path_rad, axis=0), axis=1))])
    if along[-1] < _ONE_FRAME_RAD:
        return path_rad[-1:]
    spline = toppra.SplineInterpolator(along / along[-1], path_rad)
    velocity = np.array(robot.arm.velocity_rad_s) * pace.velocity_share
    acceleration = np.array(robot.arm.acceleration_rad_s2) * pace.acceleration_share
    constraints = [
        toppra.constraint.JointVelocityConstraint(np.stack([-velocity, velocity], axis=1)),
        toppra.constraint.JointAccelerationConstraint(np.stack([-acceleration, acceleration], axis=1)),
    ]
    problem = toppra.algorithm.TOPPRA(constraints, spline, parametrizer="ParametrizeConstAccel")
    trajectory: Any = problem.compute_trajectory(0, 0)
    if trajectory is None:
        raise NoTiming(len(path_rad))
    length_m = float(np.linalg.norm(np.diff(tool_m, axis=0), axis=1).sum())
    # Peak speed of a ramped motion is up to twice its mean; a stretched time keeps the path as it is.
    slow = 1.5 * length_m / pace.tool_m_s / trajectory.duration
    stretch = max(1.0, slow, _excess(trajectory, velocity, acceleration))
    window_s = float((2 * acceleration / (np.array(robot.arm.jerk_rad_s3) * pace.jerk_share)).max())
    count = max(1, int(np.ceil((trajectory.duration * stretch + window_s) * fps)))
    return _averaged(trajectory, np.arange(1, count + 1) / fps, window_s, stretch)


def _excess(trajectory: Any, velocity: Array, acceleration: Array) -> float:
    """Return how much longer a motion must take to keep its limits between the points at which they were posed.

    At a turning point, where a path doubles back, they are passed between two of them.
    """
    at_s = np.linspace(0.0, trajectory.duration, _LOOKS)
    faster = (np.abs(trajectory(at_s, 1)) / velocity).max()
    harder = (np.abs(trajectory(at_s, 2)) / acceleration).max()
    return float(max(faster, np.sqrt(harder)))


def _averaged(trajectory: Any, times_s: Array, window_s: float, stretch: float) -> Array:
    """Return the mean positions (T, n) over the window before each time; it rests before its start and at its end."""
    taps = max(8, int(np.ceil(window_s * _TAPS_PER_S)))
    back_s = (np.arange(taps) + 0.5) / taps * window_s
    at_s = np.clip((times_s[:, None] - back_s) / stretch, 0.0, trajectory.duration)
    positions = np.asarray(trajectory(at_s.ravel())).reshape(len(times_s), taps, -1)
    averaged = positions.mean(axis=1)
    averaged[-1] = np.asarray(trajectory(trajectory.duration))
    return averaged
