"""How far one thing is above another, exactly, between the convex pieces that physics will make them touch with."""

import numpy as np
from scipy.optimize import linprog

from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.shapes import Array, PropShape


def gap_above_m(
    upper: PropShape, T_world_upper: Pose, lower: PropShape, T_world_lower: Pose, *, near_m: float, slack_m: float
) -> float | None:
    """Return how far a thing can sink until it meets another (negative: is sunk into it), or None where it never does.

    Only gaps within `slack_m` of `near_m`, which the visible surfaces have, count: pieces that overlap sideways would
    lift it over an edge.
    """
    above = [T_world_upper.apply(piece) for piece in upper.pieces_m]
    below = [T_world_lower.apply(piece) for piece in lower.pieces_m]
    gaps = [piece_gap_m(a, b) for a in above for b in below if _may_meet(a, b, near_m + slack_m)]
    near = [gap for gap in gaps if gap is not None and abs(gap - near_m) <= slack_m]
    return min(near, default=None)


def piece_gap_m(upper_m: Array, lower_m: Array) -> float | None:
    """Return the least vertical distance from one convex piece down to another, corners (N, 3); None side by side.

    It is a linear program: a point in either hull, one straight above the other.
    """
    heights = np.concatenate([upper_m[:, 2], -lower_m[:, 2]])
    count = len(upper_m)
    same = np.zeros((4, len(heights)))
    same[:2, :count], same[:2, count:] = upper_m[:, :2].T, -lower_m[:, :2].T
    same[2, :count], same[3, count:] = 1.0, 1.0
    found = linprog(heights, A_eq=same, b_eq=[0.0, 0.0, 1.0, 1.0], method="highs")
    return float(found.fun) if found.status == 0 else None


def _may_meet(upper_m: Array, lower_m: Array, reach_m: float) -> bool:
    apart = (upper_m[:, :2].min(axis=0) > lower_m[:, :2].max(axis=0)) | (
        upper_m[:, :2].max(axis=0) < lower_m[:, :2].min(axis=0)
    )
    return not apart.any() and float(upper_m[:, 2].min() - lower_m[:, 2].max()) <= reach_m
