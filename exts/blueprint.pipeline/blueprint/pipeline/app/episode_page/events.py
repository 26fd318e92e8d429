"""What happened in an episode, told from its recorded states: touches, grasps, slips, falls and collisions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.app.figures import angle_text, length_text, number_text
from blueprint.pipeline.episode.grips import slip_since_m
from blueprint.pipeline.episode.outcomes import EpisodeSummary
from blueprint.pipeline.episode.touches import ROBOT, Touches
from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.scene.grippers import Gripper

from .holds import PRESSED_N, holding_links, pressed_by, spells

Array = NDArray[np.float64]
Tone = Literal["", "good", "warning", "bad"]
Kind = Literal[
    "phase",
    "touch",
    "grasp",
    "release",
    "lost",
    "slip",
    "fall",
    "collision",
    "bump",
    "joint",
    "goal",
    "astray",
    "verdict",
]

SETTLED_GAP = 4
"""Frames without contact that still count as one touch: fingertips let go for an instant when they roll."""
LEAST_GRASP = 3
SLIP_M = 0.005
FALLING_M_S = 0.4
BUMP_N = 1.0
MOVED = {"rad": 0.02, "m": 0.003, "": 0.02}
"""By its unit, how far a piece of furniture has gone when it counts as moving."""
ASTRAY_RAD = 0.2
"""An arm this far from its commands does not follow them any more: something holds it, or they jump."""
LETTING_GO = ("open", "retreat", "hold", "home", "push", "press", "insert")
"""Phases in which an object that leaves the fingers was let go on purpose, or was never to be held."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a frame; `detail` gives the numbers."""

    frame: int
    kind: Kind
    title: str
    detail: str = ""
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class CommandedJoint:
    """A joint of the arm: its name, and its columns among the joints and among the commands."""

    name: str
    joint: int
    command: int


@dataclass(frozen=True, slots=True)
class Story:
    """What events are told of: the recorded track, what became of it, the handled props and the phases' names.

    `joint_units` says of each joint whether it is in rad or m, and `gripper` how its joints make a width, as far as the
    scene is at hand. `arm` lists the commanded joints that are none of the gripper's.
    """

    track: Track
    summary: EpisodeSummary
    handled: tuple[str, ...]
    phase_names: tuple[str, ...]
    joint_units: Mapping[str, str] = field(default_factory=dict[str, str])
    gripper: Gripper | None = None
    arm: tuple[CommandedJoint, ...] = ()

    def phase(self, frame: int) -> str:
        """Return the name of a frame's phase."""
        return self.phase_names[int(self.track.phase[frame])]


def list_events(story: Story) -> tuple[Event, ...]:
    """Return everything that happened, in the order of frames."""
    touches = Touches(story.track)
    found = [*_phases(story), *_collisions(story, touches), *_joints(story), *_astray(story), *_verdict(story)]
    for prop in story.handled:
        found += _grips(story, touches, prop)
        if prop in story.track.prop_names:
            found += [*_slips(story, touches, prop), *_falls(story, touches, prop)]
    return in_order(found)


def in_order(events: Sequence[Event]) -> tuple[Event, ...]:
    """Sort events by frame; in one frame a phase comes first and the verdict last."""
    order = {"phase": 0, "verdict": 2}
    return tuple(sorted(events, key=lambda event: (event.frame, order.get(event.kind, 1))))


def _phases(story: Story) -> Iterator[Event]:
    phase = story.track.phase
    for frame in [0, *(np.flatnonzero(np.diff(phase)) + 1).tolist()]:
        yield Event(frame, "phase", story.phase(frame))


def _grips(story: Story, touches: Touches, prop: str) -> Iterator[Event]:
    """Tell when fingers first touch a prop, hold it from two sides, and let go of it or lose it."""
    links = holding_links(touches, prop)
    for first, _ in spells(links > 0, gap=SETTLED_GAP)[:1]:
        yield Event(first, "touch", f"touches {prop}", _press(touches, first, prop))
    for first, last in spells(links > 1, gap=SETTLED_GAP):
        if last - first + 1 < LEAST_GRASP:
            continue
        width = length_text(float(story.track.gripper_width_m[first]))
        yield Event(
            first, "grasp", f"holds {prop}", f"{width} between the fingers, {_press(touches, first, prop)}", "good"
        )
        if last + 1 == story.track.frame_count:
            continue
        if story.phase(last) in LETTING_GO or story.phase(last + 1) in LETTING_GO:
            yield Event(last + 1, "release", f"lets go of {prop}")
        else:
            yield Event(last + 1, "lost", f"loses {prop}", f"while it is to {story.phase(last)}", "bad")


def _press(touches: Touches, frame: int, prop: str) -> str:
    return f"{touches.total_n(touches.between(prop, ROBOT))[frame]:.3g} N"


def _slips(story: Story, touches: Touches, prop: str) -> Iterator[Event]:
    """Tell when a held prop has moved in the hand, measured from three frames after it was held."""
    for first, last in spells(holding_links(touches, prop) > 1, gap=SETTLED_GAP):
        start = first + LEAST_GRASP
        letting_go = [at for at in range(start, last + 1) if story.phase(at) in LETTING_GO]
        end = letting_go[0] if letting_go else last + 1
        if end <= start or not _is_carried(story, start, end, prop):
            continue
        slip = slip_since_m(story.track, prop, start)[start:end]
        over = np.flatnonzero(slip > SLIP_M)
        if len(over):
            most = f"{length_text(float(slip.max()))} at most while it is held"
            yield Event(start + int(over[0]), "slip", f"{prop} slides in the hand", most, "warning")


