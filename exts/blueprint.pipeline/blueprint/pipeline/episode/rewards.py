"""Rewards and ends per frame, computed from recorded states by the terms that a task lists as data.

A frame's reward is the sum of its terms, each times its weight; the terms are those of config/tasks:

- `reach`: 1 - tanh(distance / scale_m), of the tool point from the box around a prop or link.
- `progress`: how much of what a goal lacked at the start has been made up for, 0 to 1; 0 where it lacked nothing.
- `satisfied`: 1 where a goal holds that did not hold at the start.
- `success`: 1 where all goals hold, those of the end for the hold time.
- `action_rate`: the sum of squares of the change of the commands since the frame before, rad2 or m2.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.goals import Goal
from blueprint.pipeline.episode.judgement import Judged, hold_frames
from blueprint.pipeline.episode.tasks import Done, Reward, Task
from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.pose_arrays import lengths

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

DEFAULT_SCALE_M = 0.1


def rewards_per_frame(judged: Judged, task: Task) -> Array:
    """Return the reward of each frame, (N,); one that lists no terms rewards success. Raises UnknownName."""
    terms = task.rewards or (Reward("success", 1.0),)
    total = np.zeros(judged.shapes.track.frame_count)
    for term in terms:
        total += term.weight * _known(_REWARDS, "reward term", term.term)(judged, task, term)
    return total


def dones_per_frame(judged: Judged, task: Task) -> Flags:
    """Return whether one of the task's ends has come by each frame, (N,); raises UnknownName."""
    ended = np.zeros(judged.shapes.track.frame_count, dtype=bool)
    for term in task.dones:
        ended |= _known(_DONES, "end", term.term)(judged, task, term)
    return np.logical_or.accumulate(ended)


def succeeded_by(judged: Judged, task: Task) -> Flags:
    """Return in which frames all goals hold, if the record ended there, (N,)."""
    span = hold_frames(task, judged.shapes.track.fps)
    holds = np.ones(judged.shapes.track.frame_count, dtype=bool)
    for goal, margins in zip(judged.goals, judged.margins, strict=True):
        met = margins >= 0
        if goal.when == "ever":
            holds &= np.logical_or.accumulate(met)
        elif goal.when == "always":
            holds &= np.logical_and.accumulate(met)
        else:
            padded = np.concatenate([np.zeros(span - 1, dtype=bool), met])
            holds &= np.lib.stride_tricks.sliding_window_view(padded, span).all(axis=1)
    return holds


# --- terms of the reward


def _reach(judged: Judged, task: Task, term: Reward) -> Array:
    away = _distance_m(judged, term)
    return 1 - np.tanh(away / term.values.get("scale_m", DEFAULT_SCALE_M))


def _distance_m(judged: Judged, term: Reward) -> Array:
    """Return the tool point's distance from the box around a prop's link; 0 inside."""
    shapes, roles = judged.shapes, term.roles
    prop = roles.get("object") or roles.get("prop") or ""
    links = (f"{prop}/{roles['link']}",) if "link" in roles else shapes.geometry.links_of(prop)
    return np.min([_outside_box_m(judged, link) for link in links], axis=0)


def _outside_box_m(judged: Judged, link: str) -> Array:
    shapes = judged.shapes
    corners = _known(shapes.geometry.corners_m, "link with colliders", link)
    position, rotation = shapes.body_pose(link)
    local = np.einsum("nj,njk->nk", shapes.track.tcp_position_m - position, rotation)
    beyond = np.maximum(0.0, np.maximum(corners.min(axis=0) - local, local - corners.max(axis=0)))
    return lengths(beyond)


def _progress(judged: Judged, task: Task, term: Reward) -> Array:
    goal, margins = _goal_of(judged, term)
    lack = -float(margins[0])
    if not lack > 0:
        return np.zeros(len(margins))
    made_up = np.clip((margins + lack) / lack, 0.0, 1.0)
    return np.maximum.accumulate(made_up) if goal.when == "ever" else made_up


def _satisfied(judged: Judged, task: Task, term: Reward) -> Array:
    goal, margins = _goal_of(judged, term)
    met = (margins >= 0) & ~(margins[0] >= 0)
    return (np.logical_or.accumulate(met) if goal.when == "ever" else met).astype(np.float64)


def _goal_of(judged: Judged, term: Reward) -> tuple[Goal, Array]:
    rows = {str(row): row for row in range(len(judged.goals))}
    row = _known(rows, "goal", str(term.goal))
    return judged.goals[row], judged.margins[row]


def _success(judged: Judged, task: Task, term: Reward) -> Array:
    return succeeded_by(judged, task).astype(np.float64)


def _action_rate(judged: Judged, task: Task, term: Reward) -> Array:
    command = judged.shapes.track.command
    return np.square(np.diff(command, axis=0, prepend=command[:1])).sum(axis=1)


_REWARDS: dict[str, Callable[[Judged, Task, Reward], Array]] = {
    "reach": _reach,
    "progress": _progress,
    "satisfied": _satisfied,
    "success": _success,
    "action_rate": _action_rate,
}


# --- ends


def _is_done(judged: Judged, task: Task, term: Done) -> Flags:
    return succeeded_by(judged, task)


def _is_unsafe(judged: Judged, task: Task, term: Done) -> Flags:
    return (judged.margins[len(task.goals) :] < 0).any(axis=0)


def _is_over(judged: Judged, task: Task, term: Done) -> Flags:
    time_s = judged.shapes.track.time_s
    return time_s - time_s[0] >= term.values.get("seconds", task.time_limit_s)


def _has_fallen(judged: Judged, task: Task, term: Done) -> Flags:
    track = judged.shapes.track
    rows = {name: row for row, name in enumerate(track.prop_names)}
    row = _known(rows, "movable prop", term.roles.get("object", task.object))
    return track.prop_position_m[:, row, 2] < term.values["below_m"]


_DONES: dict[str, Callable[[Judged, Task, Done], Flags]] = {
    "success": _is_done,
    "unsafe": _is_unsafe,
    "time_limit": _is_over,
    "fallen": _has_fallen,
}


def _known[T](table: Mapping[str, T], kind: str, name: str) -> T:
    if name not in table:
        raise UnknownName(kind, name, table)
    return table[name]
