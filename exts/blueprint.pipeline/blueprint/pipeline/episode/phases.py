"""The phases of a pick-and-place episode, in order."""

from enum import IntEnum


class Phase(IntEnum):
    """What the robot is doing in a frame."""

    START = 0
    REACH = 1
    APPROACH = 2
    CLOSE = 3
    LIFT = 4
    CARRY = 5
    LOWER = 6
    OPEN = 7
    RETREAT = 8
    HOLD = 9


PHASE_NAMES = tuple(phase.name.lower() for phase in Phase)