def _is_carried(story: Story, start: int, end: int, prop: str) -> bool:
    row = story.track.prop_names.index(prop)
    height = story.track.prop_position_m[start:end, row, 2]
    return bool(height.max() - height[0] > SLIP_M)


def _falls(story: Story, touches: Touches, prop: str) -> Iterator[Event]:
    """Tell when a prop that nobody holds moves down fast, and from how high."""
    row, track = story.track.prop_names.index(prop), story.track
    height = track.prop_position_m[:, row, 2]
    down = -np.gradient(height) * track.fps if len(height) > 1 else np.zeros(1)
    free = holding_links(touches, prop) == 0
    for first, last in spells((down > FALLING_M_S) & free, gap=1):
        depth = length_text(float(height[first] - height[min(last + 1, len(height) - 1)]))
        yield Event(
            first, "fall", f"{prop} falls", f"{depth} deep, up to {down[first : last + 1].max():.2f} m/s", "bad"
        )


def _collisions(story: Story, touches: Touches) -> Iterator[Event]:
    """Tell when the robot presses on what it is not to touch, and when what it carries does."""
    hits = pressed_by(touches, (ROBOT,), story.handled) & (touches.peak_n > PRESSED_N)
    yield from _hits(touches, hits, "collision", "bad")
    held = np.zeros(story.track.frame_count, dtype=bool)
    for prop in story.handled:
        held |= holding_links(touches, prop) > 1
    carried = held & np.isin(story.track.phase, [story.phase_names.index(name) for name in ("lift", "carry")])
    bumps = pressed_by(touches, story.handled, (ROBOT,)) & (touches.peak_n > BUMP_N)
    yield from _hits(touches, bumps & (carried & _late(story))[touches.frames], "bump", "warning")


def _late(story: Story) -> NDArray[np.bool_]:
    """Mark frames (N,) at least five behind a change of phase: what is lifted still stands at first."""
    frames = np.arange(story.track.frame_count)
    changes = np.flatnonzero(np.diff(story.track.phase, prepend=-1))
    return frames - changes[np.searchsorted(changes, frames, "right") - 1] >= SETTLED_GAP + 1


def _hits(touches: Touches, chosen: NDArray[np.bool_], kind: Kind, tone: Tone) -> Iterator[Event]:
    """Yield one event per pair of bodies and stretch of time, with its largest force."""
    names, track = touches.track.body_names, touches.track
    pairs = sorted({(int(touches.first[row]), int(touches.second[row])) for row in np.flatnonzero(chosen)})
    for first, second in pairs:
        rows = chosen & (touches.first == first) & (touches.second == second)
        forces = touches.strongest_n(rows)
        for begin, end in spells(forces > 0, gap=SETTLED_GAP):
            hard = f"up to {forces[begin : end + 1].max():.3g} N over {(end - begin + 1) / track.fps:.2f} s"
            yield Event(begin, kind, f"{names[first]} hits {names[second]}", hard, tone)


def _joints(story: Story) -> Iterator[Event]:
    """Tell when a piece of furniture begins to move, and how far it gets."""
    track = story.track
    for column, name in enumerate(track.joint_names):
        if name.startswith(f"{ROBOT}/"):
            continue
        unit = story.joint_units.get(name, "")
        away = np.abs(track.joint_position[:, column] - track.joint_position[0, column])
        moved = np.flatnonzero(away > MOVED[unit])
        if len(moved):
            end = f"ends at {joint_text(float(track.joint_position[-1, column]), unit)}"
            yield Event(int(moved[0]), "joint", f"{name} begins to move", end)


def _astray(story: Story) -> Iterator[Event]:
    """Tell when the arm no longer is where it was sent to."""
    if not story.arm:
        return
    track = story.track
    measured = track.joint_position[:, [each.joint for each in story.arm]]
    gap = np.abs(track.command[:, [each.command for each in story.arm]] - measured)
    for first, last in spells(gap.max(axis=1) > ASTRAY_RAD, gap=SETTLED_GAP):
        worst = int(gap[first : last + 1].max(axis=0).argmax())
        far = joint_text(
            float(gap[first : last + 1, worst].max()), story.joint_units.get(f"{ROBOT}/{story.arm[worst].name}", "")
        )
        yield Event(first, "astray", "the arm leaves its commands", f"{story.arm[worst].name} by up to {far}", "bad")


def _verdict(story: Story) -> Sequence[Event]:
    outcome, last = story.summary.outcome, story.track.frame_count - 1
    if outcome.success:
        return [Event(last, "verdict", "succeeded", outcome.message, "good")]
    frame = last if outcome.failing_frame is None else min(outcome.failing_frame, last)
    return [Event(frame, "verdict", f"failed: {outcome.failure.replace('_', ' ')}", outcome.message, "bad")]


def joint_text(value: float, unit: str) -> str:
    """Say a joint's position in degrees or as a length; without a known unit as a plain number."""
    return {"rad": angle_text, "m": length_text}.get(unit, number_text)(value)
