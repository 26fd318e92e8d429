"""Edits that only variants make: bounce, looks, further things, the robot's servos and start, lenses and sensors."""

from dataclasses import dataclass
from typing import Literal

from blueprint.pipeline.scene.poses import Pose, Vec3


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
    """Set up a double of a movable prop or sample asset, `like`, under an id of its own; no task names it."""

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
