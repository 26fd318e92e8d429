"""Which pixels of a camera that stands still can have changed, because something moved in them or its shadow did."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.manifests import Camera
from blueprint.pipeline.scene.poses import Pose

from .protocols import Array

NEAR_M = 0.02
MARGIN_PX = 2
FLATTEST_LIGHT = -0.05
"""Downward share of a light's direction above which shadows are too long to be outlined."""

CUBE = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64)
Mask = NDArray[np.bool_]


def box_corners_m(points_m: Array) -> Array:
    """Return the corners (8, 3) of the box around points, along their axes."""
    lower, upper = points_m.min(axis=0), points_m.max(axis=0)
    return (lower + upper) / 2 + CUBE * (upper - lower) / 2


def changed_pixels(
    camera: Camera, T_world_camera: Pose, boxes_m: Sequence[Array], light: Array | None, lowest_m: float
) -> Mask | None:
    """Return the pixels (H, W) that see one of the boxes (8, 3), or a shadow of one; None where that is not known.

    `light` is the direction of its rays (unit, world), `lowest_m` the height below which nothing can lie in shadow.
    """
    mask = np.zeros((camera.height_px, camera.width_px), dtype=np.uint8)
    T_camera_world = T_world_camera.inverse()
    for corners in boxes_m:
        solid = corners if light is None else _with_shadow(corners, light, lowest_m)
        seen = None if solid is None else T_camera_world.apply(solid)
        if seen is None or seen[:, 2].max() > -NEAR_M:
            return None
        cv2.fillConvexPoly(mask, cv2.convexHull(_pixels(camera, seen)), 1)
    size = 2 * MARGIN_PX + 1
    return cv2.dilate(mask, np.ones((size, size), dtype=np.uint8)).astype(bool)


def _with_shadow(corners: Array, light: Array, lowest_m: float) -> Array | None:
    if light[2] > FLATTEST_LIGHT:
        return None
    reach_m = max(0.0, float(corners[:, 2].max()) - lowest_m) / -light[2]
    return np.concatenate([corners, corners + reach_m * light])


def _pixels(camera: Camera, seen: Array) -> NDArray[np.int32]:
    centre = np.array([camera.width_px / 2, camera.height_px / 2])
    places = centre + seen[:, :2] / -seen[:, 2:] * camera.focal_px * (1, -1)
    # OpenCV draws with integers of 32 bits; what is far outside stays outside.
    return np.clip(np.round(places), -30000, 30000).astype(np.int32).reshape(-1, 1, 2)
