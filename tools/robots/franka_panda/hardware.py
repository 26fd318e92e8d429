"""What the URDF does not say: drives, rest pose, pads, camera. Each figure with its reason."""

from dataclasses import dataclass

import numpy as np

from .meshes import Color

ARM_JOINTS = tuple(f"panda_joint{i}" for i in range(1, 8))
FINGER_JOINTS = ("panda_finger_joint1", "panda_finger_joint2")
FINGERS = ("panda_leftfinger", "panda_rightfinger")
BASE, HAND, FLANGE, TCP = "panda_link0", "panda_hand", "panda_link8", "panda_hand_tcp"

HOME = dict(zip(ARM_JOINTS, (0.0, -0.3, 0.0, -2.2, 0.0, 1.9, 0.785), strict=True)) | dict.fromkeys(FINGER_JOINTS, 0.04)

ARMATURE = 0.1
"""kg m2 or kg: reflected motor inertia; without it 15 g fingers sink into what they grip."""


@dataclass(frozen=True)
class Drive:
    """A position servo in SI units (per radian or per metre)."""

    stiffness: float
    damping: float
    max_force: float


# Damping is near critical for the inertia that each joint sees at rest. It must not be far above:
# MuJoCo solves contacts before it applies the servo's damping implicitly, so a joint whose damping
# times the step exceeds its inertia moves otherwise than the contacts assumed, and what it holds
# slides: 6 mm in a 20 cm lift with a tenth of the stiffness, 1 mm with these.
DRIVES = {
    "panda_joint1": Drive(4500, 150, 87),
    "panda_joint2": Drive(4500, 150, 87),
    "panda_joint3": Drive(3500, 120, 87),
    "panda_joint4": Drive(3500, 120, 87),
    "panda_joint5": Drive(2000, 30, 12),
    "panda_joint6": Drive(2000, 30, 12),
    "panda_joint7": Drive(2000, 25, 12),
} | dict.fromkeys(FINGER_JOINTS, Drive(2000, 100, 40))

FINGER_STOP = (0.01, 1.0)
"""MuJoCo time constant (s) and damping ratio of the fingers' end stops: 1 mm deep at full force."""

FILTERED_PAIRS = (
    # Neighbours, whose shells overlap at the joint.
    *((f"panda_link{i}", f"panda_link{i + 1}") for i in range(7)),
    ("panda_link7", HAND),
    *((HAND, finger) for finger in FINGERS),
    FINGERS,
    # Two joints apart: the hulls meet near joint 6's limits, the shells never do.
    ("panda_link5", "panda_link7"),
)

FINGER_TIE = (0.01, 1.0)
FINGER_TIE_IMPEDANCE = (0.99, 0.99, 0.001, 0.5, 2.0)
"""MuJoCo time constant (s), damping ratio and impedance of the tie between the fingers, a rack in the real hand."""

PAD_FRICTION = 1.0
"""Rubber tip on a dry hard surface; every engine takes the larger of the two materials."""

SHELL_FRICTION = 0.3
"""Painted aluminium and plastic, everywhere but on the pads."""

PAD_CONTACT = (0.01, 1.0)
PAD_CONTACT_WEIGHT = 10.0
"""MuJoCo time constant (s), damping ratio, and weight against the object's own: a 5 cm cube sinks in
0.6 mm at 40 N instead of 1.6, a 2 cm one 2 instead of 7. Valid for steps up to half the constant."""

PAD_CONTACT_DIMENSIONS = 4
PAD_TORSION_M = 0.005
"""A rubber pad also resists turning about its normal; MuJoCo's coefficient is a patch diameter."""

PAD_CENTER_M, PAD_SIZE_M = np.array([0.0, 0.0076, 0.0449]), np.array([0.0175, 0.0152, 0.0178])
"""The tip box of the finger, inner face exactly on the finger's plane y = 0 and as long as the mesh."""

PALETTE: tuple[Color, ...] = (
    (255, 255, 255),
    (230, 235, 237),
    (64, 64, 64),
    (255, 0, 0),
    (0, 255, 0),
    (10, 138, 199),
)
COLOR_NAMES: dict[Color, str] = dict(zip(PALETTE, ("white", "grey", "dark", "red", "green", "blue"), strict=True))
WHITEST = 0.85
"""Linear albedo of the white shell: fresh white paint, not the ideal 1.0 of the source file."""

TRIANGLES = {
    "panda_link0": 1700,
    "panda_link1": 1500,
    "panda_link2": 1500,
    "panda_link3": 1600,
    "panda_link4": 1600,
    "panda_link5": 1800,
    "panda_link6": 2100,
    "panda_link7": 1300,
    HAND: 1500,
    FINGERS[0]: 300,
    FINGERS[1]: 300,
}
HULL_VERTICES = 64

CAMERA_POSITION_M = np.array([0.07, 0.0, 0.04])
CAMERA_TILT_RAD = np.radians(27.0)
CAMERA_FIELD_OF_VIEW_RAD = np.radians(75.0)
