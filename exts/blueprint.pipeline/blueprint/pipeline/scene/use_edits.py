"""Edits that decide what a prop is good for: surfaces to stand things on, room to put them, faces to hold it by."""

from dataclasses import dataclass
from typing import Literal

from blueprint.pipeline.scene.poses import Pose, Vec2, Vec3


@dataclass(frozen=True, slots=True)
class SupportSurface:
    """A level rectangle on which things stand; `T_prop_surface` has its centre, x and y along the edges, z up.

    `thickness_m` is the depth of the box that collides in place of the scanned surface.
    """

    name: str
    body: str
    T_prop_surface: Pose
    half_size_m: Vec2
    thickness_m: float


@dataclass(frozen=True, slots=True)
class AddSupport:
    """Declare a support surface of a prop."""

    prop: str
    surface: SupportSurface
    why: str
    edit: Literal["add_support"] = "add_support"


@dataclass(frozen=True, slots=True)
class PlacementRegion:
    """A box of free space in which things can be put: on a surface, or in a vessel, drawer or cupboard.

    `T_prop_region` has its centre at the input pose, z up; `body` carries it. `opening` is the unit direction, in the
    region's frame, from which things are put in.
    """

    name: str
    body: str
    kind: Literal["on", "in"]
    T_prop_region: Pose
    half_size_m: Vec3
    opening: Vec3


@dataclass(frozen=True, slots=True)
class AddRegion:
    """Declare a placement region of a prop."""

    prop: str
    region: PlacementRegion
    why: str
    edit: Literal["add_region"] = "add_region"


@dataclass(frozen=True, slots=True)
class GraspAnnotation:
    """Two opposite faces between which a parallel gripper closes: the line through both contact points.

    `approach` is the unit direction, in the prop's frame, in which the hand comes; `score` is 0 to 1.
    """

    name: str
    body: str
    first_m: Vec3
    second_m: Vec3
    approach: Vec3
    score: float

    @property
    def width_m(self) -> float:
        """Return the distance between the contact points."""
        return sum((a - b) ** 2 for a, b in zip(self.first_m, self.second_m, strict=True)) ** 0.5


@dataclass(frozen=True, slots=True)
class AddGrasp:
    """Annotate where a prop can be taken hold of."""

    prop: str
    grasp: GraspAnnotation
    why: str
    edit: Literal["add_grasp"] = "add_grasp"
