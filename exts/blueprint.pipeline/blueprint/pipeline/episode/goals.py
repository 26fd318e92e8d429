"""Goals: what must be true of the recorded states for a task to count as done, as data.

Every goal has a margin per frame, in its own unit, that is not negative where the goal holds (episode/margins.py).
`when` says in which frames it must: `end` over the hold time, `ever` in one frame, `always` in all.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Discriminator

from blueprint.pipeline.scene.poses import Pose, Vec2, Vec3

When = Literal["end", "ever", "always"]


@dataclass(frozen=True, slots=True)
class Region:
    """An upright rectangle in the world onto which something is placed; centre on the supporting surface."""

    name: str
    support: str
    center_m: Vec3
    half_size_m: Vec2
    yaw_rad: float


@dataclass(frozen=True, slots=True)
class InRegion:
    """The object's shadow lies wholly in a region, and its base at the height of the region's surface."""

    object: str
    region: Region
    when: When = "end"
    goal: Literal["in_region"] = "in_region"


@dataclass(frozen=True, slots=True)
class OnTop:
    """The object rests on another prop: its base at that one's top, its middle over that one's outline.

    `sink_m` is how far below the top the base may be, such as within the rim of a plate.
    """

    object: str
    base: str
    sink_m: float = 0.01
    when: When = "end"
    goal: Literal["on_top"] = "on_top"


@dataclass(frozen=True, slots=True)
class Inside:
    """The object's middle lies in a box that a link carries, such as the room of a drawer or the hollow of a bowl.

    `body` is a name of `Track.body_names`; the box moves with it.
    """

    object: str
    body: str
    T_body_room: Pose
    half_size_m: Vec3
    when: When = "end"
    goal: Literal["inside"] = "inside"


@dataclass(frozen=True, slots=True)
class JointWithin:
    """A furniture's joint (by its name in `States.names("joint_names")`) stands between two values, rad or m."""

    joint: str
    lower: float
    upper: float
    when: When = "end"
    goal: Literal["joint_within"] = "joint_within"


@dataclass(frozen=True, slots=True)
class Raised:
    """The object is at least so much higher than at the start."""

    object: str
    height_m: float
    when: When = "ever"
    goal: Literal["raised"] = "raised"


@dataclass(frozen=True, slots=True)
class NotRaised:
    """The object is never higher than this above its start: it was pushed, not carried."""

    object: str
    height_m: float
    when: When = "always"
    goal: Literal["not_raised"] = "not_raised"


@dataclass(frozen=True, slots=True)
class TiltedOver:
    """The object leans by at least an angle while its lower rim lies over the target's outline and above its top."""

    object: str
    target: str
    tilt_rad: float
    duration_s: float
    when: When = "ever"
    goal: Literal["tilted_over"] = "tilted_over"


@dataclass(frozen=True, slots=True)
class Upright:
    """The object leans no further than an angle from how it stood at the start."""

    object: str
    tilt_rad: float
    when: When = "end"
    goal: Literal["upright"] = "upright"


@dataclass(frozen=True, slots=True)
class Apart:
    """The object does not touch another prop and is at least so far from its outline, level distance."""

    object: str
    other: str
    gap_m: float
    when: When = "end"
    goal: Literal["apart"] = "apart"


@dataclass(frozen=True, slots=True)
class Released:
    """The robot does not touch the prop; for what was grasped, the gripper has also opened again."""

    object: str
    when: When = "end"
    goal: Literal["released"] = "released"


@dataclass(frozen=True, slots=True)
class AtRest:
    """The prop neither moves nor turns."""

    object: str
    when: When = "end"
    goal: Literal["at_rest"] = "at_rest"


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """A prop that the task does not name is where it was, within a distance."""

    object: str
    limit_m: float
    when: When = "end"
    goal: Literal["undisturbed"] = "undisturbed"


@dataclass(frozen=True, slots=True)
class ForceBelow:
    """Robot and scene press on each other with no more than this, props that the task handles included."""

    limit_n: float
    when: When = "always"
    goal: Literal["force_below"] = "force_below"


@dataclass(frozen=True, slots=True)
class NoCollision:
    """The robot presses on nothing but the props that it handles with more than a force, in newtons."""

    handled: tuple[str, ...]
    limit_n: float = 5.0
    when: When = "always"
    goal: Literal["no_collision"] = "no_collision"


STANDING = frozenset(
    {"not_raised", "upright", "released", "at_rest", "undisturbed", "force_below", "no_collision"},
)
"""Goals that hold before anything is done: conditions on the way to others, with which nothing is reached."""

Goal = Annotated[
    InRegion
    | OnTop
    | Inside
    | JointWithin
    | Raised
    | NotRaised
    | TiltedOver
    | Upright
    | Apart
    | Released
    | AtRest
    | Undisturbed
    | ForceBelow
    | NoCollision,
    Discriminator("goal"),
]
