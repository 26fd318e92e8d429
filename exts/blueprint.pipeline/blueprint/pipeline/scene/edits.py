"""Edits: every decision about a scene as a frozen value with the reason for it.

`prop` and `body` name what changes. One module of `usd/` applies edits as layers; nothing else writes physics.
"""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Discriminator

from blueprint.pipeline.scene.colliders import ConvexPiece
from blueprint.pipeline.scene.mesh_quality import MeshQuality
from blueprint.pipeline.scene.meshes import MeshRef
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
    """Join two links of a prop; how it resists is decided with the links' masses, as SetJointDynamics.

    `confidence`, 0 to 1 here and in every edit, is how sure the evidence is; a person's word is 1.
    """

    prop: str
    joint: Joint
    why: str
    confidence: float = 0.5
    edit: Literal["add_joint"] = "add_joint"


@dataclass(frozen=True, slots=True)
class ReplaceMesh:
    """Show another mesh in place of a link's visual number `visual`; what was wrong with the old one is in `why`."""

    prop: str
    body: str
    visual: int
    mesh: MeshRef
    before: MeshQuality
    after: MeshQuality
    why: str
    edit: Literal["replace_mesh"] = "replace_mesh"


@dataclass(frozen=True, slots=True)
class SetJointDynamics:
    """Say how a joint resists and is driven: dry friction, damping, stiffness and largest effort.

    N m, N m s/rad and N m/rad for a revolute joint; N, N s/m and N/m for a prismatic one. Zero stiffness is no drive.
    """

    prop: str
    joint: str
    friction: float
    damping: float
    stiffness: float
    max_effort: float
    why: str
    edit: Literal["set_joint_dynamics"] = "set_joint_dynamics"


@dataclass(frozen=True, slots=True)
class SetMaterial:
    """Give a link its physical material; `nonvisual_base` is SimReady's token for how other sensors see it."""

    prop: str
    body: str
    material: str
    density_kg_m3: float
    static_friction: float
    dynamic_friction: float
    restitution: float
    why: str
    confidence: float = 0.5
    nonvisual_base: str = ""
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
    confidence: float = 0.5
    edit: Literal["set_mass"] = "set_mass"


@dataclass(frozen=True, slots=True)
class SetColliders:
    """Give a link its collision shape as convex pieces.

    `volume_ratio` is the volume of their union over the mesh's, None where the mesh encloses none; `distance_p95_m` is
    the 95th percentile of the distance from the scanned surface to the pieces' outer surface.
    """

    prop: str
    body: str
    pieces: tuple[ConvexPiece, ...]
    method: str
    volume_ratio: float | None
    why: str
    distance_p95_m: float | None = None
    edit: Literal["set_colliders"] = "set_colliders"


@dataclass(frozen=True, slots=True)
class SetSemantics:
    """Give a prop its role, affordances and labels; labels map a taxonomy such as `class` to a value.

    `parameters` holds what was measured of an affordance, as `affordance.quantity_unit`: `fillable.capacity_l`.
    """

    prop: str
    role: Role
    affordances: tuple[str, ...]
    labels: dict[str, str]
    why: str
    confidence: float = 0.5
    parameters: dict[str, float] = field(default_factory=dict[str, float])
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


@dataclass(frozen=True, slots=True)
class SetRestitution:
    """Let a link bounce: the share of its speed towards what it hits with which it comes back, 0 to 0.9."""

    prop: str
    body: str
    restitution: float
    why: str
    edit: Literal["set_restitution"] = "set_restitution"


@dataclass(frozen=True, slots=True)
class SetLook:
    """Colour a prop's visible meshes by linear factors, and give it the picture of another prop, by id, or its own."""

    prop: str
    tint_rgb: Vec3
    texture_of: str
    why: str
    edit: Literal["set_look"] = "set_look"


@dataclass(frozen=True, slots=True)
class AddDistractor:
    """Set up a double of a movable prop, `like`, under an id of its own; no task names it."""

    prop: str
    like: str
    T_world_prop: Pose
    why: str
    edit: Literal["add_distractor"] = "add_distractor"


@dataclass(frozen=True, slots=True)
class SetDrive:
    """Tune the position servo of one of the robot's joints by factors on the stiffness and damping it has."""

    robot: str
    joint: str
    stiffness_factor: float
    damping_factor: float
    why: str
    edit: Literal["set_drive"] = "set_drive"


@dataclass(frozen=True, slots=True)
class SetStart:
    """Start the robot's arm at these positions by joint, in rad, or in m where it is prismatic."""

    robot: str
    positions_rad: dict[str, float]
    why: str
    edit: Literal["set_start"] = "set_start"


@dataclass(frozen=True, slots=True)
class SetLatency:
    """Let the robot's commands take effect this much later than they are sent."""

    robot: str
    delay_s: float
    why: str
    edit: Literal["set_latency"] = "set_latency"


@dataclass(frozen=True, slots=True)
class SetLens:
    """Give a camera another focal length, in pixels of its image's width."""

    camera: str
    focal_px: float
    why: str
    edit: Literal["set_lens"] = "set_lens"


@dataclass(frozen=True, slots=True)
class SetSensor:
    """Say how a camera's sensor answers.

    `exposure_stops` are powers of two of light; `rgb_std` is of 255; `depth_std_m` holds at 1 m and grows as the square
    of depth; `seed` begins the stream of the noise.
    """

    camera: str
    exposure_stops: float
    rgb_std: float
    depth_std_m: float
    seed: int
    why: str
    edit: Literal["set_sensor"] = "set_sensor"


Edit = Annotated[
    SplitBody
    | AddJoint
    | ReplaceMesh
    | SetJointDynamics
    | SetMaterial
    | SetMass
    | SetColliders
    | SetSemantics
    | AddSupport
    | AddRegion
    | AddGrasp
    | MoveProp
    | PlaceRobot
    | MoveCamera
    | SetLight
    | SetRestitution
    | SetLook
    | AddDistractor
    | SetDrive
    | SetStart
    | SetLatency
    | SetLens
    | SetSensor,
    Discriminator("edit"),
]
