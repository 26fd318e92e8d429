"""Lift: raise what is held straight up, off whatever it stands on."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.planning.cartesian import poses_between

from .legs import Follow, Leg, Manner
from .means import Means
from .situation import Situation

_LOWER_SHARES = (1.0, 0.8, 0.65)
"""Heights that are tried, as shares of the asked one: shelves and arms that are stretched out allow less."""


def plan_lift(means: Means, before: Situation, step: Step) -> Iterator[tuple[Leg, ...]]:
    """Rise by `height_m`, or by as much of it as there is room for, but by no less than `least_m`."""
    held = before.held
    assert held is not None
    world, distances = means.workspace.world, means.distances
    under = means.beside_held(before)
    T_world_tcp = world.tool_pose(before.arm_rad)
    asked_m = step.values.get("height_m", distances.lift_m)
    heights = [asked_m * share for share in _LOWER_SHARES]
    least_m = min(asked_m, step.values.get("least_m", 0.0))
    rises = [height_m for height_m in heights if height_m >= least_m]
    for free_turns, height_m in product(means.leans, rises):
        means.arrange(before)
        means.allow(before, ([held.body], under))
        up = poses_between(T_world_tcp, np.array([0.0, 0.0, height_m]))
        line = means.line(before.arm_rad, up, distances.near_m, free_turns)
        if line is None:
            continue
        means.allow(before)
        if means.workspace.is_clear(line.path_rad[-1], distances.padding_m):
            yield (Follow(line, Manner.CARRYING, Phase.LIFT, replace(before, arm_rad=line.path_rad[-1])),)
