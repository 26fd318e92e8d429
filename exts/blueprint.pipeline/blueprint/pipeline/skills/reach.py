"""Reach, carry, home: go to where the next motion begins, or to the robot's rest, by any free way."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.tasks import Step

from .legs import Leg, Manner, Spread, Transit
from .means import Means
from .situation import Situation

_OPEN_ENOUGH_M = 0.001


def plan_reach(means: Means, before: Situation, step: Step) -> Iterator[tuple[Leg, ...]]:
    """Go with an open hand to where the next step begins."""
    del step
    open_m = means.workspace.robot.gripper.max_width_m
    if before.held is None and before.width_m < open_m - _OPEN_ENOUGH_M:
        opened = replace(before, width_m=open_m)
        yield Spread(opened, lets_go=False), Transit(None, Manner.FREE, Phase.REACH, opened)
    else:
        yield (Transit(None, Manner.FREE, Phase.REACH, before),)


def plan_carry(means: Means, before: Situation, step: Step) -> Iterator[tuple[Leg, ...]]:
    """Go with what is held to where the next step begins."""
    del means, step
    yield (Transit(None, Manner.CARRYING, Phase.CARRY, before),)


def plan_home(means: Means, before: Situation, step: Step) -> Iterator[tuple[Leg, ...]]:
    """Go to the robot's rest."""
    del step
    home = np.array(means.workspace.robot.arm.home_rad)
    manner = Manner.FREE if before.held is None else Manner.CARRYING
    yield (Transit(home, manner, Phase.HOME, replace(before, arm_rad=home)),)
