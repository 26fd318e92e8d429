"""The robot's hand as its senses need it: which links feel, and where the pads are in every frame."""

import numpy as np

from blueprint.pipeline.episode.hand_senses import Hand
from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.sims.model import ROBOT


def hand_of(robot: Robot, track: Track) -> Hand:
    """Return the acting arm's hand in every frame of a track."""
    gripper, width_m = robot.gripper, track.gripper_width_m
    knots = [stroke.width_m for stroke in gripper.strokes]
    columns = zip(*(stroke.middle_m for stroke in gripper.strokes), strict=True)
    middle = np.stack([np.interp(width_m, knots, column) for column in columns], axis=1)
    middle[:, 2] += robot.gripper_boxes.pad_center_z_m
    aside = np.zeros_like(middle)
    aside[:, 1] = width_m / 2
    fingers = tuple(f"{ROBOT}/{finger}" for finger in gripper.fingers)
    links = tuple(dict.fromkeys((f"{ROBOT}/{robot.tool.link}", *fingers)))
    # The first finger is the one on the +y side of the tool frame.
    return Hand(links, fingers, np.stack([middle + aside, middle - aside], axis=1))
