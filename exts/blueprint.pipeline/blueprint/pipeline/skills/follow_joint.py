"""Follow a joint: move a held part of furniture along its joint - a drawer, a door, a knob, a slide.

The hand goes where the part goes. Where the arm cannot turn as far as the part, the hand turns on it: about the bar
that it holds, and across its pads, which the fingers allow.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.planning.cartesian import Line
from blueprint.pipeline.scene.poses import Pose, angle_between_rad

from .legs import Follow, Leg, Manner
from .means import Means
from .situation import Held, Situation

Array = NDArray[np.float64]

_STEP_RAD, _STEP_M = 0.035, 0.01
_HOLDS: tuple[tuple[float, tuple[int, ...]], ...] = (
    *((swivel, ()) for swivel in (0.0, 0.5, 1.0)),
    *((swivel, (1,)) for swivel in (1.0, 0.5)),
    *((0.0, free) for free in ((0,), (0, 1))),
    *((swivel, free) for swivel in (1.3, 0.75) for free in ((), (1,))),
)
"""How the hand may turn on the part: the share of the part's turn by which it turns back about the bar that it holds,
and the axes of the tool about which it may turn as it likes - 0 along the bar, 1 across the pads."""
_LARGEST_TURN_RAD = 1.3
_SCRAPE_M = 0.0005


def plan_follow_joint(means: Means, before: Situation, step: Step) -> Iterator[tuple[Leg, ...]]:
    """Bring `joint` of `prop` to `target` with its part in the hand."""
    held, joint, target = before.held, step.roles["joint"], step.values["target"]
    assert held is not None
    revolute = means.workspace.world.compiled.joint(joint).kind == "revolute"
    positions = _positions(before.joints[joint], target, _STEP_RAD if revolute else _STEP_M)
    for swivel, free_turns in _HOLDS if revolute else _HOLDS[:1]:
        poses = _hand_poses(means, before, held, joint, positions, swivel)
        line = means.workspace.line(before.arm_rad, poses, free_turns)
        if line is None or not _is_free(means, before, joint, positions, line):
            continue
        T_world_tcp = means.workspace.world.tool_pose(line.path_rad[-1])
        T_tcp_body = T_world_tcp.inverse() @ _link_pose(means, held, joint, target)
        if angle_between_rad(T_tcp_body, held.T_tcp_body) > _LARGEST_TURN_RAD:
            continue
        after = replace(
            before,
            arm_rad=line.path_rad[-1],
            joints={**before.joints, joint: target},
            held=replace(held, T_tcp_body=T_tcp_body),
        )
        yield (Follow(line, Manner.CONTACT, Phase.FOLLOW, after),)


def _positions(start: float, target: float, step: float) -> Array:
    count = max(2, int(np.ceil(abs(target - start) / step)))
    return start + (target - start) * np.arange(1, count + 1) / count


def _hand_poses(means: Means, before: Situation, held: Held, joint: str, positions: Array, swivel: float) -> list[Pose]:
    """Return T_world_tcp along the joint's motion, turned back about the bar by a share of the part's turn."""
    means.arrange(before)
    T_body_tcp = held.T_tcp_body.inverse()
    start = _link_pose(means, held, joint, before.joints[joint])
    bar = (start @ T_body_tcp).rotation()[:, 0]
    found: list[Pose] = []
    for position in positions:
        T_world_body = _link_pose(means, held, joint, float(position))
        turn = turn_vector_rad(start, T_world_body)
        found.append(T_world_body @ T_body_tcp @ _about_x(-swivel * float(bar @ turn)))
    return found


def turn_vector_rad(first: Pose, second: Pose) -> Array:
    """Return the turn from one attitude to another as axis times angle, in the world."""
    R = second.rotation() @ first.rotation().T
    axis = np.array([R[2, 1] - R[1, 2], R[0, 2] - R[2, 0], R[1, 0] - R[0, 1]]) / 2
    sine = float(np.linalg.norm(axis))
    angle = float(np.arctan2(sine, (np.trace(R) - 1) / 2))
    return axis * (angle / sine) if sine > 1e-9 else np.zeros(3)


def _about_x(angle_rad: float) -> Pose:
    return Pose((0.0, 0.0, 0.0), (float(np.cos(angle_rad / 2)), float(np.sin(angle_rad / 2)), 0.0, 0.0))


def _link_pose(means: Means, held: Held, joint: str, position: float) -> Pose:
    means.workspace.world.set_joint(joint, position)
    return means.workspace.world.link_pose(held.body)


def _is_free(means: Means, before: Situation, joint: str, positions: Array, line: Line) -> bool:
    """Whether arm and hand touch nothing else, with the part where it is by then."""
    means.arrange(before)
    world = means.workspace.world
    for position, posture in zip([before.joints[joint], *positions], line.path_rad, strict=True):
        world.set_joint(joint, float(position))
        if not means.workspace.is_clear(posture, _SCRAPE_M):
            return False
    return True
