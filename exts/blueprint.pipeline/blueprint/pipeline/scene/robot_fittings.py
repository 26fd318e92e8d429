"""What a robot needs beyond its links and joints to work in a scene: home, tool, pads, drives, camera.

A fitting is one YAML file beside a URDF. `blueprint robot add` measures one where none is given, and writes it down.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, Field

from blueprint.pipeline.scene.poses import Quat, Vec3


class _Entry(BaseModel, frozen=True, extra="forbid"):
    """A block of a fitting."""


class PadFitting(_Entry, frozen=True):
    """The block that a finger touches with, in the tool frame, with the hand as `pads_at` says."""

    link: str = Field(description="Link of the finger.")
    center_m: Vec3 = Field(description="Middle of the block in the tool frame, in metres.")
    half_m: Vec3 = Field(description="Half sizes of the block along the tool's axes, in metres.")


class BoxFitting(_Entry, frozen=True):
    """A box in the tool frame, for grippers whose parts are not links of their own."""

    center_m: Vec3 = Field(description="Middle of the box, in metres.")
    half_m: Vec3 = Field(description="Half sizes of the box, in metres.")


class GripperFitting(_Entry, frozen=True):
    """How the hand opens and closes."""

    joints: tuple[str, ...] = Field(description="Joints that are commanded; all others of the hand must mimic one.")
    closed: tuple[float, ...] = Field(description="Their positions with the hand closed, in radians or metres.")
    open: tuple[float, ...] = Field(description="Their positions with the hand open, in radians or metres.")
    pads: tuple[PadFitting, PadFitting] = Field(description="Both pads, that on the tool's +y side first.")
    pads_at: tuple[float, ...] | None = Field(
        default=None, description="Positions of the joints at which `pads` is given; none means open."
    )
    finger: BoxFitting | None = Field(
        default=None, description="The +y finger of the open hand, where a box about its link would be too large."
    )
    palm: BoxFitting | None = Field(
        default=None, description="What lies behind the fingers, where a box about its links would be too large."
    )
    rubber_links: tuple[str, ...] = Field(
        default=(), description="Links that grip with all their surface, not with the pads alone."
    )
    closing_width_m_s: float = Field(default=0.1, gt=0, description="Closing speed of the width, in metres a second.")
    squeeze_width_m: float = Field(
        default=0.04, gt=0, description="How far past the touched surface the command goes for full force, in metres."
    )
    max_force_n: float = Field(default=40.0, gt=0, description="Force of each finger, in newtons.")
    moving_mass_kg: float = Field(
        default=0.1, gt=0, description="Mass that a finger seems to have, its motor's behind the gears included, in kg."
    )


class ToolFitting(_Entry, frozen=True):
    """The tool frame: y closes the fingers, z is the approach."""

    link: str = Field(description="Link or frame that carries it.")
    position_m: Vec3 = Field(description="Its origin in that link, between the pads, in metres.")
    quat_wxyz: Quat = Field(default=(1.0, 0.0, 0.0, 0.0), description="Its attitude in that link, wxyz.")


class CameraFitting(_Entry, frozen=True):
    """The camera in the hand, given in the tool frame."""

    position_m: Vec3 = Field(description="Where it is, in the tool frame, in metres.")
    looks_at_m: Vec3 = Field(default=(0.0, 0.0, 0.0), description="What it looks at, in the tool frame, in metres.")
    field_of_view_deg: float = Field(default=75.0, gt=10, lt=150, description="Angle of view, in degrees.")
    housing_half_m: float = Field(
        default=0.012,
        ge=0,
        le=0.05,
        description="Half the edge of its housing, a cube about the camera that collides, in metres; 0 means none.",
    )


class ArmFitting(_Entry, frozen=True):
    """One arm."""

    name: str = Field(default="arm", description="Name of the arm.")
    home: Mapping[str, float] = Field(description="Start position of every joint of the arm, in radians or metres.")
    acceleration: Mapping[str, float] = Field(
        default={}, description="Highest acceleration by joint, in rad/s2 or m/s2; what is not named gets ten a second."
    )
    jerk_s: float = Field(
        default=0.002, gt=0, description="Time in which a joint may reach its highest acceleration, in seconds."
    )
    velocity: Mapping[str, float] = Field(default={}, description="Speeds that replace the description's, by joint.")
    effort: Mapping[str, float] = Field(default={}, description="Efforts that replace the description's, by joint.")
    limits: Mapping[str, tuple[float, float]] = Field(
        default={}, description="Limits that replace the description's, by joint, in radians or metres."
    )
    tool: ToolFitting = Field(description="The tool frame.")
    gripper: GripperFitting = Field(description="The hand.")
    camera: CameraFitting = Field(description="The camera in the hand.")


class RobotFitting(_Entry, frozen=True):
    """A robot, and what its description is to be changed in."""

    name: str = Field(description="Name of the robot, as recipes call it.")
    license: str = Field(description="Licence of its files, as an SPDX name.")
    source: str = Field(description="Where its files come from.")
    base_link: str = Field(description="Link that stands on the ground; what carries it is cut away.")
    reach_m: float = Field(gt=0, description="From the shoulder to the end of the outstretched arm, in metres.")
    comfort_m: tuple[float, float] | None = Field(
        default=None, description="Radii about the base between which it works well, in metres; none goes by its reach."
    )
    stands_on: Literal["anything", "floor"] = Field(default="anything", description="What it may be put on.")
    riser_m: float = Field(
        default=0.0, ge=0, le=1, description="Height of the block that it stands on, in metres; 0 means none."
    )
    drop: tuple[str, ...] = Field(default=(), description="Links that are left out, with all that hangs on them.")
    hold: Mapping[str, float] = Field(default={}, description="Joints that are held still, and where.")
    armature: float = Field(
        default=0.1, gt=0, description="Inertia of a motor behind its gears, in kg m2, or kg for a straight axis."
    )
    servo_rad_s: float = Field(default=80.0, gt=0, description="Natural frequency of the joints' servos, in rad/s.")
    least_mass_kg: float = Field(default=0.02, gt=0, description="No link is lighter than this, in kg.")
    hull_vertices: int = Field(default=48, ge=8, description="Corners of a collision hull at most.")
    slabs: Mapping[str, tuple[float, ...]] = Field(
        default={},
        description="Heights along a link's z axis, in metres, at which its collision hull is cut in pieces.",
    )
    arms: tuple[ArmFitting, ...] = Field(min_length=1, description="The arms, that which acts first.")
