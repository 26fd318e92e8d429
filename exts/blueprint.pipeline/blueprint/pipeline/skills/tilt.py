"""Tilt: bring what is held over a target, lean it as if to pour, and set it upright again."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.planning.misses import Hurdle, Miss
from blueprint.pipeline.scene.poses import Pose, vec3

from .legs import Follow, Leg, Manner, Wait
from .means import Means
from .situation import Situation

Array = NDArray[np.float64]

_STEP_RAD = 0.06
_BEYOND_RAD = 0.22
"""How much further a thing is leant than asked: what is long hangs back in the hand."""
_MOST_RAD = 2.5
_DIRECTIONS = 8
_ASTRIDE = 0.75
"""Largest cosine between the line on which the fingers close and the axis to lean about: about it, a thing swings."""


def plan_tilt(means: Means, before: Situation, step: Step) -> Iterator[tuple[Leg, ...]]:
    """From `pose`, lean `object` by `tilt_rad` towards `heading_rad` (any side without it), wait, and lean back."""
    held, pose = before.held, step.pose
    assert held is not None
    assert pose is not None
    T_prop_tcp = held.T_tcp_body.inverse()
    lean_rad = min(step.values["tilt_rad"] + _BEYOND_RAD + means.lag_rad.get(held.prop, 0.0), _MOST_RAD)
    T_world_tcp = pose @ T_prop_tcp
    sides = _sides(T_world_tcp, step.values.get("heading_rad"))
    if not sides:
        means.workspace.watch.note(Miss(Hurdle.SWING, 0.0))
        return
    for arm_rad in means.postures(T_world_tcp, before.arm_rad):
        means.arrange(before)
        if not means.workspace.is_clear(arm_rad, means.distances.padding_m):
            continue
        for direction in sides:
            means.arrange(before)
            line = means.line(
                arm_rad, _leaning(means, held.prop, pose, T_prop_tcp, direction, lean_rad), means.distances.near_m
            )
            if line is None:
                continue
            upright, aslant = replace(before, arm_rad=arm_rad), replace(before, arm_rad=line.path_rad[-1])
            yield (
                Follow(line, Manner.STRAIGHT, Phase.TILT, aslant),
                Wait(step.values.get("duration_s", 1.0), Phase.TILT, aslant),
                Follow(line.reversed(), Manner.STRAIGHT, Phase.TILT, upright),
            )


def _sides(T_world_tcp: Pose, heading_rad: float | None) -> list[Array]:
    """List level axes to lean about: the one that leans towards a heading, or, where any side will do, all around.

    Towards a heading there is none where the thing would swing between the fingers: another grasp is to be taken. Those
    across the closing line come first: about that line itself a thing swings in the hand.
    """
    R = T_world_tcp.rotation()
    if heading_rad is not None:
        axis = np.array([-np.sin(heading_rad), np.cos(heading_rad), 0.0])
        return [axis] if abs(axis @ R[:, 1]) <= _ASTRIDE else []
    closing = np.array([*R[:2, 1], 0.0])
    size = float(np.linalg.norm(closing))
    along = closing / size if size > 0.3 else np.array([1.0, 0.0, 0.0])
    first = np.array([-along[1], along[0], 0.0])
    turns = np.array([0, 4, 1, 7, 3, 5, 2, 6]) * (2 * np.pi / _DIRECTIONS)
    return [first * np.cos(turn) + along * np.sin(turn) for turn in turns]


def _leaning(means: Means, prop: str, pose: Pose, T_prop_tcp: Pose, axis: Array, tilt_rad: float) -> list[Pose]:
    """List T_world_tcp of a hand whose prop leans more and more about a level axis through its middle."""
    corners = pose.apply(means.corners_m(prop))
    middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
    T_middle_tcp = Pose(vec3(-middle)) @ pose @ T_prop_tcp
    count = max(2, int(np.ceil(tilt_rad / _STEP_RAD)))
    x, y, z = axis.tolist()
    found: list[Pose] = []
    for angle in (tilt_rad * np.arange(1, count + 1) / count).tolist():
        cosine, sine = math.cos(angle / 2), math.sin(angle / 2)
        found.append(Pose(vec3(middle), (cosine, sine * x, sine * y, sine * z)) @ T_middle_tcp)
    return found
