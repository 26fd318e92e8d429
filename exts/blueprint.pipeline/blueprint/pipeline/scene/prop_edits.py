"""Edits that decide what a prop is: its links and joints, meshes, material, mass, collision shape and labels."""

from dataclasses import dataclass, field
from typing import Literal

from blueprint.pipeline.scene.colliders import ConvexPiece
from blueprint.pipeline.scene.mesh_quality import MeshQuality
from blueprint.pipeline.scene.meshes import MeshRef
from blueprint.pipeline.scene.poses import Quat, Vec3
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
