"""A robot with everything decided, ready to be written: bodies at rest, drives, colliders, pads, cameras."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Pose, Vec3
from blueprint.pipeline.scene.robot_trees import Color, TreeJoint, TreeLink

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Skin:
    """Visible triangles of one colour in the link's frame."""

    vertices_m: Array
    faces: NDArray[np.int64]
    color: Color


@dataclass(frozen=True, eq=False)
class HullPart:
    """A convex collider in the link's frame."""

    corners_m: Array
    faces: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BoxPart:
    """A box collider in the link's frame."""

    T_link_box: Pose
    half_m: Vec3


@dataclass(frozen=True, eq=False)
class BuiltLink:
    """One body, where it stands at rest, what is seen of it and what touches; pads are the fingers' rubber."""

    link: TreeLink
    T_root_link: Pose
    skins: tuple[Skin, ...]
    hulls: tuple[HullPart, ...]
    boxes: tuple[BoxPart, ...] = ()
    pads: tuple[BoxPart, ...] = ()
    rubber: bool = False
    """Whether all its colliders are rubber, as the pads are."""

    def points_m(self) -> Array:
        """Return the corners of all colliders in the link's frame, shape (N, 3)."""
        boxes = [box_corners_m(box) for box in (*self.boxes, *self.pads)]
        parts = [*(hull.corners_m for hull in self.hulls), *boxes]
        return np.concatenate(parts) if parts else np.empty((0, 3))


@dataclass(frozen=True, slots=True)
class Servo:
    """A position drive in SI units; forces are newton metres or newtons."""

    stiffness: float
    damping: float
    max_force: float


@dataclass(frozen=True, slots=True)
class BuiltJoint:
    """One joint with its limits, rest position, motor inertia and, unless it follows another, drive."""

    joint: TreeJoint
    lower: float
    upper: float
    velocity: float
    rest: float
    armature: float
    servo: Servo | None
    of_hand: bool


@dataclass(frozen=True, slots=True)
class BuiltCamera:
    """A camera below a link, looking along its -z with +y up."""

    link: str
    name: str
    T_link_camera: Pose
    field_of_view_rad: float


@dataclass(frozen=True, eq=False)
class RobotBuild:
    """The robot; `passing` are pairs of links that do not collide with each other."""

    name: str
    root: str
    links: tuple[BuiltLink, ...]
    joints: tuple[BuiltJoint, ...]
    frames: tuple[tuple[str, str, Pose], ...]
    cameras: tuple[BuiltCamera, ...]
    passing: tuple[tuple[str, str], ...]


def box_corners_m(box: BoxPart) -> Array:
    """Return the eight corners of a box in its link's frame."""
    signs = np.array(list(np.ndindex(2, 2, 2))) * 2.0 - 1.0
    return box.T_link_box.apply(signs * np.asarray(box.half_m))
