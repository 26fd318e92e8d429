"""Straight lines of the tool: chains of inverse kinematics whose joints never jump."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.sims.kinematics import ArmKinematics, IkSolution

Array = NDArray[np.float64]

STEP_M = 0.01
_LARGEST_JUMP_RAD = 0.25
_KNOT_EVERY = 4


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
    kinematics: ArmKinematics,
    start_rad: Array,
    T_base_tcps: Sequence[Pose],
    free_turns: Sequence[int] = (),
    is_free: Callable[[Array], bool] | None = None,
) -> Line | None:
    """Follow poses from a start; None where a pose is out of reach, would need another arm posture, or is not free.

    A few poses far apart come first: most lines that cannot be show it there. `free_turns` lists axes of the tool about
    which it may turn as it likes.
    """
    solved = _knots(kinematics, start_rad, T_base_tcps, free_turns)
    if solved is None or (is_free and not _all_free([start_rad, *(knot.arm_rad for knot in solved.values())], is_free)):
        return None
    knots = dict(solved)
    if not _fill(kinematics, start_rad, T_base_tcps, free_turns, solved):
        return None
    between = [at for at in range(len(T_base_tcps)) if at not in knots]
    if is_free and not _all_free([solved[at].arm_rad for at in between], is_free):
        return None
    found = [solved[at] for at in range(len(T_base_tcps))]
    return Line(
        np.array([start_rad, *(each.arm_rad for each in found)]),
        max((each.position_error_m for each in found), default=0.0),
        max((each.rotation_error_rad for each in found), default=0.0),
    )


def _knots(
    kinematics: ArmKinematics, start_rad: Array, T_base_tcps: Sequence[Pose], free_turns: Sequence[int]
) -> dict[int, IkSolution] | None:
    """Return the solutions of every fourth pose and of the last, by their places; None where one is out of reach."""
    count, here, found = len(T_base_tcps), start_rad, dict[int, IkSolution]()
    places = [*range(_KNOT_EVERY - 1, count - 1, _KNOT_EVERY), *range(count - 1, count)]
    for at in places:
        solution = kinematics.solve(T_base_tcps[at], here, free_turns=free_turns)
        if solution is None or np.abs(solution.arm_rad - here).max() > _KNOT_EVERY * _LARGEST_JUMP_RAD:
            return None
        found[at], here = solution, solution.arm_rad
    return found


def _fill(
    kinematics: ArmKinematics,
    start_rad: Array,
    T_base_tcps: Sequence[Pose],
    free_turns: Sequence[int],
    solved: dict[int, IkSolution],
) -> bool:
    """Add the solutions between knots, sought from where a straight motion of the joints would be; False at a jump."""
    here, begin = start_rad, -1
    for end in sorted(solved):
        first, last = here, solved[end].arm_rad
        for at in range(begin + 1, end + 1):
            if at != end:
                seed = first + (last - first) * ((at - begin) / (end - begin))
                solution = kinematics.solve(T_base_tcps[at], seed, free_turns=free_turns)
                if solution is None:
                    return False
                solved[at] = solution
            if np.abs(solved[at].arm_rad - here).max() > _LARGEST_JUMP_RAD:
                return False
            here = solved[at].arm_rad
        begin = end
    return True


def _all_free(postures_rad: Sequence[Array], is_free: Callable[[Array], bool]) -> bool:
    return all(is_free(postures_rad[at]) for at in spread_order(len(postures_rad)))


def spread_order(count: int) -> list[int]:
    """Order positions so that the first few are far apart: most paths that are not free show it at once."""
    return sorted(range(count), key=lambda at: (at not in (0, count - 1), -(at & -at)))


def poses_between(start: Pose, offset_m: Array) -> list[Pose]:
    """List poses from just after `start` to `start` moved by an offset, in equal steps of at most 1 cm."""
    count = max(2, int(np.ceil(np.linalg.norm(offset_m) / STEP_M)))
    origin = np.asarray(start.position_m)
    return [Pose(vec3(origin + offset_m * (k / count)), start.quat_wxyz) for k in range(1, count + 1)]
