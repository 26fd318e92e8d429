"""The compiled model: an MJCF that plain MuJoCo steps, and `model.json`, which says what in it is what.

Names in the MJCF are ours: moving bodies, one-axis joints and their actuators carry the names below, geoms their prim
paths. Links that never move are welded into MuJoCo's world body; they are listed here with their fixed pose.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from blueprint.pipeline.scene.codec import load, save
from blueprint.pipeline.scene.poses import Pose

from .kept import kept

MODEL_FILE = "model.json"
MJCF_FILE = "model.xml"
ROBOT = "robot"
ROOM = "room"


@dataclass(frozen=True, slots=True)
class ModelBody:
    """A link with its authored poses in the world and in its prop's (or robot's) frame.

    `fixed` ones have no body of their own in the MJCF and stay at `T_world_body`.
    """

    name: str
    prim_path: str
    fixed: bool
    T_world_body: Pose
    T_prop_body: Pose


@dataclass(frozen=True, slots=True)
class ModelJoint:
    """A one-axis joint; `lower` and `upper` are rad or m, both None without a limit, `body` is the child."""

    name: str
    prim_path: str
    body: str
    kind: Literal["revolute", "prismatic"]
    qpos_address: int
    dof_address: int
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class ModelActuator:
    """A position servo of the robot; commands are rad or m, `effort_limit` is N m or N."""

    joint: str
    index: int
    lower: float
    upper: float
    effort_limit: float


@dataclass(frozen=True, slots=True)
class FreeJoint:
    """Seven coordinates (position, quaternion wxyz) and six speeds of the link by which a movable prop moves."""

    prop: str
    body: str
    qpos_address: int
    dof_address: int
    T_prop_body: Pose


@dataclass(frozen=True, slots=True)
class ModelGeom:
    """A convex collider: its prim path, which is its name in the MJCF, and the link it belongs to."""

    name: str
    body: str


@dataclass(frozen=True, slots=True)
class CompiledModel:
    """`model.json`: the index maps of `model.xml`; `qpos` and `ctrl` are the authored start.

    `actuators` are the robot's, in its order; `joints` has the robot's first, then furniture's. `gap_m` is how far
    apart two surfaces may be to be listed as a contact without force.
    """

    scene: str
    timestep_s: float
    gap_m: float
    bodies: tuple[ModelBody, ...]
    joints: tuple[ModelJoint, ...]
    free_joints: tuple[FreeJoint, ...]
    actuators: tuple[ModelActuator, ...]
    geoms: tuple[ModelGeom, ...]
    qpos: tuple[float, ...]
    ctrl: tuple[float, ...]
    format: str = "blueprint.model"
    version: int = 1

    def body(self, name: str) -> ModelBody:
        """Return a link by name."""
        return next(body for body in self.bodies if body.name == name)

    def joint(self, name: str) -> ModelJoint:
        """Return a joint by name."""
        return next(joint for joint in self.joints if joint.name == name)

    def free_joints_of(self, prop: str) -> tuple[FreeJoint, ...]:
        """Return the free joints of a prop; empty for what does not move freely."""
        return tuple(joint for joint in self.free_joints if joint.prop == prop)


def save_model(folder: Path, model: CompiledModel) -> None:
    """Write `model.json`."""
    save(folder / MODEL_FILE, model)


def load_model(folder: Path) -> CompiledModel:
    """Read `model.json`; raises ScanError where a field does not fit."""
    return kept("maps", folder / MODEL_FILE, _read)


def _read(path: Path) -> CompiledModel:
    return load(path, CompiledModel)
