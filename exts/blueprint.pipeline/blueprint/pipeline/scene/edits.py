"""Edits: every decision about a scene as a frozen value with the reason for it.

`prop` and `body` name what changes. One module of `usd/` applies edits as layers; nothing else writes physics.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Discriminator

from blueprint.pipeline.scene.colliders import ConvexPiece
from blueprint.pipeline.scene.poses import Pose, Quat, Vec2, Vec3
from blueprint.pipeline.scene.props import Body, Joint, Role


@dataclass(frozen=True, slots=True)
class SplitBody:
    """Replace one link by several; the meshes of the parts are new records, the scan's mesh stays as it is."""

    prop: str
    body: str
    parts: tuple[Body, ...]
    why: str
    edit: Literal["split_body"] = "split_body"


@dataclass(frozen=True, slots=True)
class AddJoint:
    """Join two links of a prop."""

    prop: str
    joint: Joint
    why: str
    friction: float = 0.0
    damping: float = 0.0
    edit: Literal["add_joint"] = "add_joint"


@dataclass(frozen=True, slots=True)
class SetMaterial:
    """Give a link its physical material."""

    prop: str
    body: str
    material: str
    density_kg_m3: float
    static_friction: float
    dynamic_friction: float
    restitution: float
    why: str
    edit: Literal["set_material"] = "set_material"


@dataclass(frozen=True, slots=True)
class SetMass:
    """Give a link its mass; centre and principal axes are in the prop's frame, the inertia is about the centre."""

    prop: str
    body: str
    mass_kg: float
    center_of_mass_m: Vec3
    inertia_kg_m2: Vec3
    principal_axes_quat_wxyz: Quat
    why: str
    edit: Literal["set_mass"] = "set_mass"


@dataclass(frozen=True, slots=True)
class SetColliders:
    """Give a link its collision shape as convex pieces; `volume_ratio` is their volume over the mesh's."""

    prop: str
    body: str
    pieces: tuple[ConvexPiece, ...]
    method: str
    volume_ratio: float
    why: str
    edit: Literal["set_colliders"] = "set_colliders"


@dataclass(frozen=True, slots=True)
class SetSemantics:
    """Give a prop its role, affordances and labels; labels map a taxonomy such as `class` to a value."""

    prop: str
    role: Role
    affordances: tuple[str, ...]
    labels: dict[str, str]
    why: str
    edit: Literal["set_semantics"] = "set_semantics"


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
class MoveProp:
    """Place a prop in the world."""

    prop: str
    T_world_prop: Pose
    why: str
    edit: Literal["move_prop"] = "move_prop"


@dataclass(frozen=True, slots=True)
class PlaceRobot:
    """Place a robot's base in the world."""

    robot: str
    T_world_base: Pose
    why: str
    edit: Literal["place_robot"] = "place_robot"


@dataclass(frozen=True, slots=True)
class MoveCamera:
    """Place a camera of the scene in the frame it is mounted on."""

    camera: str
    T_mount_camera: Pose
    why: str
    edit: Literal["move_camera"] = "move_camera"


@dataclass(frozen=True, slots=True)
class SetLight:
    """Set a distant light: the direction its rays travel (unit, world), linear colour and relative intensity."""

    light: str
    direction: Vec3
    color_rgb: Vec3
    intensity: float
    why: str
    edit: Literal["set_light"] = "set_light"


Edit = Annotated[
    SplitBody
    | AddJoint
    | SetMaterial
    | SetMass
    | SetColliders
    | SetSemantics
    | AddSupport
    | MoveProp
    | PlaceRobot
    | MoveCamera
    | SetLight,
    Discriminator("edit"),
]
