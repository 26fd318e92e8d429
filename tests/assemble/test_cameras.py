"""Cameras."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blueprint.pipeline.assemble.cameras import (
    CameraSettings,
    Sight,
    clearest_side_camera,
    hidden_count,
    look_along,
    side_camera,
    wrist_camera,
)
from blueprint.pipeline.scene.manifests import Camera
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import load_robot


def project(camera: Camera, points: np.ndarray) -> np.ndarray:
    """Return pixel coordinates relative to the image's centre; every point must be in front."""
    local = camera.T_mount_camera.inverse().apply(points)
    assert (local[:, 2] < 0).all()
    return camera.focal_px * local[:, :2] / -local[:, 2:]


@given(st.integers(0, 10_000), st.floats(-3.1, 3.1), st.sampled_from([(256, 256), (640, 360), (300, 500)]))
@settings(deadline=None)
def test_the_side_camera_sees_everything_and_no_more_than_it_must(seed: int, heading: float, size: tuple) -> None:
    points = np.random.default_rng(seed).uniform((-0.5, 0.8, 0.7), (0.5, 1.6, 1.4), size=(12, 3))
    wanted = CameraSettings(width_px=size[0], height_px=size[1])
    pixels = project(side_camera(points, heading, wanted), points)
    shares = np.abs(pixels).max(axis=0) / size
    assert (shares <= 0.5 - wanted.side_margin + 1e-9).all()
    assert shares.max() == pytest.approx(0.5 - wanted.side_margin, abs=1e-6)


def test_the_side_camera_stands_where_it_is_told_and_is_level() -> None:
    points = np.array([[0.0, 1.0, 0.7], [0.3, 1.3, 0.9]])
    camera = side_camera(points, -np.pi / 2, CameraSettings())
    back = camera.T_mount_camera.rotation()[:, 2]
    assert np.allclose(back, (0.0, -np.cos(np.deg2rad(42)), np.sin(np.deg2rad(42))), atol=1e-9)
    assert camera.T_mount_camera.rotation()[2, 0] == pytest.approx(0)
    assert camera.T_mount_camera.rotation()[2, 1] > 0


def test_looking_along() -> None:
    rotation = look_along((0.0, 1.0, 0.0))
    assert np.allclose(rotation, [[1, 0, 0], [0, 0, -1], [0, 1, 0]])
    assert np.linalg.det(rotation) == pytest.approx(1)


def test_a_box_hides_what_is_behind_it() -> None:
    targets = np.array([[0.0, 2.0, 0.0], [0.0, -2.0, 0.0], [2.0, 2.0, 0.0], [0.0, 0.4, 0.0]])
    sight = Sight(targets, targets, Pose.from_yaw((0.0, 0.0, 0.0), 0.5), (0.5, 0.1, 1.0))
    assert hidden_count((0.0, -1.0, 0.0), sight) == 2
    assert hidden_count((0.0, -1.0, 5.0), sight) == 0


def test_the_clearest_side_is_taken() -> None:
    targets = np.array([[-0.2, 1.0, 0.0], [0.2, 1.0, 0.0]])
    arm = Pose((0.0, 0.0, 0.4))
    sight = Sight(np.concatenate([targets, [[0.0, 0.0, 0.8]]]), targets, arm, (0.3, 0.1, 0.4))
    turned = CameraSettings(side_turns_deg=(0.0, 90.0, 180.0))
    heading = clearest_side_camera(sight, -np.pi / 2, turned).T_mount_camera.rotation()[:2, 2]
    assert heading[0] > 0.5
    assert abs(heading[1]) < 1e-9


def test_the_wrist_camera_keeps_the_robots_field_of_view() -> None:
    robot = load_robot("franka_panda")
    camera = wrist_camera(robot, "panda_hand", Pose((0.07, 0.0, 0.04)), CameraSettings(width_px=512))
    assert camera.mount == "/World/robot/panda_hand"
    assert camera.prim_path == "/World/robot/panda_hand/wrist_camera"
    assert 2 * np.arctan(256 / camera.focal_px) == pytest.approx(robot.wrist_camera.field_of_view_rad)
