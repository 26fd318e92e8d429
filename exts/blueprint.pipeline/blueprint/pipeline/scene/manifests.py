"""The assembled scene as data: what stands where, with physics, supports, robot, cameras and lights."""

from dataclasses import dataclass

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.edits import (
    GraspAnnotation,
    PlacementRegion,
    SetColliders,
    SetJointDynamics,
    SetMass,
    SetMaterial,
    SetSemantics,
    SupportSurface,
)
from blueprint.pipeline.scene.poses import Pose, Vec3
from blueprint.pipeline.scene.props import LeftOut, Prop, Role
from blueprint.pipeline.scene.relations import Relation
from blueprint.pipeline.scene.rooms import RoomBox
from blueprint.pipeline.scene.scans import GravityEstimate, ScaleEstimate

WORLD = ""
"""Mount of a camera that is fixed in the world."""


@dataclass(frozen=True, slots=True)
class BodyPhysics:
    """The physical decisions about one link, each with its reason."""

    body: str
    material: SetMaterial
    mass: SetMass
    colliders: SetColliders


@dataclass(frozen=True, slots=True)
class SceneProp:
    """A prop as it stands in the assembled scene; `prop.T_world_prop` is its settled pose."""

    prop: Prop
    physics: tuple[BodyPhysics, ...]
    semantics: SetSemantics
    supports: tuple[SupportSurface, ...]
    prim_path: str
    asset_path: str
    regions: tuple[PlacementRegion, ...] = ()
    grasps: tuple[GraspAnnotation, ...] = ()
    joint_dynamics: tuple[SetJointDynamics, ...] = ()

    @property
    def movable(self) -> bool:
        """Whether physics moves it."""
        return self.semantics.role is Role.MANIPULABLE

    def mass_kg(self) -> float:
        """Return the total mass of its links."""
        return sum(body.mass.mass_kg for body in self.physics)


@dataclass(frozen=True, slots=True)
class PlacedRobot:
    """A robot of config/robots by name, standing in the scene under `prim_path`.

    `reaches` lists the graspable props for which a collision-free grasp pose was found by inverse kinematics.
    """

    name: str
    T_world_base: Pose
    prim_path: str
    reaches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera of the scene; looks along -Z of its frame with +Y up.

    `mount` is WORLD or the prim path of the link that carries it. Square pixels; `focal_px` refers to `width_px`.
    """

    name: str
    mount: str
    T_mount_camera: Pose
    focal_px: float
    width_px: int
    height_px: int
    prim_path: str


@dataclass(frozen=True, slots=True)
class Light:
    """A distant light: direction of its rays (unit, world), linear colour, relative intensity."""

    name: str
    direction: Vec3
    color_rgb: Vec3
    intensity: float
    prim_path: str


@dataclass(frozen=True, slots=True)
class SceneManifest:
    """`scene.json`: everything the later stages need to know about an assembled scene; `sample` is the scan's.

    `spares` are props that stand by, out of sight, until a variant sets them up as distractors.
    """

    id: str
    props: tuple[SceneProp, ...]
    left_out: tuple[LeftOut, ...]
    scale: ScaleEstimate
    gravity: GravityEstimate
    robot: PlacedRobot
    cameras: tuple[Camera, ...]
    lights: tuple[Light, ...]
    room: tuple[RoomBox, ...] = ()
    sample: bool = False
    relations: tuple[Relation, ...] = ()
    spares: tuple[str, ...] = ()
    format: str = "blueprint.scene"
    version: int = 2

    def prop(self, prop_id: str) -> SceneProp:
        """Return a prop by id."""
        return next(entry for entry in self.props if entry.prop.id == prop_id)

    def camera(self, name: str) -> Camera:
        """Return a camera by name; raises UnknownName."""
        for camera in self.cameras:
            if camera.name == name:
                return camera
        raise UnknownName("camera", name, [camera.name for camera in self.cameras])


@dataclass(frozen=True, slots=True)
class SettledProp:
    """How far a movable prop went while the scene came to rest."""

    prop: str
    drift_m: float
    turn_rad: float
    speed_m_s: float
    outcome: str


@dataclass(frozen=True, slots=True)
class SettleReport:
    """The result of letting the scene settle in the simulator; `outcome` is `at rest` or names a failure."""

    engine: str
    duration_s: float
    bound_m: float
    props: tuple[SettledProp, ...]
