"""Straight lines of the tool: chains of inverse kinematics whose joints never jump."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.sims.kinematics import ArmKinematics

Array = NDArray[np.float64]

STEP_M = 0.01
_LARGEST_JUMP_RAD = 0.25


@dataclass(frozen=True, eq=False, slots=True)
class Line:
    """Joint angles (K, n) along a straight line of the tool; the residuals are the largest of all points."""

    path_rad: Array
    position_error_m: float
    rotation_error_rad: float

    def reversed(self) -> "Line":
        """Return the same line travelled backwards."""
        return Line(self.path_rad[::-1].copy(), self.position_error_m, self.rotation_error_rad)


def straight_line(
    kinematics: ArmKinematics, start_rad: Array, T_base_tcps: Iterable[Pose], free_turns: Sequence[int] = ()
) -> Line | None:
    """Follow poses from a start; None where a pose is out of reach or would need another arm posture.

    `free_turns` lists axes of the tool about which it may turn as it likes.
    """
    path, away_m, away_rad = [start_rad], 0.0, 0.0
    for pose in T_base_tcps:
        solution = kinematics.solve(pose, path[-1], free_turns=free_turns)
        if solution is None or np.abs(solution.arm_rad - path[-1]).max() > _LARGEST_JUMP_RAD:
            return None
        path.append(solution.arm_rad)
        away_m = max(away_m, solution.position_error_m)
        away_rad = max(away_rad, solution.rotation_error_rad)
    return Line(np.array(path), away_m, away_rad)


def poses_between(start: Pose, offset_m: Array) -> list[Pose]:
    """List poses from just after `start` to `start` moved by an offset, in equal steps of at most 1 cm."""
    count = max(2, int(np.ceil(np.linalg.norm(offset_m) / STEP_M)))
    origin = np.asarray(start.position_m)
    return [Pose(vec3(origin + offset_m * (k / count)), start.quat_wxyz) for k in range(1, count + 1)]
