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
from blueprint.pipeline.planning.cartesian import Line, spread_order
from blueprint.pipeline.planning.misses import Hurdle, Miss
from blueprint.pipeline.scene.poses import Pose, angle_between_rad

from .courses import Course, course_of, met_on
from .legs import Follow, Leg, Manner
from .means import Means
from .situation import Held, Situation

Array = NDArray[np.float64]

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
    means.arrange(before)
    course = course_of(means, joint, before.joints[joint], target)
    met = met_on(means, course)
    if met is not None:
        means.workspace.watch.note(Miss(Hurdle.PART, met[1], first=course.link, second=met[0]))
        return
    for swivel, free_turns in _HOLDS if course.turns else _HOLDS[:1]:
        poses = _hand_poses(course, held, swivel)
        if not free_turns and not _hand_ends_free(means, before, course, poses[-1]):
            continue
        line = means.workspace.line(before.arm_rad, poses, free_turns)
        if line is None or not _is_free(means, before, course, line):
            continue
        T_world_tcp = means.workspace.world.tool_pose(line.path_rad[-1])
        T_tcp_body = T_world_tcp.inverse() @ course.T_world_links[-1]
        if angle_between_rad(T_tcp_body, held.T_tcp_body) > _LARGEST_TURN_RAD:
            continue
        after = replace(
            before,
            arm_rad=line.path_rad[-1],
            joints={**before.joints, joint: target},
            held=replace(held, T_tcp_body=T_tcp_body),
        )
        yield (Follow(line, Manner.CONTACT, Phase.FOLLOW, after),)


def _hand_poses(course: Course, held: Held, swivel: float) -> list[Pose]:
    """Return T_world_tcp after the start of a course, turned back about the bar by a share of the part's turn."""
    T_body_tcp = held.T_tcp_body.inverse()
    bar = (course.T_world_links[0] @ T_body_tcp).rotation()[:, 0]
    return [
        T_world_body @ T_body_tcp @ _about_x(-swivel * float(bar @ course.turn_rad(at)))
        for at, T_world_body in enumerate(course.T_world_links)
        if at > 0
    ]


def _about_x(angle_rad: float) -> Pose:
    return Pose((0.0, 0.0, 0.0), (float(np.cos(angle_rad / 2)), float(np.sin(angle_rad / 2)), 0.0, 0.0))


def _hand_ends_free(means: Means, before: Situation, course: Course, T_world_tcp: Pose) -> bool:
    """Whether the wrist may be where the course ends, and the hand has room there: known long before the arm's way."""
    world = means.workspace.world
    if not means.workspace.may_reach([T_world_tcp]):
        return False
    means.arrange(before)
    world.set_joint(course.joint, course.positions[-1])
    return means.workspace.hand_has_room(T_world_tcp, before.arm_rad, _SCRAPE_M)


def _is_free(means: Means, before: Situation, course: Course, line: Line) -> bool:
    """Whether arm and hand touch nothing else, with the part where it is by then; the ends are looked at first."""
    means.arrange(before)
    for at in spread_order(len(course.positions)):
        means.workspace.world.set_joint(course.joint, course.positions[at])
        if not means.workspace.is_clear(line.path_rad[at], _SCRAPE_M):
            return False
    return True
