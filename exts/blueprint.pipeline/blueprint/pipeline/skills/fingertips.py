"""Where the fingers are in the tool's frame, as boxes: what a hand that pushes touches with."""

import numpy as np
from numpy.typing import NDArray

from .means import Means

Array = NDArray[np.float64]


def finger_corners_m(means: Means, width_m: float) -> Array:
    """Return the corners (16, 3) of both fingers at an opening, in the tool frame."""
    boxes = means.workspace.robot.gripper_boxes
    middle = np.array(means.workspace.robot.gripper.middle_m(width_m))
    half = np.array(boxes.finger_half_m)
    signs = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, -1).T
    aside = width_m / 2 + half[1]
    centers = [np.array([0.0, side * aside, boxes.finger_center_z_m]) for side in (1.0, -1.0)]
    return np.concatenate([middle + center + signs * half for center in centers])
