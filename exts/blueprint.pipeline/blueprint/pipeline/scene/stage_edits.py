"""Edits that decide how a scene is set: where props, robot and cameras stand, and from where light falls."""

from dataclasses import dataclass
from typing import Literal

from blueprint.pipeline.scene.poses import Pose, Vec3


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
