"""The trial of rest: a settled scene is left alone, and nothing in it may fall, jump, drift or sink in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from blueprint.pipeline.engine.stage import Settings
from blueprint.pipeline.scene.edits import MoveProp
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.proofs import HOLDS, Measure, Trace, Trial
from blueprint.pipeline.sims.protocols import Contacts, Physics, Sim

from .subjects import Subject, drift_m, movable_subjects, pose_of, speed_of, turn_rad

SAMPLE_S = 0.1
DRIFT, TURN, SPEED, PENETRATION, MOVED = "drift", "turn", "final speed", "penetration", "moved"


class RestSettings(Settings, frozen=True):
    """Leaving the settled scene alone."""

    duration_s: float = Field(default=5.0, gt=0, le=60, description="Simulated time without any load, in seconds.")
    drift_bound_m: float = Field(default=0.005, gt=0, description="Largest move of a prop at any time, in metres.")
    turn_bound_deg: float = Field(default=2.0, gt=0, description="Largest turn of a prop at any time, in degrees.")
    penetration_bound_m: float = Field(
        default=0.001, gt=0, description="Largest depth of a prop in another thing at the end, in metres."
    )


@dataclass(frozen=True, eq=False)
class RestRun:
    """A scene left alone in one engine: poses of movable props and positions of furniture's joints over time."""

    engine: str
    time_s: tuple[float, ...]
    poses: Mapping[str, tuple[Pose, ...]]
    final_speed_m_s: Mapping[str, float]
    joints: Mapping[str, tuple[float, ...]]


def leave_alone(physics: Physics, manifest: SceneManifest, settings: RestSettings) -> RestRun:
    """Step a scene from its authored state without loads and watch it."""
    subjects, joints = movable_subjects(manifest), _furniture_joints(physics)
    stride = max(1, round(SAMPLE_S / physics.dt_s))
    physics.reset()
    seen = [physics.observe()]
    for _ in range(round(settings.duration_s / (stride * physics.dt_s))):
        physics.step(stride)
        seen.append(physics.observe())
    return RestRun(
        physics.engine,
        tuple(round(motion.time_s, 6) for motion in seen),
        {each.name: tuple(pose_of(physics, motion, each.link) for motion in seen) for each in subjects},
        {each.name: speed_of(physics, seen[-1], each.link) for each in subjects},
        {
            name: tuple(float(motion.joint_position[physics.joint_names.index(name)]) for motion in seen)
            for name in joints
        },
    )


def _furniture_joints(physics: Physics) -> list[str]:
    return [name for name in physics.joint_names if not name.startswith("robot/")]


@dataclass(frozen=True, slots=True)
class Depth:
    """How deep a prop is in another thing."""

    depth_m: float
    other: str


def resting_depths(sim: Sim, run: RestRun) -> dict[str, Depth]:
    """Return how deep each prop is in something at the end of a run, measured on the default engine's colliders."""
    moves = [MoveProp(prop, poses[-1], "where a trial of rest ended") for prop, poses in run.poses.items()]
    sim.reset(moves)
    return {prop: deepest(sim.observe().contacts, prop) for prop in run.poses}


def deepest(contacts: Contacts, prop: str) -> Depth:
    """Return a prop's deepest contact with anything but itself; no contact is no depth."""
    worst = Depth(0.0, "")
    for first, second, depth in zip(contacts.first, contacts.second, contacts.depth_m.tolist(), strict=True):
        mine, others = _sides(first, second, prop)
        if mine and others and depth > worst.depth_m:
            worst = Depth(depth, others)
    return worst


def _sides(first: str, second: str, prop: str) -> tuple[str, str]:
    """Return the prop's own link and the other thing's, "" for what is not so."""
    own = f"{prop}/"
    if first.startswith(own) and not second.startswith(own):
        return first, second
    if second.startswith(own) and not first.startswith(own):
        return second, first
    return "", ""


def judge_rest(
    run: RestRun, manifest: SceneManifest, depths: Mapping[str, Depth], settings: RestSettings
) -> tuple[Trial, ...]:
    """Return one trial per movable prop and per furniture joint."""
    props = tuple(_judge_prop(run, each, depths[each.name], settings) for each in movable_subjects(manifest))
    return (*props, *(_judge_joint(run, name, positions) for name, positions in run.joints.items()))


def _judge_prop(run: RestRun, subject: Subject, depth: Depth, settings: RestSettings) -> Trial:
    poses = run.poses[subject.name]
    drifts = [drift_m(poses[0], pose) for pose in poses]
    turns = [turn_rad(poses[0], pose) for pose in poses]
    drift, turn = max(drifts), max(turns)
    faults = [
        f"moved {1000 * drift:.2f} mm in {settings.duration_s:g} s" if drift > settings.drift_bound_m else "",
        f"turned {np.degrees(turn):.2f} deg" if np.degrees(turn) > settings.turn_bound_deg else "",
        f"is {1000 * depth.depth_m:.2f} mm deep in {depth.other}"
        if depth.depth_m > settings.penetration_bound_m
        else "",
    ]
    return Trial(
        "rest",
        subject.name,
        run.engine,
        outcome(subject.name, faults),
        (
            Measure(DRIFT, drift, "m"),
            Measure(TURN, turn, "rad"),
            Measure(SPEED, run.final_speed_m_s[subject.name], "m/s"),
            Measure(PENETRATION, depth.depth_m, "m"),
        ),
        (Trace(DRIFT, "m", "s", run.time_s, tuple(drifts)),),
        f"deepest in {depth.other}" if depth.other else "touches nothing",
    )


def _judge_joint(run: RestRun, name: str, positions: Sequence[float]) -> Trial:
    # How far a joint may creep is judged with its range, in the trial of its sweep.
    moved = max(abs(position - positions[0]) for position in positions)
    return Trial("rest", name, run.engine, HOLDS, (Measure(MOVED, moved, "rad or m"),))


def outcome(subject: str, faults: Sequence[str]) -> str:
    """Return what went wrong with a subject in one sentence, or that nothing did."""
    found = [fault for fault in faults if fault]
    return f"{subject} {', '.join(found)}" if found else HOLDS
