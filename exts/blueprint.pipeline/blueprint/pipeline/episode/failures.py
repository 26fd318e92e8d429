"""What an unmet goal means: its failure code, and the reason in words with numbers, bodies and force."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.geometry import Shapes, owner_of
from blueprint.pipeline.episode.goals import (
    Apart,
    AtRest,
    ForceBelow,
    Goal,
    InRegion,
    Inside,
    JointWithin,
    NoCollision,
    NotRaised,
    OnTop,
    Raised,
    Released,
    TiltedOver,
    Undisturbed,
    Upright,
)
from blueprint.pipeline.episode.margins import (
    REST_SPEED_M_S,
    SEATED_M,
    above_region_m,
    fastest_point_m_s,
    joint_values,
    lowest_of_rim_m,
    pressing,
    tilt_rad,
)
from blueprint.pipeline.episode.outcomes import FailureCode, Verdict
from blueprint.pipeline.episode.outlines import depth_inside_m, outline_of
from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.touches import ROBOT, Touches

STUCK_SHARE = 0.1
"""A joint that went less than this share of the way it was asked to go is stuck."""
LEANING_N = 1.0
"""Only a joint whose furniture the robot pressed harder than this can be called stuck."""
WORKING_PHASES = (Phase.PUSH, Phase.PRESS, Phase.FOLLOW)


@dataclass(frozen=True, eq=False, slots=True)
class Lack:
    """Where and by how much a goal is not met: `amount` in the goal's unit, above 0."""

    shapes: Shapes
    touches: Touches
    frame: int
    amount: float

    def touch(self, owner: str) -> "Told | None":
        """Return the links of robot and owner that press hardest on each other, without words; None without any."""
        bodies, force_n = self.touches.names_at(self.touches.between(owner, ROBOT), self.frame)
        return Told("", bodies, force_n) if bodies else None


@dataclass(frozen=True, slots=True)
class Told:
    """A reason; `code` and `frame` where they differ from those of the goal."""

    words: str
    bodies: tuple[str, ...] = ()
    force_n: float | None = None
    code: FailureCode | None = None
    frame: int | None = None


def unmet(goal: Goal, margins: NDArray[np.float64], frame: int, shapes: Shapes, touches: Touches) -> Verdict:
    """Return the verdict on an attempt whose goal is not met in a frame."""
    code, tell = _GOALS[type(goal)]
    told: Told = tell(goal, Lack(shapes, touches, frame, float(-margins[frame])))
    at = frame if told.frame is None else told.frame
    return Verdict(told.code or code, at, told.words, told.bodies, told.force_n)


# --- one sentence per goal


def _in_region(goal: InRegion, lack: Lack) -> Told:
    region, above_m = goal.region, float(above_region_m(goal, lack.shapes)[lack.frame])
    words = f"{goal.object} reaches {lack.amount:.3f} m out of the region {region.name}"
    if abs(above_m) > SEATED_M:
        words = f"{goal.object} is not on {region.support}: its base is {above_m:+.3f} m from the region {region.name}"
    return Told(words, (goal.object, region.support))


def _on_top(goal: OnTop, lack: Lack) -> Told:
    height = float((lack.shapes.bottom_m(goal.object) - lack.shapes.top_m(goal.base))[lack.frame])
    words = f"{goal.object} is not on {goal.base}: its base is {height:+.3f} m from that one's top"
    return Told(f"{words}, {lack.amount:.3f} m beyond what is allowed in height or sideways", (goal.object, goal.base))


def _inside(goal: Inside, lack: Lack) -> Told:
    return Told(f"{goal.object} is {lack.amount:.3f} m outside the room of {goal.body}", (goal.object, goal.body))


def _joint_within(goal: JointWithin, lack: Lack) -> Told:
    touch = lack.touch(owner_of(goal.joint)) or Told("", (owner_of(goal.joint),))
    values = joint_values(lack.shapes.track, goal.joint)
    if is_stuck(goal, lack.shapes, lack.touches):
        moved, asked = float(np.abs(values - values[0]).max()), _way(goal, float(values[0]))
        words = f"{goal.joint} moved {moved:.3f} of the {asked:.3f} asked for while the robot worked at it"
        return Told(words, touch.bodies, touch.force_n, FailureCode.STUCK_JOINT)
    words = f"{goal.joint} stands at {values[lack.frame]:.3f}, asked for are {goal.lower:.3f} to {goal.upper:.3f}"
    return Told(words, touch.bodies, touch.force_n)


def _raised(goal: Raised, lack: Lack) -> Told:
    lifting = np.flatnonzero(lack.shapes.track.phase == Phase.LIFT)
    frame = int(lifting[-1]) if len(lifting) else lack.frame
    words = f"{goal.object} was lifted {goal.height_m - lack.amount:.3f} m, {goal.height_m:g} m are asked for"
    return Told(words, (goal.object,), frame=frame)


