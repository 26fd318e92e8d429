"""Where a task's things go, drawn in each episode, and what is different at its start."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field

from .entries import Entry, Share

Side = Literal["left", "right", "front", "back"]
_SIDE = Field(
    default=None, description="Half of the surface as the robot sees it, front being nearer; all if left out."
)


class FreeRegion(Entry, frozen=True):
    """A free rectangle on a surface, as large as the object's shadow and a margin."""

    draw: Literal["free_region"] = Field(description="A free rectangle on a surface.")
    object: str = Field(description="Role of the prop that is to lie in it.")
    surface: str = Field(description="Role of the surface.")
    margin_m: float = Field(default=0.03, ge=0, description="Room on each side of the object in metres.")
    gap_m: float = Field(default=0.04, ge=0, description="Distance to other things in metres.")
    least_move_m: float = Field(default=0.12, ge=0, description="Smallest distance from the start in metres.")
    side: Side | None = _SIDE


class Zone(Entry, frozen=True):
    """A free rectangle on a surface that takes several props beside each other."""

    draw: Literal["zone"] = Field(description="A free rectangle for several props.")
    objects: str = Field(description="Role of the props.")
    surface: str = Field(description="Role of the surface.")
    margin_m: float = Field(default=0.03, ge=0, description="Room around each prop in metres.")
    gap_m: float = Field(default=0.03, ge=0, description="Distance to other things in metres.")
    least_move_m: float = Field(default=0.10, ge=0, description="Smallest distance of each from its start in metres.")
    side: Side | None = _SIDE


class Stacked(Entry, frozen=True):
    """On top of another prop, middle over middle."""

    draw: Literal["stacked"] = Field(description="On top of another prop.")
    object: str = Field(description="Role of the prop that is put on top.")
    base: str = Field(description="Role of the prop below.")


class InRoom(Entry, frozen=True):
    """Inside a hollow, reached through its opening."""

    draw: Literal["in_room"] = Field(description="Inside a hollow.")
    object: str = Field(description="Role of the prop.")
    room: str = Field(description="Role of the room.")
    joint: str | None = Field(default=None, description="Role of the joint that has opened it by then.")
    share: Share = Field(default=0.75, description="How far that joint stands open by then, 0 closed, 1 open.")
    margin_m: float = Field(default=0.005, ge=0, description="Distance to the walls in metres.")


class Pushed(Entry, frozen=True):
    """Further along its surface, at the end of a straight free corridor."""

    draw: Literal["pushed"] = Field(description="Straight along the surface.")
    object: str = Field(description="Role of the prop that is pushed.")
    surface: str = Field(description="Role of the surface.")
    distance_m: tuple[float, float] = Field(default=(0.10, 0.20), description="Shortest and longest way in metres.")
    margin_m: float = Field(default=0.03, ge=0, description="Room in the target on each side of the object in metres.")
    gap_m: float = Field(default=0.02, ge=0, description="Distance of the corridor to other things in metres.")


class Tilted(Entry, frozen=True):
    """Leaning above a target, its lower rim over the target's middle."""

    draw: Literal["tilted"] = Field(description="Leaning above a target.")
    object: str = Field(description="Role of the prop that is tilted.")
    target: str = Field(description="Role of the prop below.")
    tilt_rad: float = Field(gt=0, le=2.6, description="Angle from upright in radians.")
    gap_m: float = Field(default=0.04, ge=0, description="Height of the rim above the target's top in metres.")


class InHole(Entry, frozen=True):
    """Standing in a hole that fits."""

    draw: Literal["in_hole"] = Field(description="In a hole that fits.")
    object: str = Field(description="Role of the prop that is inserted.")
    room: str = Field(description="Role of the hole.")
    tolerance_m: float = Field(default=0.004, gt=0, description="How far off its seat it still counts, in metres.")


class Back(Entry, frozen=True):
    """Where the prop stood at the start, as a region as large as its shadow and a margin."""

    draw: Literal["back"] = Field(description="Where it stood at the start.")
    object: str = Field(description="Role of the prop.")
    margin_m: float = Field(default=0.02, ge=0, description="Room on each side of the object in metres.")


Place = Annotated[
    FreeRegion | Zone | Stacked | InRoom | Pushed | Tilted | InHole | Back,
    Discriminator("draw"),
]


# --- start


class JointStart(Entry, frozen=True):
    """A joint that stands open at the start."""

    joint: str = Field(description="Role of the joint.")
    share: tuple[Share, Share] = Field(description="From which to which share of its range it is opened, drawn.")


class PropStart(Entry, frozen=True):
    """A prop that stands elsewhere at the start."""

    object: str = Field(description="Role of the prop.")
    at: str = Field(description="Name of the place.")
