"""Cameras: a little off their place and direction, with another lens, and sensors that answer otherwise."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.edits import Edit, MoveCamera, SetLens, SetSensor
from blueprint.pipeline.scene.manifests import Camera
from blueprint.pipeline.scene.poses import Pose, vec3

from .drawn import Row
from .physics import Hows, acted

SENSOR = ("exposure", "rgb_noise", "depth_noise")


def camera_edits(camera: Camera, row: Row, hows: Hows, noise_seed: int) -> Iterator[Edit]:
    """Yield the edits of one camera."""
    name = camera.name
    if ("camera_shift", name) in row or ("camera_turn", name) in row:
        yield _moved(camera, row)
    if (key := ("focal_length", name)) in row:
        focal_px = acted(hows[key], camera.focal_px, float(row[key][0]))
        yield SetLens(name, focal_px, f"drawn: focal length {camera.focal_px:.1f} px becomes {focal_px:.1f} px")
    if any((vary, name) in row for vary in SENSOR):
        stops, rgb, depth = (float(row[vary, name][0]) if (vary, name) in row else 0.0 for vary in SENSOR)
        why = f"drawn: {stops:+.2f} stops, noise of {rgb:.2f} of 255 and {1000 * depth:.2f} mm at 1 m"
        yield SetSensor(name, stops, rgb, depth, noise_seed, why)


def _moved(camera: Camera, row: Row) -> MoveCamera:
    none = np.array([0.0, 0.5, 0.5])
    shift = _vector(row.get(("camera_shift", camera.name), none))
    turn = np.deg2rad(_vector(row.get(("camera_turn", camera.name), none)))
    angle = float(np.linalg.norm(turn))
    axis = turn / angle if angle > 0 else np.array([0.0, 0.0, 1.0])
    x, y, z = np.sin(angle / 2) * axis
    jitter = Pose((0.0, 0.0, 0.0), (float(np.cos(angle / 2)), float(x), float(y), float(z)))
    turned = camera.T_mount_camera @ jitter
    pose = Pose(vec3(np.asarray(turned.position_m) + shift), turned.quat_wxyz)
    why = f"drawn: shifted {1000 * float(np.linalg.norm(shift)):.1f} mm, turned {np.rad2deg(angle):.2f} degrees"
    return MoveCamera(camera.name, pose, why)


def _vector(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a vector of the length of the first number, in the direction that two even numbers give on the sphere."""
    length, across, around = numbers.tolist()
    z = 2 * across - 1
    level = np.sqrt(1 - z * z)
    return length * np.array([level * np.cos(2 * np.pi * around), level * np.sin(2 * np.pi * around), z])
