"""Poses are a group, and their quaternions are wxyz."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.pipeline.scene.poses import Pose, angle_between_rad, quat_from_rotation, rotation_from_quat

numbers = st.floats(-5, 5, allow_nan=False)
quats = st.tuples(numbers, numbers, numbers, numbers).filter(lambda q: np.linalg.norm(q) > 0.1)
poses = st.builds(
    lambda position, quat: Pose(position, tuple((np.asarray(quat) / np.linalg.norm(quat)).tolist())),
    st.tuples(numbers, numbers, numbers),
    quats,
)


@given(poses, poses)
def test_composition_is_the_product_of_matrices(first: Pose, second: Pose) -> None:
    assert (first @ second).matrix() == pytest.approx(first.matrix() @ second.matrix(), abs=1e-12)


@given(poses)
def test_a_pose_and_its_inverse_cancel(pose: Pose) -> None:
    assert (pose @ pose.inverse()).matrix() == pytest.approx(np.eye(4), abs=1e-12)


@given(poses)
def test_a_matrix_gives_its_pose_back(pose: Pose) -> None:
    assert angle_between_rad(Pose.from_matrix(pose.matrix()), pose) < 1e-6
    assert np.linalg.det(pose.rotation()) == pytest.approx(1.0)


@given(quats)
def test_rotations_and_quaternions_agree(quat: tuple[float, float, float, float]) -> None:
    rotation = rotation_from_quat(quat)
    assert rotation_from_quat(quat_from_rotation(rotation)) == pytest.approx(rotation, abs=1e-12)


def test_quaternions_are_real_part_first() -> None:
    quarter = Pose((0, 0, 0), (np.sqrt(0.5), 0, 0, np.sqrt(0.5)))
    assert quarter.apply([1, 0, 0]) == pytest.approx([0, 1, 0])
    assert quarter.yaw_rad() == pytest.approx(np.pi / 2)
    assert Pose.from_yaw((0, 0, 0), np.pi / 2).quat_wxyz == pytest.approx(quarter.quat_wxyz)


def test_points_are_mapped_row_by_row() -> None:
    pose = Pose.from_yaw((1, 2, 3), np.pi)
    assert pose.apply([[1, 0, 0], [0, 1, 0]]) == pytest.approx(np.array([[0, 2, 3], [1, 1, 3]]))
