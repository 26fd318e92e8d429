"""Shove: move a part of furniture along its joint by pushing its face - a door's leaf, a drawer's front.

Nothing is held, so it needs no handle, and it shuts a door that stands so wide open that no hand comes to its handle.
The closed fingertips touch one spot of the face and go where that spot goes.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.planning.cartesian import Line, poses_between, spread_order
from blueprint.pipeline.planning.misses import Hurdle, Miss
from blueprint.pipeline.scene.poses import Pose

from .courses import Course, course_of, met_on
from .legs import Follow, Leg, Manner, Spread, Transit
from .means import Means
from .situation import Situation
from .strokes import Stroke, strokes_of

Array = NDArray[np.float64]

_BEHIND_M = 0.015
"""Room between fingertips and face before the push."""
_SCRAPE_M = 0.001
_LOOKS, _TRIES = 1200, 160
"""So many hands are looked at alone, and so many of those with room with their arm, which takes ten times as long."""
_STARTS = 2
"""From so many postures the arm is led to where a push begins: where these do not get there, others seldom do."""
_THERE = 1e-3


def plan_shove(means: Means, before: Situation, step: Step) -> Iterator[tuple[Leg, ...]]:
    """Push the part of `joint` of `prop` to `target` (rad or m) by a spot of the face that looks against its way."""
    joint, target = step.roles["joint"], step.values["target"]
    if abs(target - before.joints[joint]) < _THERE:
        yield ()
        return
    closed = replace(before, width_m=means.workspace.robot.gripper.min_width_m, touched=())
    means.arrange(closed)
    course = course_of(means, joint, before.joints[joint], target)
    met = met_on(means, course)
    if met is not None:
        means.workspace.watch.note(Miss(Hurdle.PART, met[1], first=course.link, second=met[0]))
        return
    looked_at = islice(strokes_of(means, closed, course), _LOOKS)
    for stroke in islice((each for each in looked_at if _has_room(means, closed, course, each)), _TRIES):
        T_world_tcp = stroke.tool(course, 0, _BEHIND_M)
        for arm_rad in means.workspace.postures(T_world_tcp, (before.arm_rad,), starts=_STARTS):
            legs = _legs(means, closed, course, stroke, arm_rad)
            if legs is not None:
                yield Spread(closed, lets_go=False), Transit(None, Manner.FREE, Phase.REACH, closed), *legs


def _has_room(means: Means, closed: Situation, course: Course, stroke: Stroke) -> bool:
    """Whether the hand, wherever its arm would have to be, is clear of all but its fingers of the part."""
    world, last = means.workspace.world, len(course.positions) - 1
    means.workspace.watch.begin()
    _let_touch(means, closed, course)
    for at in (0, last, last // 2):
        world.set_joint(course.joint, course.positions[at])
        if not means.workspace.hand_has_room(stroke.tool(course, at), closed.arm_rad, _SCRAPE_M):
            return False
    return True


def _let_touch(means: Means, closed: Situation, course: Course) -> None:
    means.allow(closed, ([course.link], means.workspace.world.finger_links))


def _legs(means: Means, closed: Situation, course: Course, stroke: Stroke, arm_rad: Array) -> tuple[Leg, ...] | None:
    """Return the way to the face and through the push from a posture before it; None where the arm is not free."""
    means.arrange(closed)
    if not means.workspace.is_clear(arm_rad, means.distances.near_m):
        return None
    tools = [stroke.tool(course, at) for at in range(len(course.positions))]
    line = _push(means, closed, course, tools, arm_rad)
    if line is None:
        return None
    means.arrange(closed)
    back = _back(means, stroke.tool(course, 0, _BEHIND_M), arm_rad)
    if back is None:
        return None
    at = replace(closed, arm_rad=arm_rad)
    joints = {**closed.joints, course.joint: course.positions[-1]}
    after = replace(at, arm_rad=line.path_rad[-1], joints=joints, touched=(course.link,))
    return (
        Follow(back.reversed(), Manner.STRAIGHT, Phase.APPROACH, at),
        Follow(line, Manner.CONTACT, Phase.PUSH, after),
    )


def _push(means: Means, closed: Situation, course: Course, tools: list[Pose], arm_rad: Array) -> Line | None:
    """Return the arm's way through the push: with the hand as it is asked for, or turned about its approach."""
    for free_turns in ((), (2,)):
        line = means.workspace.line(arm_rad, tools, free_turns)
        if line is not None:
            return line if _is_free(means, closed, course, line.path_rad) else None
    return None


def _is_free(means: Means, closed: Situation, course: Course, path_rad: Array) -> bool:
    """Whether the arm touches nothing but the part, with the part where it is by then; the ends are looked at first."""
    _let_touch(means, closed, course)
    # The path begins before the face, its second point is on it.
    positions = (course.positions[0], *course.positions)
    for at in spread_order(len(positions)):
        means.workspace.world.set_joint(course.joint, positions[at])
        if not means.workspace.is_clear(path_rad[at], _SCRAPE_M):
            return False
    return True


def _back(means: Means, T_world_tcp: Pose, arm_rad: Array) -> Line | None:
    """Return a free line away from where the push begins."""
    distances = means.distances
    offset = -T_world_tcp.rotation()[:, 2] * distances.approach_m
    line = means.line(arm_rad, poses_between(T_world_tcp, offset), distances.near_m)
    return line if line is not None and means.workspace.is_clear(line.path_rad[-1], distances.padding_m) else None
