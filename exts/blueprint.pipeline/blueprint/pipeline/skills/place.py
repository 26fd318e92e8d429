"""Place and insert: bring what is held straight down to where it is let go."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.planning.cartesian import poses_between
from blueprint.pipeline.planning.misses import Hurdle, Miss
from blueprint.pipeline.scene.poses import Pose, vec3

from .legs import Follow, Leg, Manner
from .means import BESIDE_M, Means
from .situation import Situation

_SUNK_M = -0.004
"""What is deeper in something at the place is not placed there; models of things overlap by less than this."""
_SHARES = (1.0, 0.6)
"""Lengths of the descent that are tried, as shares of the asked one."""


def plan_place(means: Means, before: Situation, step: Step) -> Iterator[tuple[Leg, ...]]:
    """Descend to the pose, as long as a lift."""
    yield from _descents(means, before, step, means.distances.lift_m, Phase.LOWER)


def plan_insert(means: Means, before: Situation, step: Step) -> Iterator[tuple[Leg, ...]]:
    """Descend into a hole of `depth_m`, from above its rim."""
    length_m = step.values.get("depth_m", 0.0) + means.distances.lift_m
    yield from _descents(means, before, step, length_m, Phase.INSERT)


def _descents(means: Means, before: Situation, step: Step, length_m: float, phase: Phase) -> Iterator[tuple[Leg, ...]]:
    held, pose = before.held, step.pose
    assert held is not None
    assert pose is not None
    x, y, z = pose.position_m
    T_world_prop = Pose(vec3([x, y, z + means.distances.drop_m]), pose.quat_wxyz)
    under = _beside(means, before, T_world_prop)
    if under is None:
        return
    T_world_tcp = T_world_prop @ held.T_tcp_body.inverse()
    world, distances = means.workspace.world, means.distances
    for arm_rad in means.postures(T_world_tcp, before.arm_rad):
        for free_turns, share in product(means.leans, _SHARES):
            means.arrange(before)
            means.allow(before, ([held.body], under))
            up = poses_between(T_world_tcp, np.array([0.0, 0.0, length_m * share]))
            line = means.line(arm_rad, up, distances.near_m, free_turns)
            if line is None:
                continue
            means.allow(before)
            if means.workspace.is_clear(line.path_rad[-1], distances.padding_m):
                stands = {**before.T_world_props, held.prop: T_world_prop}
                after = replace(before, arm_rad=arm_rad, T_world_props=stands)
                yield (Follow(line.reversed(), Manner.STRAIGHT, phase, after),)
                break
    world.detach()


def _beside(means: Means, before: Situation, T_world_prop: Pose) -> list[str] | None:
    """Return the links that the prop touches at its place, None where it would be inside of one."""
    assert before.held is not None
    means.arrange(before)
    world, prop = means.workspace.world, before.held.prop
    world.detach()
    world.move_prop(prop, T_world_prop)
    found = world.nearby(prop, BESIDE_M)
    deepest = min(found, key=lambda link: found[link], default="")
    if deepest and found[deepest] < _SUNK_M:
        means.workspace.watch.note(Miss(Hurdle.ROOM, found[deepest], first=prop, second=deepest))
        return None
    return list(found)
