"""Cameras: each a little off its place and direction, as if mounted anew."""

import numpy as np
from pydantic import Field

from blueprint.pipeline.engine.stage import Settings
from blueprint.pipeline.scene.edits import MoveCamera
from blueprint.pipeline.scene.manifests import WORLD, Camera
from blueprint.pipeline.scene.poses import Pose, vec3


class CameraJitter(Settings, frozen=True):
    """How far cameras are off."""

    world_shift_m: float = Field(
        default=0.03, ge=0, le=1, description="Largest shift of a camera of the room, in metres."
    )
    world_turn_deg: float = Field(
        default=2.0, ge=0, le=45, description="Largest turn of a camera of the room, in degrees."
    )
    mounted_shift_m: float = Field(
        default=0.002, ge=0, le=1, description="Largest shift of a camera on a link, in metres."
    )
    mounted_turn_deg: float = Field(
        default=0.5, ge=0, le=45, description="Largest turn of a camera on a link, in degrees."
    )


def draw_camera(camera: Camera, rng: np.random.Generator, settings: CameraJitter) -> MoveCamera:
    """Draw a camera's pose: a shift within a ball, and a turn about a random axis."""
    fixed = camera.mount == WORLD
    shift = _in_ball(rng) * (settings.world_shift_m if fixed else settings.mounted_shift_m)
    turn = _in_ball(rng) * np.deg2rad(settings.world_turn_deg if fixed else settings.mounted_turn_deg)
    angle = float(np.linalg.norm(turn))
    axis = turn / angle if angle > 0 else np.array([0.0, 0.0, 1.0])
    x, y, z = np.sin(angle / 2) * axis
    jitter = Pose((0.0, 0.0, 0.0), (float(np.cos(angle / 2)), float(x), float(y), float(z)))
    moved = camera.T_mount_camera @ jitter
    pose = Pose(vec3(np.asarray(moved.position_m) + shift), moved.quat_wxyz)
    why = f"drawn: shifted {1000 * float(np.linalg.norm(shift)):.1f} mm, turned {np.rad2deg(angle):.2f} degrees"
    return MoveCamera(camera.name, pose, why)


def _in_ball(rng: np.random.Generator) -> np.ndarray:
    """Draw a point evenly in the unit ball."""
    direction = rng.normal(size=3)
    return direction / np.linalg.norm(direction) * np.cbrt(rng.random())
