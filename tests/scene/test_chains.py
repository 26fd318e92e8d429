"""Chains give the forward kinematics that their joints say."""

import numpy as np
import pytest

from blueprint.pipeline.scene.chains import (
    Chain,
    ChainJoint,
    forward_kinematics,
    joint_columns,
    rotation_angles_rad,
)
from blueprint.pipeline.scene.poses import Pose

UP = (0.0, 0.0, 1.0)
ARM = Chain(
    "two_links",
    "base",
    "hand",
    (
        ChainJoint("turn", "revolute", Pose((0, 0, 1)), UP, Pose()),
        ChainJoint("plate", "fixed", Pose((0.5, 0, 0)), UP, Pose()),
        ChainJoint("slide", "prismatic", Pose(), (1.0, 0.0, 0.0), Pose((0.1, 0, 0))),
    ),
    Pose((0, 0, 0.2)),
)


def test_a_planar_arm_reaches_where_trigonometry_says() -> None:
    angles, slides = np.array([0.0, 0.3, -1.2]), np.array([0.0, 0.1, 0.4])
    T = forward_kinematics(ARM, {"turn": angles, "slide": slides})
    reach = 0.6 + slides
    expected = np.stack([reach * np.cos(angles), reach * np.sin(angles), np.full(3, 1.2)], axis=1)
    assert T[:, :3, 3] == pytest.approx(expected)
    assert np.arctan2(T[:, 1, 0], T[:, 0, 0]) == pytest.approx(angles)


def test_only_moving_joints_need_a_position() -> None:
    assert ARM.moving == ("turn", "slide")
    with pytest.raises(KeyError):
        forward_kinematics(ARM, {"turn": [0.0]})


def test_angles_between_rotations_are_exact_near_zero_and_far() -> None:
    angles = np.array([0.0, 1e-9, 0.5, 3.1])
    rotations = np.stack([Pose.from_yaw((0, 0, 0), float(angle)).rotation() for angle in angles])
    assert rotation_angles_rad(rotations, np.tile(np.eye(3), (4, 1, 1))) == pytest.approx(angles, abs=1e-12)


def test_columns_are_found_by_joint_name() -> None:
    names = ["robot/turn.position", "robot/slide.position", "cabinet/door.position"]
    assert joint_columns(names, ["slide", "turn"]) == {"slide": 1, "turn": 0}
