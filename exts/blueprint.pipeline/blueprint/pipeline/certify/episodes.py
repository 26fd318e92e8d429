"""Check the episodes: success judged again from recorded states, collisions, and whether physics moved the object."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.certify.dataset_files import DatasetFiles, first_bad_row
from blueprint.pipeline.certify.findings import UNREADABLE, Finding, Verdict, cannot_be_read
from blueprint.pipeline.episode.geometry import Geometry
from blueprint.pipeline.episode.judgement import judge
from blueprint.pipeline.episode.outcomes import EpisodeSummary
from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.states import States
from blueprint.pipeline.episode.tasks import Task
from blueprint.pipeline.episode.track import Track, load_track

TOUCH_FORCE_N = 0.1
"""Contacts with less force are near misses that the engine lists within its gap."""
LEAST_HELD_CONTACT_FRAMES = 3
JUMP_LIMIT_M = 0.12
"""An object that moves further between two frames was teleported (3.6 m/s at 30 Hz)."""


@dataclass(frozen=True)
class EpisodeFacts:
    """What one exported episode's recorded states say."""

    success: bool
    collision_free: bool
    physics: bool


def check_episodes(dataset: DatasetFiles) -> Verdict:
    """Judge every exported episode again and compare with what it claims; rates count every attempt."""
    findings: list[Finding] = []
    facts: list[EpisodeFacts] = []
    confirmed: list[bool] = []
    for number in range(len(dataset.episodes)):
        try:
            summary, fact, found = _check_episode(dataset, number)
        except UNREADABLE as error:
            findings.append(cannot_be_read("episodes", error, dataset.relative(dataset.source(number)), number))
            continue
        findings += found
        facts.append(fact)
        if summary.outcome.success:
            confirmed.append(fact.success)
    attempted = len(dataset.attempts)
    measures: dict[str, float] = {"attempted_episodes": float(attempted)}
    if attempted:
        measures["task_success_share"] = sum(confirmed) / attempted
    if facts:
        measures["collision_free_share"] = float(np.mean([fact.collision_free for fact in facts]))
        measures["physics_validated_share"] = float(np.mean([fact.physics for fact in facts]))
    if confirmed:
        measures["rechecked_success_share"] = float(np.mean(confirmed))
    return Verdict("episodes", f"{len(facts)} exported of {attempted} attempted", tuple(findings), measures)


def _check_episode(dataset: DatasetFiles, number: int) -> tuple[EpisodeSummary, EpisodeFacts, list[Finding]]:
    states = States(dataset.source(number) / "states.h5")
    file = dataset.relative(states.path)
    summary, task, track = dataset.summary(number), dataset.task(number), load_track(states)
    findings: list[Finding] = []
    verdict = judge(track, task, Geometry(states.link_corners_m()))
    success = verdict.success
    if success != summary.outcome.success:
        message = f"claims success {summary.outcome.success}, the states say: {verdict.message}"
        findings.append(Finding("success", file, message, number, verdict.frame))
    if (frame := first_jump(track, task)) is not None:
        findings.append(Finding("teleport", file, f"{task.object} jumps", number, frame))
    if dataset.episodes[number]["length"] != track.frame_count:
        message = f"{track.frame_count} frames recorded, {dataset.episodes[number]['length']} rows exported"
        findings.append(Finding("rows", file, message, number))
    else:
        findings += _compare_rows(dataset, number, states, summary)
    physics = summary.engine != "null" and held_contact_frames(track, task.object) >= LEAST_HELD_CONTACT_FRAMES
    return summary, EpisodeFacts(success, first_collision(track, task) is None, physics), findings


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
    """Return what each column must be, by the recorded states and the judged outcome."""
    props = np.concatenate([states.channel("prop_position_m"), states.channel("prop_quat_wxyz")], axis=2)
    last = np.arange(len(props)) == len(props) - 1
    return {
        "observation.state": states.channel("joint_position"),
        "observation.velocity": states.channel("joint_velocity"),
        "observation.effort": states.channel("joint_effort"),
        "observation.ee_pose": np.hstack([states.channel("tcp_position_m"), states.channel("tcp_quat_wxyz")]),
        "observation.gripper_width": states.channel("gripper_width_m"),
        "observation.environment_state": props.reshape(len(props), -1),
        "action": states.channel("command"),
        "next.reward": last & success,
        "next.done": last,
        "next.success": last & success,
    }


def first_collision(track: Track, task: Task) -> int | None:
    """Return the first frame in which the robot pushes anything but the object it handles, or None."""
    owner = owners(track)
    first, second = owner[track.contact_first], owner[track.contact_second]
    force = np.linalg.norm(track.contact_force_n, axis=1)
    other = np.where(first == "robot", second, first)
    robot = (first == "robot") | (second == "robot")
    hits = np.flatnonzero(robot & ~np.isin(other, [task.object, "robot"]) & (force > TOUCH_FORCE_N))
    return frame_of_contact(track, int(hits[0])) if len(hits) else None


def held_contact_frames(track: Track, prop: str) -> int:
    """Count the frames between lifting and opening in which the robot presses on the object."""
    owner = owners(track)
    first, second = owner[track.contact_first], owner[track.contact_second]
    ours = ((first == prop) & (second == "robot")) | ((first == "robot") & (second == prop))
    pressed = ours & (np.linalg.norm(track.contact_force_n, axis=1) > TOUCH_FORCE_N)
    frames = {frame_of_contact(track, int(row)) for row in np.flatnonzero(pressed)}
    return sum(Phase.LIFT <= track.phase[frame] < Phase.OPEN for frame in frames)


def first_jump(track: Track, task: Task) -> int | None:
    """Return the first frame in which the handled object is further from the last one than physics allows."""
    position = track.prop_position_m[:, track.prop_names.index(task.object)]
    jumps = np.flatnonzero(np.linalg.norm(np.diff(position, axis=0), axis=1) > JUMP_LIMIT_M)
    return int(jumps[0]) + 1 if len(jumps) else None


def owners(track: Track) -> NDArray[np.str_]:
    """Return the prop, `robot` or room part that each body belongs to."""
    return np.array([name.split("/", 1)[0] for name in track.body_names])


def frame_of_contact(track: Track, row: int) -> int:
    """Return the frame in which a contact was listed."""
    return int(np.searchsorted(track.contact_offset, row, side="right")) - 1
