"""The trial of joints: each is driven through its range with a person's effort and must end where it was said to."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from blueprint.pipeline.engine.stage import Settings
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.proofs import Measure, Trace, Trial
from blueprint.pipeline.scene.props import Joint
from blueprint.pipeline.sims.protocols import Contacts, Physics, Sim

from .rest import outcome
from .subjects import thinned

if TYPE_CHECKING:
    from blueprint.pipeline.sims.overlaps import LinkOverlaps, Overlap

SAMPLE_S = 0.05
STILL_PER_S = 2e-3
"""rad/s or m/s below which a joint counts as standing."""
STILL_SAMPLES = 6
OVERLAP_POSITIONS = 21
LOWER, UPPER, AUTHORED_LOWER, AUTHORED_UPPER, ERROR = "reached lower", "reached upper", "lower", "upper", "range error"
OVERLAP, OVERLAP_AT_REST, POSITION = "self-overlap", "self-overlap as scanned", "position"


class SweepSettings(Settings, frozen=True):
    """Driving every joint of every articulated prop through its range."""

    force_n: float = Field(default=20.0, gt=0, description="Force along a sliding joint, in newtons.")
    torque_n_m: float = Field(default=1.0, gt=0, description="Torque about a turning joint, in newton metres.")
    duration_s: float = Field(default=8.0, gt=0, le=60, description="Longest time for one way, in seconds.")
    range_tolerance: float = Field(
        default=0.01, gt=0, le=1, description="Largest error of either end, as a share of the joint's range."
    )
    held_tolerance: float = Field(
        default=0.01, gt=0, le=1, description="Largest move of a joint that nobody touches, as a share of its range."
    )
    overlap_bound_m: float = Field(
        default=0.005, gt=0, description="Largest depth of a prop's links in each other along the way, in metres."
    )


@dataclass(frozen=True, slots=True)
class Hinge:
    """A joint of a prop under its name in the simulators."""

    name: str
    joint: Joint

    @property
    def unit(self) -> str:
        """The unit of its position."""
        return "rad" if self.joint.kind == "revolute" else "m"

    def say(self, value: float) -> str:
        """Say a position with its unit."""
        return f"{np.degrees(value):.2f} deg" if self.unit == "rad" else f"{1000 * value:.2f} mm"


def articulated_joints(manifest: SceneManifest) -> tuple[Hinge, ...]:
    """Return every joint of every prop, in the manifest's order."""
    return tuple(
        Hinge(f"{entry.prop.id}/{joint.name}", joint) for entry in manifest.props for joint in entry.prop.joints
    )


def worst_overlaps(overlaps: "LinkOverlaps", hinge: Hinge) -> "tuple[Overlap, Overlap]":
    """Return how deep links are in each other at the input pose, and at worst along the way."""
    positions = np.linspace(hinge.joint.lower, hinge.joint.upper, OVERLAP_POSITIONS).tolist()
    start, *along = overlaps.along(hinge.name, [0.0, *positions])
    return start, max(along, key=lambda overlap: overlap.depth_m)


@dataclass(frozen=True, eq=False, slots=True)
class Course:
    """A joint's way under an effort to one side and then to the other."""

    time_s: tuple[float, ...]
    positions: tuple[float, ...]
    reached_upper: float
    reached_lower: float
    touching: tuple[str, ...] = ()


def drive(physics: Physics, hinge: Hinge, settings: SweepSettings, feel: Sim | None = None) -> Course:
    """Drive a joint up and then down until it stands, or its time is over; `feel` tells what it touches there."""
    row = physics.joint_names.index(hinge.name)
    effort = settings.torque_n_m if hinge.unit == "rad" else settings.force_n
    physics.reset()
    times, positions = [0.0], [float(physics.observe().joint_position[row])]
    prop = hinge.name.split("/")[0]
    always = set(blockers(feel.observe().contacts, prop)) if feel is not None else set[str]()
    ends: list[float] = []
    touching: list[str] = []
    for sign, limit in ((1, hinge.joint.upper), (-1, hinge.joint.lower)):
        physics.set_effort(hinge.name, sign * effort)
        _drive_one_way(physics, row, settings.duration_s, times, positions)
        ends.append(positions[-1])
        missed = abs(ends[-1] - limit) > settings.range_tolerance * (hinge.joint.upper - hinge.joint.lower)
        if missed and feel is not None:
            touching += [name for name in blockers(feel.observe().contacts, prop) if name not in always]
    return Course(tuple(times), tuple(positions), ends[0], ends[1], tuple(dict.fromkeys(touching)))


