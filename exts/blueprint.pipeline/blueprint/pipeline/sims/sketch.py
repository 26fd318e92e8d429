"""Flat pictures without a renderer: every collider as one filled outline at its centre's depth."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from blueprint.pipeline.scene.manifests import Camera
from blueprint.pipeline.scene.poses import Pose

from .protocols import Array, Frame

NEAR_M = 0.02
BACKGROUND_RGB = (186, 192, 198)
LEAST, MOST = 60, 230
"""Range of a flat colour's channels, so that none is near black or white."""


@dataclass(frozen=True, eq=False, slots=True)
class Outline:
    """Corners (N, 3) of one collider in the world, and the instance id it is drawn with."""

    points_m: Array
    instance: int


def sketch(camera: Camera, T_world_camera: Pose, outlines: Sequence[Outline]) -> Frame:
    """Draw outlines from far to near, by their farthest corner; what reaches behind the camera is left out."""
    height, width = camera.height_px, camera.width_px
    rgb = np.empty((height, width, 3), dtype=np.uint8)
    rgb[:] = BACKGROUND_RGB
    depth, instance = np.zeros((height, width), dtype=np.float32), np.zeros((height, width), dtype=np.int32)
    T_camera_world = T_world_camera.inverse()
    seen = [(T_camera_world.apply(outline.points_m), outline.instance) for outline in outlines]
    ahead = [(points, number) for points, number in seen if points[:, 2].max() < -NEAR_M]
    for points, number in sorted(ahead, key=lambda entry: entry[0][:, 2].min()):
        mask = np.zeros((height, width), dtype=np.uint8)
        hull = cv2.convexHull(_pixels(camera, points).reshape(-1, 1, 2))
        cv2.fillConvexPoly(mask, hull, 1)
        drawn = mask.astype(bool)
        rgb[drawn], depth[drawn], instance[drawn] = flat_color(number), -points[:, 2].mean(), number
    return Frame(rgb, depth, instance)


def flat_color(number: int) -> tuple[int, int, int]:
    """Return the colour of an instance id; neighbouring ids differ clearly."""
    red, green, blue = ((number * factor) % (MOST - LEAST) + LEAST for factor in (97, 61, 139))
    return (red, green, blue)


def _pixels(camera: Camera, points: Array) -> np.ndarray:
    centre = np.array([camera.width_px / 2, camera.height_px / 2])
    offset = points[:, :2] / -points[:, 2:] * camera.focal_px * (1, -1)
    # OpenCV draws with integers of 32 bits; what is far outside stays outside.
    return np.clip(np.round(centre + offset - 0.5), -30000, 30000).astype(np.int32)
