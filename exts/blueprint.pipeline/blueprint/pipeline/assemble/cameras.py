"""The cameras: one in the robot's hand, one beside the workspace on the photo's side."""

from dataclasses import dataclass

import numpy as np
from pydantic import Field

from blueprint.pipeline.engine.stage import Settings
from blueprint.pipeline.scene.manifests import WORLD, Camera
from blueprint.pipeline.scene.poses import Pose, Vec3
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.scene.shapes import Array

CAMERAS_PRIM = "/World/cameras"
ROBOT_PRIM = "/World/robot"


class CameraSettings(Settings, frozen=True):
    """The cameras that every episode is recorded with."""

    width_px: int = Field(default=256, ge=16, le=4096, description="Width of every image in pixels.")
    height_px: int = Field(default=256, ge=16, le=4096, description="Height of every image in pixels.")
    side_view_deg: float = Field(
        default=50.0, gt=10, lt=120, description="Horizontal angle of view of the side camera, in degrees."
    )
    side_elevation_deg: float = Field(
        default=42.0, ge=5, le=85, description="Height of the side camera above the workspace's horizon, in degrees."
    )
    side_turns_deg: tuple[float, ...] = Field(
        default=(25, -25, 45, -45, 65, -65, 85, -85, 100, -100),
        min_length=1,
        description="Turns of the side camera away from the photo's side, in degrees; the first is taken from which "
        "the resting arm hides the fewest props.",
    )
    side_margin: float = Field(
        default=0.06, ge=0, lt=0.5, description="Empty border of the side image, as a share of its width."
    )


def wrist_camera(robot: Robot, link: str, T_link_camera: Pose, settings: CameraSettings) -> Camera:
    """Return the camera in the hand, which is part of the robot's asset."""
    return Camera(
        "wrist",
        f"{ROBOT_PRIM}/{link}",
        T_link_camera,
        robot.wrist_camera.focal_px(settings.width_px),
        settings.width_px,
        settings.height_px,
        f"{ROBOT_PRIM}/{robot.wrist_camera.prim}",
    )


@dataclass(frozen=True, eq=False)
class Sight:
    """What the side camera must see, and the box (the resting arm's) that may stand in the way.

    `points_m` (N, 3) must be in the image, `targets_m` (M, 3) should not be hidden.
    """

    points_m: Array
    targets_m: Array
    T_world_box: Pose
    half_extents_m: Vec3


def clearest_side_camera(sight: Sight, toward_photo_rad: float, settings: CameraSettings) -> Camera:
    """Return the side camera from which the box hides the fewest targets, the earliest in the settings of equals.

    `toward_photo_rad` is the heading from the workspace to where the photo was taken.
    """
    headings = [toward_photo_rad + np.deg2rad(turn) for turn in settings.side_turns_deg]
    cameras = [side_camera(sight.points_m, heading, settings) for heading in headings]
    return min(cameras, key=lambda camera: hidden_count(camera.T_mount_camera.position_m, sight))


def hidden_count(eye_m: Vec3, sight: Sight) -> int:
    """Return how many targets the box hides from a point; slabs along the box's axes decide."""
    T_box_world = sight.T_world_box.inverse()
    eye, half = T_box_world.apply(eye_m), np.asarray(sight.half_extents_m)
    rays = T_box_world.apply(sight.targets_m) - eye
    # A ray along a face never crosses it; a tiny slope keeps the division finite and the answer right.
    rays = np.where(np.abs(rays) < 1e-12, 1e-12, rays)
    first, second = (-half - eye) / rays, (half - eye) / rays
    enter = np.minimum(first, second).max(axis=1)
    leave = np.maximum(first, second).min(axis=1)
    return int(((enter < leave) & (leave > 0) & (enter < 1)).sum())


def side_camera(points_m: Array, heading: float, settings: CameraSettings) -> Camera:
    """Return a camera that sees all points of shape (N, 3), as near as its border allows.

    `heading` is the direction from the workspace to the camera, in radians.
    """
    elevation = np.deg2rad(settings.side_elevation_deg)
    back = np.array([np.cos(elevation) * np.cos(heading), np.cos(elevation) * np.sin(heading), np.sin(elevation)])
    target = (points_m.min(axis=0) + points_m.max(axis=0)) / 2
    rotation = look_along(-back)
    focal_px = settings.width_px / 2 / np.tan(np.deg2rad(settings.side_view_deg) / 2)
    half_px = (0.5 - settings.side_margin) * np.array([settings.width_px, settings.height_px])
    local = (points_m - target) @ rotation
    shift, distance = _frame(local, half_px / focal_px)
    position = target + rotation @ np.array([*shift, distance])
    T = np.eye(4)
    T[:3, :3], T[:3, 3] = rotation, position
    size = (settings.width_px, settings.height_px)
    return Camera("side", WORLD, Pose.from_matrix(T), float(focal_px), *size, f"{CAMERAS_PRIM}/side")


def look_along(direction: Vec3 | Array) -> Array:
    """Return the rotation of a camera (-Z forward, +Y up) that looks along a direction, which is not vertical."""
    backward = -np.asarray(direction) / np.linalg.norm(direction)
    right = np.cross((0.0, 0.0, 1.0), backward)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(backward, right), backward], axis=1)


def _frame(local_m: Array, tangents: Array) -> tuple[list[float], float]:
    """Return the sideways shift and the distance at which points (camera axes) just fill the image.

    A point at depth d - z is inside when |x - shift| <= t (d - z): each side of the image is a half-space, and the
    tightest distance is where two opposite ones meet.
    """
    shift, distances = [0.0, 0.0], [0.0, 0.0]
    for axis in range(2):
        t = float(tangents[axis])
        right = float((local_m[:, axis] + t * local_m[:, 2]).max())
        left = float((-local_m[:, axis] + t * local_m[:, 2]).max())
        shift[axis], distances[axis] = (right - left) / 2, (right + left) / 2 / t
    return shift, max(distances)