def _drive_one_way(physics: Physics, row: int, duration_s: float, times: list[float], positions: list[float]) -> None:
    stride = max(1, round(SAMPLE_S / physics.dt_s))
    quiet = 0
    for _ in range(round(duration_s / (stride * physics.dt_s))):
        physics.step(stride)
        seen = physics.observe()
        times.append(round(seen.time_s, 6))
        positions.append(float(seen.joint_position[row]))
        quiet = quiet + 1 if abs(float(seen.joint_velocity[row])) < STILL_PER_S else 0
        if quiet >= STILL_SAMPLES:
            return


def blockers(contacts: Contacts, prop: str) -> tuple[str, ...]:
    """Return the things of other props that touch a prop, apart from what merely rests on it."""
    found = {
        other
        for first, second, normal in zip(contacts.first, contacts.second, contacts.normal, strict=True)
        for mine, other in ((first, second), (second, first))
        if mine.startswith(f"{prop}/") and not other.startswith(f"{prop}/") and abs(normal[2]) < 0.7
    }
    return tuple(sorted(found))


def judge_sweep(
    engine: str, hinge: Hinge, course: Course, held: float, overlaps: "tuple[Overlap, Overlap]", settings: SweepSettings
) -> Trial:
    """Return the trial of one joint; `held` is how far it moved when nobody touched it."""
    joint = hinge.joint
    at_rest, worst = overlaps
    error = _range_error(joint, course)
    faults = _faults(hinge, course, held, worst, settings)
    kept = thinned(course.time_s)
    return Trial(
        "sweep",
        hinge.name,
        engine,
        outcome(hinge.name, faults),
        (
            Measure(LOWER, course.reached_lower, hinge.unit),
            Measure(UPPER, course.reached_upper, hinge.unit),
            Measure(AUTHORED_LOWER, joint.lower, hinge.unit),
            Measure(AUTHORED_UPPER, joint.upper, hinge.unit),
            Measure(ERROR, error, "1"),
            Measure(OVERLAP, worst.depth_m, "m"),
            Measure(OVERLAP_AT_REST, at_rest.depth_m, "m"),
        ),
        (
            Trace(
                POSITION,
                hinge.unit,
                "s",
                tuple(course.time_s[at] for at in kept),
                tuple(course.positions[at] for at in kept),
            ),
        ),
        f"{worst.first} and {worst.second} overlap most, at {hinge.say(worst.position)}" if worst.first else "",
    )


def _range_error(joint: Joint, course: Course) -> float:
    """Return how far the worse end is from where it was said to be, as a share of the range."""
    misses = (course.reached_lower - joint.lower, course.reached_upper - joint.upper)
    return max(map(abs, misses)) / (joint.upper - joint.lower)


def _faults(hinge: Hinge, course: Course, held: float, worst: "Overlap", settings: SweepSettings) -> list[str]:
    joint, say = hinge.joint, hinge.say
    effort = f"{settings.torque_n_m:g} N m" if hinge.unit == "rad" else f"{settings.force_n:g} N"
    in_the_way = f"; {', '.join(course.touching)} touches it" if course.touching else ""
    return [
        f"goes from {say(course.reached_lower)} to {say(course.reached_upper)} at {effort}, "
        f"authored {say(joint.lower)} to {say(joint.upper)}{in_the_way}"
        if _range_error(joint, course) > settings.range_tolerance
        else "",
        f"moves {say(held)} when nobody touches it"
        if held > settings.held_tolerance * (joint.upper - joint.lower)
        else "",
        f"has {worst.first} {1000 * worst.depth_m:.1f} mm deep in {worst.second} at {say(worst.position)}"
        if worst.depth_m > settings.overlap_bound_m
        else "",
    ]