def _not_raised(goal: NotRaised, lack: Lack) -> Told:
    rose_m = goal.height_m + lack.amount
    return Told(f"{goal.object} rose {rose_m:.3f} m, {goal.height_m:g} m at most", (goal.object,))


def _tilted_over(goal: TiltedOver, lack: Lack) -> Told:
    shapes, frame = lack.shapes, lack.frame
    leans = np.degrees(tilt_rad(shapes, goal.object))
    asked = f"{np.degrees(goal.tilt_rad):.0f} degrees for {goal.duration_s:g} s over {goal.target}"
    words = f"{goal.object} leant {leans[frame]:.0f} degrees, at most {leans.max():.0f}; asked for are {asked}"
    lip = lowest_of_rim_m(shapes, goal.object)
    inside = float(depth_inside_m(lip, outline_of(shapes.points_m(goal.target)))[frame])
    above = float(lip[frame, 2] - shapes.top_m(goal.target)[frame])
    where = f"{abs(inside):.3f} m {'inside' if inside >= 0 else 'outside'} its outline, {above:+.3f} m from its top"
    return Told(f"{words}; its rim was then {where}", (goal.object, goal.target))


def _upright(goal: Upright, lack: Lack) -> Told:
    leans = np.degrees(goal.tilt_rad + lack.amount)
    return Told(f"{goal.object} leans {leans:.0f} degrees, {np.degrees(goal.tilt_rad):.0f} at most", (goal.object,))


def _apart(goal: Apart, lack: Lack) -> Told:
    words = f"{goal.object} is {goal.gap_m - lack.amount:.3f} m from {goal.other}, {goal.gap_m:g} m are asked for"
    return Told(words, (goal.object, goal.other))


def _released(goal: Released, lack: Lack) -> Told:
    touch = lack.touch(goal.object)
    if touch is not None:
        return Told(f"{goal.object} is still touched with {touch.force_n:.1f} N", touch.bodies, touch.force_n)
    words = f"the gripper has not opened since it held {goal.object}: {lack.amount:.3f} m are missing"
    return Told(words, (goal.object,))


def _at_rest(goal: AtRest, lack: Lack) -> Told:
    speed = float(fastest_point_m_s(lack.shapes, goal.object)[lack.frame])
    words = f"{goal.object} still moves at {speed:.3f} m/s, {REST_SPEED_M_S:g} m/s count as rest"
    return Told(words, (goal.object,))


def _undisturbed(goal: Undisturbed, lack: Lack) -> Told:
    moved_m = goal.limit_m + lack.amount
    return Told(f"{goal.object} was moved {moved_m:.3f} m, {goal.limit_m:g} m at most", (goal.object,))


def _pressed(goal: ForceBelow | NoCollision, lack: Lack) -> Told:
    bodies, force_n = lack.touches.peak_at(pressing(goal, lack.touches), lack.frame)
    words = f"{' and '.join(bodies)} press on each other with {goal.limit_n + lack.amount:.1f} N"
    return Told(f"{words}, {goal.limit_n:g} N at most", bodies, force_n)


_GOALS: Mapping[type[Any], tuple[FailureCode, Callable[[Any, Lack], Told]]] = {
    InRegion: (FailureCode.NOT_IN_REGION, _in_region),
    OnTop: (FailureCode.NOT_ON_TOP, _on_top),
    Inside: (FailureCode.NOT_INSIDE, _inside),
    JointWithin: (FailureCode.JOINT_SHORT, _joint_within),
    Raised: (FailureCode.NOT_LIFTED, _raised),
    NotRaised: (FailureCode.RAISED, _not_raised),
    TiltedOver: (FailureCode.NOT_TILTED, _tilted_over),
    Upright: (FailureCode.TIPPED_OVER, _upright),
    Apart: (FailureCode.NOT_APART, _apart),
    Released: (FailureCode.NOT_RELEASED, _released),
    AtRest: (FailureCode.NOT_AT_REST, _at_rest),
    Undisturbed: (FailureCode.DISTURBED, _undisturbed),
    ForceBelow: (FailureCode.TOO_MUCH_FORCE, _pressed),
    NoCollision: (FailureCode.COLLIDED, _pressed),
}


# --- joints that will not move


def is_stuck(goal: JointWithin, shapes: Shapes, touches: Touches) -> bool:
    """Whether a joint hardly moved on its way although the robot worked at its furniture."""
    values = joint_values(shapes.track, goal.joint)
    began = float(values[0])
    way = _way(goal, began)
    if way <= 0 or not touches.measured:
        return False
    toward = (values - began) * np.sign((goal.lower + goal.upper) / 2 - began)
    force = touches.strongest_n(touches.between(owner_of(goal.joint), ROBOT))
    worked = (force > LEANING_N) & np.isin(shapes.track.phase, WORKING_PHASES)
    return bool(worked.any() and toward.max() < STUCK_SHARE * way)


def _way(goal: JointWithin, began: float) -> float:
    return max(goal.lower - began, began - goal.upper)
