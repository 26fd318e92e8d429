"""Terms of the reward per frame, and what ends an episode of learning."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field

from .entries import Entry

Weight = Annotated[float, Field(description="Factor of the term in the sum of rewards.")]


class ReachReward(Entry, frozen=True):
    """1 at the thing, less with the tool's distance from it: 1 - tanh(distance / scale)."""

    term: Literal["reach"]
    object: str | None = Field(default=None, description="Role of the prop.")
    joint: str | None = Field(default=None, description="Role of the joint whose part is reached for.")
    weight: Weight = 0.5
    scale_m: float = Field(default=0.1, gt=0, description="Distance in metres at which it has dropped to a quarter.")


class GoalReward(Entry, frozen=True):
    """How far a goal has come since the start, 0 to 1; or 1 where it holds."""

    term: Literal["progress", "satisfied"]
    goal: str = Field(description="Name of the goal.")
    weight: Weight = 1.0


class EffortReward(Entry, frozen=True):
    """The square of the change of the commands from frame to frame."""

    term: Literal["action_rate"]
    weight: Weight = -0.01


Reward = Annotated[ReachReward | GoalReward | EffortReward, Discriminator("term")]


class PlainDone(Entry, frozen=True):
    """All goals hold; or a safety condition does not; or the time is over."""

    term: Literal["success", "unsafe", "time_limit"]


class FallenDone(Entry, frozen=True):
    """A prop has fallen off."""

    term: Literal["fallen"]
    object: str = Field(description="Role of the prop.")
    drop_m: float = Field(default=0.15, gt=0, description="Depth below its start in metres.")


Done = Annotated[PlainDone | FallenDone, Discriminator("term")]
