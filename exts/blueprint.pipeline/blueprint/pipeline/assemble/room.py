"""The room: a floor slab under everything; walls are not made up."""

import numpy as np

from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.rooms import RoomBox
from blueprint.pipeline.scene.shapes import Array

FLOOR_THICKNESS_M = 0.1
FLOOR_MARGIN_M = 4.0
"""How far the floor extends beyond the props, so that no camera sees its edge from nearby."""
FLOOR_COLOR = (0.80, 0.78, 0.75)


def floor_slab(corners_m: Array) -> RoomBox:
    """Return the floor below props whose corners have shape (N, 3); its upper face is z = 0."""
    low, high = corners_m[:, :2].min(axis=0), corners_m[:, :2].max(axis=0)
    # Rounded outwards, so that a prop that moves by a hair does not move the floor.
    half = np.ceil((high - low) / 2 + FLOOR_MARGIN_M)
    x, y = np.round((low + high) / 2, 1)
    T_world_box = Pose((float(x), float(y), -FLOOR_THICKNESS_M / 2))
    size = (float(half[0]), float(half[1]), FLOOR_THICKNESS_M / 2)
    why = "the floor plane of the scan is z = 0; a thick slab holds what a thin one lets through"
    return RoomBox("floor", T_world_box, size, FLOOR_COLOR, 0.8, 0.7, why)
