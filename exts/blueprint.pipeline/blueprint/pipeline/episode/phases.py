"""What the robot is doing in a frame: the phases of skills, named alike in every task."""

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
    PUSH = 10
    PRESS = 11
    FOLLOW = 12
    TILT = 13
    INSERT = 14
    HOME = 15


PHASE_NAMES = tuple(phase.name.lower() for phase in Phase)
