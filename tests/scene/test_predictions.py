"""Part predictions survive storage and follow a change of frame."""

from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from blueprint.pipeline.scene.predictions import PartPrediction, PredictedJoint, load_prediction, save_prediction

JOINTS = (
    PredictedJoint(0, 1, "revolute", (0.0, 0.0, 1.0), (1.0, 2.0, 3.0), -1.0, 0.5),
    PredictedJoint(0, 2, "prismatic", (1.0, 0.0, 0.0), (0.0, 0.0, 0.0), 0.0, 0.4),
)
PREDICTION = PartPrediction(
    np.arange(12.0).reshape(4, 3),
    np.array([[0, 1, 2], [1, 2, 3]], dtype=np.int32),
    np.array([0, 1], dtype=np.int32),
    JOINTS,
    "a/b",
)


def test_storage_keeps_everything_and_is_reproducible(tmp_path: Path) -> None:
    save_prediction(tmp_path / "a.npz", PREDICTION)
    save_prediction(tmp_path / "b.npz", load_prediction(tmp_path / "a.npz"))
    again = load_prediction(tmp_path / "b.npz")
    assert again.joints == JOINTS
    assert again.source == "a/b"
    np.testing.assert_array_equal(again.vertices, PREDICTION.vertices)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_a_prediction_without_joints_can_be_stored(tmp_path: Path) -> None:
    bare = PartPrediction(PREDICTION.vertices, PREDICTION.faces, PREDICTION.face_part_ids, (), "x")
    save_prediction(tmp_path / "a.npz", bare)
    assert load_prediction(tmp_path / "a.npz").joints == ()


def test_lengths_scale_and_angles_do_not() -> None:
    R = Rotation.from_euler("xyz", (0.3, -0.4, 1.2)).as_matrix()
    shift = np.array([1.0, 0.0, -2.0])
    moved = PREDICTION.transformed(R, 2.5, shift)
    hinge, slide = moved.joints
    assert (hinge.lower, hinge.upper) == (-1.0, 0.5)
    assert (slide.lower, slide.upper) == (0.0, 1.0)
    np.testing.assert_allclose(hinge.axis, R[:, 2])
    np.testing.assert_allclose(hinge.origin, 2.5 * R @ [1.0, 2.0, 3.0] + shift)
    np.testing.assert_allclose(moved.vertices[3], 2.5 * R @ PREDICTION.vertices[3] + shift)
