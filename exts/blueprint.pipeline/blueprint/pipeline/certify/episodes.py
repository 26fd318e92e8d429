"""Check the episodes: success judged again and measured a second way, collisions, and whether physics moved things."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.certify.dataset_files import DatasetFiles, first_bad_row
from blueprint.pipeline.certify.findings import UNREADABLE, Finding, Verdict, cannot_be_read
from blueprint.pipeline.certify.recheck import recheck
from blueprint.pipeline.episode.geometry import Geometry, owner_of
from blueprint.pipeline.episode.judgement import Judged, judged
from blueprint.pipeline.episode.outcomes import EpisodeSummary
from blueprint.pipeline.episode.rewards import dones_per_frame, rewards_per_frame
from blueprint.pipeline.episode.states import States
from blueprint.pipeline.episode.tasks import Task
from blueprint.pipeline.episode.track import Track, load_track
from blueprint.pipeline.scene.pose_arrays import lengths

TOUCH_FORCE_N = 0.1
"""Contacts with less force are near misses that the engine lists within its gap."""
LEAST_PRESSED_FRAMES = 3
REWARD_SLACK = 1e-6
"""How far recorded rewards may be from the task's terms, which are computed from the same numbers."""
JUMP_LIMIT_M = 0.12
"""An object that moves further between two frames was teleported (3.6 m/s at 30 Hz)."""


@dataclass(frozen=True)
class EpisodeFacts:
    """What one exported episode's recorded states say."""

    success: bool
    rechecked: bool
    collision_free: bool
    physics: bool


def check_episodes(dataset: DatasetFiles) -> Verdict:
    """Judge every exported episode again and compare with what it claims; rates count every attempt."""
    findings: list[Finding] = []
    facts: list[EpisodeFacts] = []
    claimed: list[EpisodeFacts] = []
    for number in range(len(dataset.episodes)):
        try:
            summary, fact, found = _check_episode(dataset, number)
        except UNREADABLE as error:
            findings.append(cannot_be_read("episodes", error, dataset.relative(dataset.source(number)), number))
            continue
        findings += found
        facts.append(fact)
        if summary.outcome.success:
            claimed.append(fact)
    attempted = len(dataset.attempts) + len(dataset.lost_attempts)
    measures: dict[str, float] = {"attempted_episodes": float(attempted)}
    if attempted:
        measures["task_success_share"] = sum(fact.success and fact.rechecked for fact in claimed) / attempted
    if facts:
        measures["collision_free_share"] = float(np.mean([fact.collision_free for fact in facts]))
        measures["physics_validated_share"] = float(np.mean([fact.physics for fact in facts]))
    if claimed:
        measures["rejudged_success_share"] = float(np.mean([fact.success for fact in claimed]))
        measures["rechecked_success_share"] = float(np.mean([fact.rechecked for fact in claimed]))
    return Verdict("episodes", f"{len(facts)} exported of {attempted} attempted", tuple(findings), measures)


def _check_episode(dataset: DatasetFiles, number: int) -> tuple[EpisodeSummary, EpisodeFacts, list[Finding]]:
    states = States(dataset.source(number) / "states.h5")
    file = dataset.relative(states.path)
    summary, task, track = dataset.summary(number), dataset.task(number), load_track(states)
    findings: list[Finding] = []
    found = judged(track, task, Geometry(states.link_corners_m()))
    again, claims = recheck(states, task), summary.outcome.success
    # A claimed failure may have causes that states do not show: a dead camera, a plan that was given up.
    if claims and not found.verdict.success:
        message = f"claims success, the states say: {found.verdict.message}"
        findings.append(Finding("success", file, message, number, found.verdict.frame))
    if claims and not again.confirmed:
        findings.append(Finding("recheck", file, f"a second measurement does not confirm {again.reason}", number))
    findings += [Finding("rewards", file, said, number, frame) for said, frame in _wrong_terms(states, found, task)]
    if (frame := first_jump(track, task)) is not None:
        findings.append(Finding("teleport", file, f"{task.object} jumps", number, frame))
    if dataset.episodes[number]["length"] != track.frame_count:
        message = f"{track.frame_count} frames recorded, {dataset.episodes[number]['length']} rows exported"
        findings.append(Finding("rows", file, message, number))
    else:
        findings += _compare_rows(dataset, number, states, summary)
    physics = summary.engine != "null" and pressed_frames(found, task) >= LEAST_PRESSED_FRAMES
    free = first_collision(found, task) is None
    return summary, EpisodeFacts(found.verdict.success, again.confirmed, free, physics), findings


