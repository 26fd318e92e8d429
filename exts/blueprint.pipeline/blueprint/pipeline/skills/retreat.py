"""Retreat: draw the open hand straight back from what it has let go."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.planning.cartesian import Line, poses_between
from blueprint.pipeline.scene.poses import Pose

from .legs import Follow, Leg, Manner
from .means import Means
from .situation import Situation

Array = NDArray[np.float64]

_SHARES = (1.0, 0.6, 0.35)
_WAYS_OUT_M = (0.02, 0.05, 0.1)
_SCRAPE_M = 0.0005
"""Room to what has just been let go: the fingers stand right beside it."""


def plan_retreat(means: Means, before: Situation, step: Step) -> Iterator[tuple[Leg, ...]]:
    """Go back along the approach by `distance_m`, or by as much of it as there is room for; else another way out."""
    distances = means.distances
    asked_m = step.values.get("distance_m", distances.retreat_m)
    means.arrange(before)
    T_world_tcp = means.workspace.world.tool_pose(before.arm_rad)
    beside = replace(before, touched=())
    for direction in _directions(T_world_tcp):
        # Where not even the shortest way is free no longer one is.
        shortest = _away(means, beside, T_world_tcp, direction * asked_m * _SHARES[-1])
        if shortest is None:
            continue
        longer = (_away(means, beside, T_world_tcp, direction * asked_m * share) for share in _SHARES[:-1])
        for line in chain(longer, (shortest,)):
            if line is not None:
                after = replace(beside, arm_rad=line.path_rad[-1])
                yield (Follow(line, Manner.STRAIGHT, Phase.RETREAT, after),)


def _away(means: Means, situation: Situation, T_world_tcp: Pose, offset_m: Array) -> Line | None:
    """Return the straight way of the hand by an offset, None where it cannot go or scrapes on something."""
    means.arrange(situation)
    line = means.workspace.line(situation.arm_rad, poses_between(T_world_tcp, offset_m))
    return line if line is not None and means.is_free(line.path_rad[1:], _SCRAPE_M) else None


def ways_out(means: Means, situation: Situation) -> Line | None:
    """Return a short line to where there is room to plan from, for an arm that stands too near to something."""
    world, distances = means.workspace.world, means.distances
    T_world_tcp = world.tool_pose(situation.arm_rad)
    for length_m in _WAYS_OUT_M:
        for direction in (np.array([0.0, 0.0, 1.0]), *_directions(T_world_tcp)):
            means.arrange(situation)
            least_m = min(0.0, means.workspace.world.clearance_m(situation.arm_rad))
            line = means.workspace.line(situation.arm_rad, poses_between(T_world_tcp, direction * length_m))
            if line is None or not means.is_free(line.path_rad, least_m):
                continue
            if means.workspace.is_clear(line.path_rad[-1], distances.padding_m):
                return line
    return None


def _directions(T_world_tcp: Pose) -> list[Array]:
    """List ways out: back along the approach, up, and to the sides, where something hangs over the hand."""
    x, y, z = T_world_tcp.rotation().T
    up = np.array([0.0, 0.0, 1.0])
    aslant = [(side - z) / np.sqrt(2.0) for side in (x, -x, y, -y)]
    return [-z, up, *aslant, x, -x, y, -y]
