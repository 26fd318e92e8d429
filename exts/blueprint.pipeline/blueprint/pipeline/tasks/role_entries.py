"""What of a scene takes part in a task: props, surfaces, rooms, joints."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field

from .entries import Entry

Way = Literal["openable", "slidable", "turnable", "pressable"]
RoomKind = Literal["vessel", "drawer", "cupboard"]


class PropRole(Entry, frozen=True):
    """One prop."""

    kind: Literal["prop"] = Field(description="A prop of the scene.")
    movable: bool = Field(default=True, description="Whether physics moves it; furniture does not move.")
    affordances: tuple[str, ...] = Field(default=(), description="Affordances that it has, all of them.")
    any_affordance: tuple[str, ...] = Field(default=(), description="Affordances of which it has at least one.")
    categories: tuple[str, ...] = Field(default=(), description="Entries of config/categories.yaml; any if left out.")
    hollow: bool | None = Field(default=None, description="Whether it has room inside; either if left out.")
    on: str | None = Field(default=None, description="Role of the prop on which it stands already.")


class PropsRole(PropRole, frozen=True):
    """Several props."""

    kind: Literal["props"] = Field(description="Several props of the scene.")  # pyright: ignore[reportIncompatibleVariableOverride]
    count: int = Field(ge=2, le=8, description="How many.")


class SurfaceRole(Entry, frozen=True):
    """A level surface on which props stand."""

    kind: Literal["surface"] = Field(description="A support surface.")
    under: str = Field(description="Role of a prop that stands on it.")


class RoomRole(Entry, frozen=True):
    """A hollow in which things can be put."""

    kind: Literal["room"] = Field(description="Room inside a prop.")
    of: tuple[RoomKind, ...] = Field(
        min_length=1,
        description="`vessel` is open above, `drawer` moves with a sliding part, `cupboard` is open at its front.",
    )
    moved_by: str | None = Field(default=None, description="Role of the joint that moves it.")
    fits: str | None = Field(
        default=None, description="Role of a prop that it is hardly wider than, as a hole is for a peg."
    )


class JointRole(Entry, frozen=True):
    """A moving part of a prop."""

    kind: Literal["joint"] = Field(description="A joint of a prop.")
    can: Way = Field(description="What is done with it.")
    motion: Literal["revolute", "prismatic"] | None = Field(default=None, description="How it moves; either way else.")
    holds: bool | None = Field(default=None, description="Whether its part has room inside, as a drawer has.")


Role = Annotated[PropRole | PropsRole | SurfaceRole | RoomRole | JointRole, Discriminator("kind")]
