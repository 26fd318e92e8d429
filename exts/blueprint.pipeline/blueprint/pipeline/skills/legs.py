"""Legs: what the arm and the gripper are to do, piece by piece, with the situation that each should end in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.planning.cartesian import Line

from .situation import Situation

Array = NDArray[np.float64]


class Manner(Enum):
    """How fast a motion is: with an empty hand, with something in it, close to things, or against something."""

    FREE = "free"
    CARRYING = "carrying"
    STRAIGHT = "straight"
    CONTACT = "contact"


@dataclass(frozen=True, eq=False, slots=True)
class Follow:
    """Follow a straight line or an arc of the tool that was found free."""

    line: Line
    manner: Manner
    phase: Phase
    after: Situation

    @property
    def path_rad(self) -> Array:
        """Joint angles (K, n)."""
        return self.line.path_rad


@dataclass(frozen=True, eq=False, slots=True)
class Transit:
    """Go to a posture by any free way, which is planned late; without `goal_rad`, to where the next leg starts."""

    goal_rad: Array | None
    manner: Manner
    phase: Phase
    after: Situation


@dataclass(frozen=True, eq=False, slots=True)
class Close:
    """Close the fingers on what is between them; `grasp` is a prop and the place in its table."""

    after: Situation
    grasp: tuple[str, int]


@dataclass(frozen=True, eq=False, slots=True)
class Spread:
    """Bring the fingers to the width of the situation after, which lets go of what was between them."""

    after: Situation
    lets_go: bool = True


@dataclass(frozen=True, eq=False, slots=True)
class Wait:
    """Stand still for a time."""

    seconds: float
    phase: Phase
    after: Situation


Leg = Follow | Transit | Close | Spread | Wait


Chain = tuple[tuple[Leg, ...], ...]
"""The legs of several steps, one tuple per step."""


def changes_contact(legs: Sequence[Leg]) -> bool:
    """Whether what touches what is another after these legs, so that it must be measured before going on."""
    return any(
        isinstance(leg, Close)
        or (isinstance(leg, Spread) and leg.lets_go)
        or (isinstance(leg, Follow) and leg.manner is Manner.CONTACT)
        for leg in legs
    )


def with_goals(chain: Chain, start: Situation) -> Chain:
    """Give every open transit its goal, and add one where a path does not begin where the arm is; drops empty ones."""
    flat = [leg for legs in chain for leg in legs]
    before, position, found = start, 0, list[tuple[Leg, ...]]()
    for legs in chain:
        mine: list[Leg] = []
        for leg in legs:
            position += 1
            mine += _joined(leg, before, flat[position:])
            before = mine[-1].after if mine else before
        found.append(tuple(mine))
    return tuple(found)


def _joined(leg: Leg, before: Situation, following: Sequence[Leg]) -> list[Leg]:
    """Return a leg as it follows a situation: with its goal, behind a transit, or not at all."""
    if isinstance(leg, Transit):
        goal = leg.goal_rad if leg.goal_rad is not None else _next_start(following)
        if goal is None or _same(goal, before.arm_rad):
            return []
        return [replace(leg, goal_rad=goal, after=replace(leg.after, arm_rad=goal))]
    if not isinstance(leg, Follow):
        # Planned before it was known where a transit ahead of it leads.
        return [replace(leg, after=replace(leg.after, arm_rad=before.arm_rad))]
    if _same(leg.path_rad[0], before.arm_rad):
        return [leg]
    manner, phase = (Manner.FREE, Phase.REACH) if before.held is None else (Manner.CARRYING, Phase.CARRY)
    return [Transit(leg.path_rad[0], manner, phase, replace(before, arm_rad=leg.path_rad[0])), leg]


def _next_start(legs: Sequence[Leg]) -> Array | None:
    """Return the posture in which what follows begins."""
    return next((leg.path_rad[0] for leg in legs if isinstance(leg, Follow)), None)


def _same(first_rad: Array, second_rad: Array) -> bool:
    return bool(np.abs(first_rad - second_rad).max() < 1e-9)
