"""The steps of a task, in the vocabulary of the skills."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field

from .entries import Entry, Share


class Plain(Entry, frozen=True):
    """A motion of the arm alone."""

    skill: Literal["reach", "home"] = Field(description="Go to what comes next; or to where the robot starts.")


class Grasp(Entry, frozen=True):
    """Take hold of an object, or of a part that a joint moves."""

    skill: Literal["grasp"] = Field(description="Take hold.")
    object: str | None = Field(default=None, description="Role of the prop.")
    joint: str | None = Field(default=None, description="Role of the joint whose part is held.")


class Lift(Entry, frozen=True):
    """Raise what is held."""

    skill: Literal["lift"] = Field(description="Raise what is held.")
    object: str = Field(description="Role of the prop.")
    height_m: float = Field(default=0.10, gt=0, le=0.5, description="Height in metres.")


class Carry(Entry, frozen=True):
    """Bring what is held near to where it is set down."""

    skill: Literal["carry"] = Field(description="Bring what is held to the next place.")
    object: str = Field(description="Role of the prop.")


class PutDown(Entry, frozen=True):
    """Set down what is held."""

    skill: Literal["place"] = Field(description="Set down what is held.")
    object: str = Field(description="Role of the prop.")
    at: str = Field(description="Name of the place.")


class Insert(Entry, frozen=True):
    """Push what is held into a hole."""

    skill: Literal["insert"] = Field(description="Push what is held into a hole.")
    object: str = Field(description="Role of the prop.")
    at: str = Field(description="Name of the place.")


class Release(Entry, frozen=True):
    """Let go."""

    skill: Literal["release"] = Field(description="Let go.")
    object: str | None = Field(default=None, description="Role of the prop.")
    joint: str | None = Field(default=None, description="Role of the joint whose part is held.")


class Retreat(Entry, frozen=True):
    """Draw the hand back."""

    skill: Literal["retreat"] = Field(description="Draw the hand back.")
    distance_m: float = Field(default=0.08, gt=0, le=0.3, description="Distance in metres.")


class FollowJoint(Entry, frozen=True):
    """Move a part along its joint."""

    skill: Literal["follow_joint"] = Field(description="Move a part along its joint.")
    joint: str = Field(description="Role of the joint.")
    share: Share = Field(description="Where it ends, 0 closed, 1 open.")


class Shove(Entry, frozen=True):
    """Push a part along its joint without holding it."""

    skill: Literal["shove"] = Field(description="Push a part along its joint, by its face.")
    joint: str = Field(description="Role of the joint.")
    share: Share = Field(description="Where it ends, 0 closed, 1 open.")


class Push(Entry, frozen=True):
    """Push a prop along its surface."""

    skill: Literal["push"] = Field(description="Push a prop along its surface.")
    object: str = Field(description="Role of the prop.")
    at: str = Field(description="Name of the place.")


class Tilt(Entry, frozen=True):
    """Lean what is held over a target, and bring it upright again."""

    skill: Literal["tilt"] = Field(description="Lean what is held over a target.")
    object: str = Field(description="Role of the prop.")
    target: str = Field(description="Role of the prop below.")
    at: str = Field(description="Name of the place.")
    duration_s: float = Field(default=1.0, gt=0, le=20, description="Time for which it leans in seconds.")


class Press(Entry, frozen=True):
    """Press a part down along its joint."""

    skill: Literal["press"] = Field(description="Press a part down.")
    joint: str = Field(description="Role of the joint.")
    share: Share = Field(default=0.9, description="How far, as a share of its travel.")


Skill = Annotated[
    Plain | Grasp | Lift | Carry | PutDown | Insert | Release | Retreat | FollowJoint | Shove | Push | Tilt | Press,
    Discriminator("skill"),
]


class ForEach(Entry, frozen=True):
    """Steps that are done with each prop of a role in turn."""

    each: str = Field(description="Role of the props; its name stands for one of them in the steps below.")
    steps: tuple[Skill, ...] = Field(min_length=1, description="What is done with each.")
