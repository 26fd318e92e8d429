"""What must be true for a task to count as done, with its bounds."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field

from .entries import Entry, Share

When = Literal["end", "ever", "always"]


class _Goal(Entry, frozen=True):
    name: str = Field(default="", description="By which rewards name it; its kind if left out.")
    when: When | None = Field(default=None, description="At the end, ever, or always; what its kind does if left out.")


class InRegionGoal(_Goal, frozen=True):
    """Its shadow lies in a region."""

    goal: Literal["in_region"]
    object: str = Field(description="Role of the prop.")
    at: str = Field(description="Name of the place.")


class OnTopGoal(_Goal, frozen=True):
    """It rests on another prop."""

    goal: Literal["on_top"]
    object: str = Field(description="Role of the prop.")
    base: str = Field(description="Role of the prop below.")


class InsideGoal(_Goal, frozen=True):
    """Its middle lies in a room."""

    goal: Literal["inside"]
    object: str = Field(description="Role of the prop.")
    room: str | None = Field(default=None, description="Role of the room.")
    at: str | None = Field(default=None, description="Name of the place, for a hole.")


class JointGoal(_Goal, frozen=True):
    """A joint stands between two shares of its range."""

    goal: Literal["joint_within"]
    joint: str = Field(description="Role of the joint.")
    share: tuple[Share, Share] = Field(description="From which to which share of its range, 0 closed, 1 open.")


class HeightGoal(_Goal, frozen=True):
    """It rises by a height, or never does."""

    goal: Literal["raised", "not_raised"]
    object: str = Field(description="Role of the prop.")
    height_m: float = Field(gt=0, description="Height above the start in metres.")


class TiltGoal(_Goal, frozen=True):
    """It leans over a target for a while."""

    goal: Literal["tilted_over"]
    object: str = Field(description="Role of the prop.")
    target: str = Field(description="Role of the prop below.")
    tilt_rad: float = Field(gt=0, description="Least angle in radians.")
    duration_s: float = Field(gt=0, description="Time in seconds.")


class UprightGoal(_Goal, frozen=True):
    """It stands as at the start."""

    goal: Literal["upright"]
    object: str = Field(description="Role of the prop.")
    tilt_rad: float = Field(default=0.2, gt=0, description="Largest angle in radians.")


class ApartGoal(_Goal, frozen=True):
    """Two props are apart."""

    goal: Literal["apart"]
    object: str = Field(description="Role of the prop.")
    other: str = Field(description="Role of the other prop.")
    gap_m: float = Field(default=0.01, ge=0, description="Level distance of their outlines in metres.")


class ReleasedGoal(_Goal, frozen=True):
    """The robot does not touch it any more."""

    goal: Literal["released"]
    object: str | None = Field(default=None, description="Role of the prop.")
    joint: str | None = Field(default=None, description="Role of the joint whose prop is meant.")


class AtRestGoal(_Goal, frozen=True):
    """It does not move."""

    goal: Literal["at_rest"]
    object: str = Field(description="Role of the prop.")


class UndisturbedGoal(_Goal, frozen=True):
    """Everything that fills no role is where it was."""

    goal: Literal["undisturbed"]
    limit_m: float = Field(default=0.03, gt=0, description="Largest distance in metres.")


class ForceGoal(_Goal, frozen=True):
    """Nothing is pressed hard."""

    goal: Literal["force_below"]
    limit_n: float = Field(default=150.0, gt=0, description="Largest force in newtons.")


class CollisionGoal(_Goal, frozen=True):
    """The robot presses on nothing that fills no role."""

    goal: Literal["no_collision"]
    limit_n: float = Field(default=5.0, gt=0, description="Largest force in newtons.")


Goal = Annotated[
    InRegionGoal
    | OnTopGoal
    | InsideGoal
    | JointGoal
    | HeightGoal
    | TiltGoal
    | UprightGoal
    | ApartGoal
    | ReleasedGoal
    | AtRestGoal
    | UndisturbedGoal
    | ForceGoal
    | CollisionGoal,
    Discriminator("goal"),
]
