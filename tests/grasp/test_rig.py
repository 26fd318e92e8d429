"""A gripper alone with a box: what holds, what slips, and what was never between the fingers."""

from pathlib import Path

import numpy as np
import pytest
from tests.sims.scenes import BOX_HALF_M

from blueprint.pipeline.grasp.rig import HandRig, Noise
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.scene.robots import Robot

UP = np.array([0.0, 0.0, 1.0])
FROM_ABOVE = Pose((0.0, 0.0, BOX_HALF_M[2] * 1.2), (0.0, 1.0, 0.0, 0.0))
"""The hand over the box with its fingers along the box's y axis, a little above its middle."""


@pytest.fixture(scope="module")
def rig(assembled: Assembled, robot: Robot) -> HandRig:
    """Hand and box."""
    return HandRig(Path(assembled.model_folder), robot, "box")


def test_a_good_grasp_holds_a_box_that_is_shaken(rig: HandRig) -> None:
    """It hardly moves in the hand."""
    trial = rig.try_lift(FROM_ABOVE, UP, Noise())
    assert trial.held
    assert trial.slip_m < 0.003


def test_without_friction_it_is_lost(rig: HandRig) -> None:
    """As slippery as ice and three times as heavy."""
    assert not rig.try_lift(FROM_ABOVE, UP, Noise(friction=0.02, mass=3.0)).held


def test_fingers_that_close_on_air_hold_nothing(rig: HandRig) -> None:
    """15 cm above the box."""
    assert not rig.try_lift(Pose((0.0, 0.0, 0.23), FROM_ABOVE.quat_wxyz), UP, Noise()).held


def test_a_trial_leaves_nothing_behind(rig: HandRig) -> None:
    """After a trial with noise, the first one comes out the same to the last bit."""
    first = rig.try_lift(FROM_ABOVE, UP, Noise())
    rig.try_lift(FROM_ABOVE, UP, Noise(friction=0.5, mass=2.0))
    assert rig.try_lift(FROM_ABOVE, UP, Noise()) == first
