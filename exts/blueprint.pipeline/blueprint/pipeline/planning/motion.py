"""What a motion planner is asked and what it answers: ways of the whole arm that keep a distance all along.

A posture's clearance cannot change faster than the joints can move the arm's furthest point. So a few measured
clearances prove a whole sweep, and nothing is left to chance between them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STEP_RAD = 0.08


@dataclass(frozen=True, eq=False, slots=True)
class Free:
    """How free a posture is: its clearance, the `padding_m` kept where it is measured, `near_m` kept in between.

    `reach_m` (n,) bounds how far a joint's turn by 1 rad (or way of 1 m) moves any point of the arm and what it holds.
    """

    clearance_m: Callable[[Array], float]
    padding_m: float
    near_m: float
    reach_m: Array

    def padded(self, posture_rad: Array) -> bool:
        """Whether a posture keeps the padding."""
        return self.clearance_m(posture_rad) >= self.padding_m

    def path_m(self, path_rad: Array) -> float | None:
        """Return the least clearance measured along a path (K, n); None unless it keeps its room throughout."""
        least = here = self.clearance_m(path_rad[0])
        if here < self.padding_m:
            return None
        for start, goal in pairwise(path_rad):
            for ahead in self._between(start, goal, here):
                if ahead < self.padding_m:
                    return None
                least, here = min(least, ahead), ahead
        return float(least)

    def _between(self, start_rad: Array, goal_rad: Array, here_m: float) -> Iterator[float]:
        """Yield the clearances measured from after a start, which has `here_m`, to a goal."""
        travel_m, at_m = float(self.reach_m @ np.abs(goal_rad - start_rad)), 0.0
        while at_m < travel_m:
            # Between two measured clearances the least is half of what both leave of the way between.
            at_m = min(travel_m, at_m + here_m + self.padding_m - 2 * self.near_m)
            here_m = self.clearance_m(start_rad + (goal_rad - start_rad) * (at_m / travel_m))
            yield here_m


@dataclass(frozen=True, slots=True)
class SearchBounds:
    """How much work finding a way may take."""

    iterations: int = 2000
    searches: int = 4


@dataclass(frozen=True, eq=False, slots=True)
class Motion:
    """Joint angles (K, n) from start to goal, at most `STEP_RAD` apart; `retries` counts searches without a way."""

    path_rad: Array
    retries: int
    clearance_m: float


class Planner(Protocol):
    """Finds free ways of the whole arm."""

    def plan(self, start_rad: Array, goal_rad: Array, free: Free, *, seed: int, bounds: SearchBounds) -> Motion | None:
        """Return a way from start to goal; None when `bounds` are spent."""
        ...


def densified(path_rad: Array, step_rad: float = STEP_RAD) -> Array:
    """Return a path with points added so that no joint moves further than a step between two."""
    pieces = [path_rad[:1]]
    for start, end in pairwise(path_rad):
        count = max(1, int(np.ceil(np.abs(end - start).max() / step_rad)))
        pieces.append(start + (end - start) * (np.arange(1, count + 1) / count)[:, None])
    return np.concatenate(pieces)
