"""What can vary as a number: unit, subject, how the number acts, and between which limits the result must stay."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

How = Literal["scale", "add", "set"]
Subject = Literal["prop", "jointed", "light", "camera", "drive", "robot"]
ScalarName = Literal[
    "mass",
    "friction",
    "restitution",
    "joint_damping",
    "joint_friction",
    "drive_stiffness",
    "drive_damping",
    "color",
    "light_color",
    "light_intensity",
    "light_azimuth",
    "light_elevation",
    "camera_shift",
    "camera_turn",
    "focal_length",
    "exposure",
    "rgb_noise",
    "depth_noise",
    "latency",
    "start_pose",
]


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be said about a scalar factor without a scene.

    `hows` begins with the default; `limits` bound the value that results, `draws` is how many numbers one target takes.
    A `directed` one takes a length and two more for an even direction.
    """

    unit: str
    subject: Subject
    hows: tuple[How, ...]
    limits: tuple[float, float]
    meaning: str
    draws: int = 1
    directed: bool = False


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "mass": Kind("kg", "prop", ("scale", "set"), (0.001, 1000.0), "mass of a prop, its inertia with it"),
        "friction": Kind("", "prop", ("scale", "set"), (0.0, 2.0), "dynamic friction; static keeps its ratio"),
        "restitution": Kind("", "prop", ("set",), (0.0, 0.9), "share of its speed with which a prop bounces back"),
        "joint_damping": Kind(
            "N m s/rad or N s/m", "jointed", ("scale", "set"), (0.0, 1e4), "damping of furniture's joints"
        ),
        "joint_friction": Kind("N m or N", "jointed", ("scale", "set"), (0.0, 1e3), "friction of furniture's joints"),
        "drive_stiffness": Kind("", "drive", ("scale",), (0.01, 100.0), "stiffness of the robot's position servos"),
        "drive_damping": Kind("", "drive", ("scale",), (0.01, 100.0), "damping of the robot's position servos"),
        "color": Kind("", "prop", ("scale",), (0.0, 4.0), "linear red, green and blue of a prop's looks", 3),
        "light_color": Kind("", "light", ("scale",), (0.0, 4.0), "linear red, green and blue of a lamp", 3),
        "light_intensity": Kind("", "light", ("scale", "set"), (0.0, 10.0), "brightness of a lamp; 1 is a bright room"),
        "light_azimuth": Kind("deg", "light", ("add",), (-180.0, 180.0), "turn of a lamp about the vertical"),
        "light_elevation": Kind("deg", "light", ("add",), (-90.0, 90.0), "rise of a lamp, never below 20 degrees"),
        "camera_shift": Kind("m", "camera", ("add",), (0.0, 1.0), "how far a camera is off its place", 3, True),
        "camera_turn": Kind("deg", "camera", ("add",), (0.0, 45.0), "how far a camera is turned", 3, True),
        "focal_length": Kind("px", "camera", ("scale", "set"), (16.0, 16384.0), "focal length of a camera"),
        "exposure": Kind("stops", "camera", ("add",), (-6.0, 6.0), "brightness of the picture in powers of two"),
        "rgb_noise": Kind("of 255", "camera", ("set",), (0.0, 64.0), "standard deviation of a pixel's colour"),
        "depth_noise": Kind("m", "camera", ("set",), (0.0, 0.1), "deviation of depth at 1 m, growing as its square"),
        "latency": Kind("s", "robot", ("set",), (0.0, 1.0), "time from sending a command to its taking effect"),
        "start_pose": Kind("rad", "drive", ("add",), (-0.5, 0.5), "offset of the arm's joints at the start"),
    }
)
"""Limits are what engines and people can use: reference figures for density, friction and mass, or plain geometry."""
