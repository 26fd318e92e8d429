"""The trial of dropping: a prop is lifted straight up and let go; it must come to rest and gain no energy."""

from dataclasses import dataclass

import numpy as np
from pydantic import Field

from blueprint.pipeline.engine.stage import Settings
from blueprint.pipeline.scene.edits import MoveProp
from blueprint.pipeline.scene.gravity import GRAVITY_M_S2
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.scene.proofs import Measure, Trace, Trial
from blueprint.pipeline.sims.protocols import Physics, Sim

from .rest import deepest, outcome
from .subjects import Subject, drift_m, energy_j, movable_subjects, pose_of, speed_of, turn_rad

SAMPLE_S = 0.025
SHALLOWER = (1.0, 0.5, 0.2, 0.1)
"""Shares of the height that are tried, where something is in the way above a prop."""
OVERLAP_M = 0.0005
FELL_M = 0.05
UPRIGHT_RAD = 0.17
HEIGHT, FINAL_SPEED, GAIN, MOVED, TURNED, LOWEST = "height", "final speed", "energy gain", "moved", "turned", "sunk"


class DropSettings(Settings, frozen=True):
    """Lifting each movable prop above its support and letting it go."""

    height_m: float = Field(default=0.05, gt=0, le=1, description="Height of the fall, in metres.")
    duration_s: float = Field(default=1.5, gt=0, le=30, description="Simulated time for coming to rest, in seconds.")
    speed_bound_m_s: float = Field(default=0.02, gt=0, description="Largest speed at the end, in metres per second.")
    sink_bound_m: float = Field(
        default=0.005, gt=0, description="Largest depth of an upright prop below where it stood, in metres."
    )
    gain_bound: float = Field(
        default=0.05, gt=0, description="Largest gain of energy, as a share of the energy of the fall."
    )


@dataclass(frozen=True, slots=True)
class Lift:
    """A prop's pose before the fall; `height_m` 0 where there is no room above it."""

    T_world_prop: Pose
    height_m: float


def plan_lifts(sim: Sim, manifest: SceneManifest, settings: DropSettings) -> dict[str, Lift]:
    """Return for each movable prop how high it can be lifted without overlapping anything."""
    return {each.name: _plan_lift(sim, each, settings.height_m) for each in movable_subjects(manifest)}


def _plan_lift(sim: Sim, subject: Subject, height_m: float) -> Lift:
    standing = subject.entry.prop.T_world_prop
    for share in SHALLOWER:
        lifted = raised(standing, share * height_m)
        sim.reset([MoveProp(subject.name, lifted, "lifted for a trial")])
        if deepest(sim.observe().contacts, subject.name).depth_m < OVERLAP_M:
            return Lift(lifted, share * height_m)
    return Lift(standing, 0.0)


def raised(pose: Pose, height_m: float) -> Pose:
    """Return a pose straight above another."""
    return Pose(vec3(np.add(pose.position_m, (0.0, 0.0, height_m))), pose.quat_wxyz)


def _sunk(depth_m: float, turned_rad: float, bound_m: float) -> str:
    # What topples has its origin, which is at its base, elsewhere; only what still stands can be said to sink.
    if depth_m > FELL_M:
        return f"fell {1000 * depth_m:.0f} mm below where it stood"
    return f"sank {1000 * depth_m:.1f} mm into its support" if depth_m > bound_m and turned_rad < UPRIGHT_RAD else ""


def drop(physics: Physics, subject: Subject, lift: Lift, settings: DropSettings) -> Trial:
    """Let one prop fall and watch it."""
    if lift.height_m == 0:
        detail = "no room above it to lift it"
        return Trial("drop", subject.name, physics.engine, outcome(subject.name, ()), (), detail=detail)
    stride = max(1, round(SAMPLE_S / physics.dt_s))
    physics.reset([MoveProp(subject.name, lift.T_world_prop, "lifted for a trial")])
    seen = [physics.observe()]
    for _ in range(round(settings.duration_s / (stride * physics.dt_s))):
        physics.step(stride)
        seen.append(physics.observe())
    poses = [pose_of(physics, motion, subject.link) for motion in seen]
    energies = [energy_j(physics, motion, subject) for motion in seen]
    standing = subject.entry.prop.T_world_prop
    heights = [pose.position_m[2] - standing.position_m[2] for pose in poses]
    speed = speed_of(physics, seen[-1], subject.link)
    turned, gain = turn_rad(standing, poses[-1]), max(energies) - energies[0]
    fall_j = subject.mass_kg * GRAVITY_M_S2 * lift.height_m
    faults = [
        f"still moves at {1000 * speed:.1f} mm/s {settings.duration_s:g} s after it was dropped"
        if speed > settings.speed_bound_m_s
        else "",
        _sunk(-heights[-1], turned, settings.sink_bound_m),
        f"gained {gain:.3g} J in a fall of {fall_j:.3g} J" if gain > settings.gain_bound * fall_j else "",
    ]
    return Trial(
        "drop",
        subject.name,
        physics.engine,
        outcome(subject.name, faults),
        (
            Measure(HEIGHT, lift.height_m, "m"),
            Measure(FINAL_SPEED, speed, "m/s"),
            Measure(GAIN, gain / fall_j, "1"),
            Measure(MOVED, drift_m(standing, poses[-1]), "m"),
            Measure(TURNED, turned, "rad"),
            Measure(LOWEST, max(0.0, -min(heights)), "m"),
        ),
        (Trace(HEIGHT, "m", "s", tuple(round(motion.time_s, 6) for motion in seen), tuple(heights)),),
    )
