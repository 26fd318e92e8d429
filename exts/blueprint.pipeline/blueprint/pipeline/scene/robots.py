"""Robots: the descriptions of config/robots, read and checked."""

import math
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ValidationError

from blueprint.pipeline.errors import RecipeError, UnknownName
from blueprint.pipeline.resources import resource_path
from blueprint.pipeline.scene.poses import Pose, Quat, Vec3


class _Entry(BaseModel, frozen=True, extra="forbid"):
    """A block of a robot's description."""


class Arm(_Entry, frozen=True):
    """The arm's joints, in the order of every command vector; one value per joint."""

    joints: tuple[str, ...]
    lower_rad: tuple[float, ...]
    upper_rad: tuple[float, ...]
    velocity_rad_s: tuple[float, ...]
    acceleration_rad_s2: tuple[float, ...]
    effort_nm: tuple[float, ...]
    home_rad: tuple[float, ...]


class Gripper(_Entry, frozen=True):
    """A parallel gripper; openings and speeds are per finger, `max_width_m` is between the fingers."""

    joints: tuple[str, ...]
    fingers: tuple[str, ...]
    open_m: float
    closed_m: float
    closing_m_s: float
    squeeze_m: float
    max_width_m: float
    max_force_n: float


class Tool(_Entry, frozen=True):
    """The point between the fingers: its carrying link, its prim below the robot's root, its pose in the link."""

    link: str
    frame: str
    position_m: Vec3
    quat_wxyz: Quat

    @property
    def T_link_tcp(self) -> Pose:
        """Return the tool point in its link's frame."""
        return Pose(self.position_m, self.quat_wxyz)


class GripperBoxes(_Entry, frozen=True):
    """The gripper as boxes in the tool frame: fingers close along y, the tool approaches along z."""

    pad_half_m: Vec3
    pad_center_z_m: float
    finger_half_m: Vec3
    finger_center_z_m: float
    palm_half_m: Vec3
    palm_center_m: Vec3


class WristCamera(_Entry, frozen=True):
    """The camera in the hand: its prim below the robot's root, its square field of view."""

    prim: str
    field_of_view_rad: float

    def focal_px(self, width_px: int) -> float:
        """Return the focal length for an image of a width."""
        return width_px / 2 / math.tan(self.field_of_view_rad / 2)


class Robot(_Entry, frozen=True):
    """A robot that scenes can hold; `usd_path` is below data/, `reach_m` is from the shoulder to the flange's end."""

    format: Literal["blueprint.robot"]
    version: Literal[1]
    name: str
    usd_path: str
    license: str
    source: str
    base_link: str
    reach_m: float
    arm: Arm
    gripper: Gripper
    tool: Tool
    gripper_boxes: GripperBoxes
    wrist_camera: WristCamera

    @property
    def asset_folder(self) -> Path:
        """Folder of its USD, with licence and origin."""
        return resource_path("data", self.usd_path).parent


def robot_names() -> tuple[str, ...]:
    """List the robots that config/robots describes."""
    return tuple(sorted(path.stem for path in resource_path("config", "robots").glob("*.yaml")))


def load_robot(name: str) -> Robot:
    """Read a robot's description; raises UnknownName, or RecipeError listing every field that does not fit."""
    if name not in robot_names():
        raise UnknownName("robot", name, robot_names())
    path = resource_path("config", f"robots/{name}.yaml")
    try:
        return Robot.model_validate(yaml.safe_load(path.read_text()))
    except (yaml.YAMLError, ValidationError) as error:
        faults = (
            [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
            if isinstance(error, ValidationError)
            else [str(error)]
        )
        raise RecipeError(path.name, faults) from error
