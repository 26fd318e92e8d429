"""A lean that is exactly the camera's tilt is undone; any other is kept."""

import numpy as np
from scipy.spatial.transform import Rotation
from tests.formats.tiny_scans import bracket

from blueprint.pipeline.ingest.poses import RecoveredPose
from blueprint.pipeline.ingest.straighten import straightened

CAMERA_UP = np.array([0.0, 1.0, 0.0])
UP = np.array([0.0, np.cos(0.4), np.sin(0.4)])
CANONICAL = np.asarray(bracket((1.0, 2.0, 0.7)).vertices)


def pose(R: np.ndarray) -> RecoveredPose:
    return RecoveredPose(R, 0.3, np.array([0.1, 0.2, -3.0]), "corresponding vertices", 0.0)


def test_a_thing_fitted_upright_in_the_camera_is_set_upright_on_its_base() -> None:
    before = pose(Rotation.from_euler("y", 0.8).as_matrix())
    after = straightened(before, CANONICAL, CAMERA_UP, UP)
    assert after is not None
    np.testing.assert_allclose(after.rotation @ [0, 1, 0], UP, atol=1e-12)
    foot = np.array([[0.0, -1.0, 0.0]])
    np.testing.assert_allclose(after.apply(foot), before.apply(foot), atol=1e-12)
    assert "22.9 degrees" in after.review


def test_other_leans_and_level_cameras_are_left_alone() -> None:
    assert straightened(pose(Rotation.from_euler("x", 0.4).as_matrix()), CANONICAL, CAMERA_UP, UP) is None
    assert straightened(pose(Rotation.from_euler("x", 0.1).as_matrix()), CANONICAL, CAMERA_UP, UP) is None
    assert straightened(pose(np.eye(3)), CANONICAL, CAMERA_UP, CAMERA_UP) is None