def _wrong_terms(states: States, found: Judged, task: Task) -> Iterator[tuple[str, int]]:
    """Compare the recorded rewards and ends with those that the task's terms give."""
    reward, done = rewards_per_frame(found, task), dones_per_frame(found, task)
    for name, expected in (("reward", reward), ("done", done)):
        frame = first_bad_row(~(np.abs(states.channel(name) - expected.astype(np.float64)) <= REWARD_SLACK))
        if frame is not None:
            yield f"{name} is {states.channel(name)[frame]}, the task's terms give {expected[frame]}", frame


def _compare_rows(dataset: DatasetFiles, number: int, states: States, summary: EpisodeSummary) -> list[Finding]:
    """Compare exported columns with the recorded states, which catches edited or exchanged rows."""
    episode = dataset.episodes[number]
    columns, file = dataset.columns(episode), dataset.data_file(episode)
    findings: list[Finding] = []
    for name, expected in _expected_rows(states, summary.outcome.success).items():
        found = columns[name]
        if found.size != expected.size:
            findings.append(Finding("rows", file, f"{name} has {found.size} values, {expected.size} recorded", number))
            continue
        frame = first_bad_row(found.reshape(expected.shape) != expected.astype(found.dtype))
        if frame is not None:
            findings.append(Finding("rows", file, f"{name} differs from the recorded states", number, frame))
    return findings


def _expected_rows(states: States, success: bool) -> dict[str, NDArray[Any]]:
    """Return what each column must be, by the recorded states and the claimed outcome, where states were recorded."""
    props = np.concatenate([states.channel("prop_position_m"), states.channel("prop_quat_wxyz")], axis=2)
    names = np.array(states.names("joint_names"))
    robot = np.char.startswith(names, "robot/")
    count, reward, done = len(props), states.channel("reward"), states.channel("done")
    later, last = np.minimum(np.arange(count) + 1, count - 1), np.arange(count) == count - 1
    center, extent = states.channel("pad_center_m"), states.channel("pad_extent_m")
    pads = np.dstack([states.channel("pad_force_n"), center[..., 0], center[..., 1], extent[..., 0], extent[..., 1]])
    tactile = np.dstack([pads, states.channel("pad_count")])
    expected = {
        "observation.state": states.channel("joint_position")[:, robot],
        "observation.velocity": states.channel("joint_velocity")[:, robot],
        "observation.effort": states.channel("joint_effort")[:, robot],
        "observation.ee_pose": np.hstack([states.channel("tcp_position_m"), states.channel("tcp_quat_wxyz")]),
        "observation.ee_wrench": states.channel("ee_wrench"),
        "observation.gripper_width": states.channel("gripper_width_m"),
        "observation.tactile": tactile.reshape(count, -1),
        "observation.contact": states.channel("robot_touch"),
        "observation.environment_state": props.reshape(count, -1),
        "action": states.channel("command"),
        "next.reward": reward[later],
        "next.done": done[later] | last,
        "next.success": last & success,
    }
    if not robot.all():
        expected["observation.furniture_state"] = states.channel("joint_position")[:, ~robot]
    return expected


def first_collision(found: Judged, task: Task) -> int | None:
    """Return the first frame in which the robot pushes anything but what the task is about, or None."""
    spared = np.array(sorted(named(task)))
    pushed = found.touches.robot_pairs(lambda other: ~np.isin(other, spared))
    frames = np.flatnonzero(found.touches.strongest_n(pushed) > TOUCH_FORCE_N)
    return int(frames[0]) if len(frames) else None


def pressed_frames(found: Judged, task: Task) -> int:
    """Count the frames in which the robot presses on what the task is about."""
    touched = found.touches.robot_pairs(lambda other: np.isin(other, sorted(named(task))))
    return int((found.touches.strongest_n(touched) > TOUCH_FORCE_N).sum())


def named(task: Task) -> set[str]:
    """Return the props that a task is about: those it handles and those that its roles name, as do joints."""
    return {owner_of(name) for name in (*task.handled, *task.roles.values())}


def first_jump(track: Track, task: Task) -> int | None:
    """Return the first frame in which a handled prop is further from the last one than physics allows."""
    rows = [track.prop_names.index(prop) for prop in task.handled if prop in track.prop_names]
    jumps = np.flatnonzero((lengths(np.diff(track.prop_position_m[:, rows], axis=0)) > JUMP_LIMIT_M).any(axis=1))
    return int(jumps[0]) + 1 if len(jumps) else None
