"""Poses come back from vertices alone, exactly where they correspond, roughly where they do not."""

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from tests.formats.tiny_scans import bracket

from blueprint.pipeline.ingest.poses import EXACT_RESIDUAL, as_placed, fit_similarity, recover_pose

angles = st.tuples(*[st.floats(-np.pi, np.pi)] * 3)
shifts = st.tuples(*[st.floats(-5, 5)] * 3)
CANONICAL = np.asarray(bracket((1.0, 1.7, 0.6)).vertices)


@given(angles, st.floats(0.01, 50), shifts)
def test_corresponding_vertices_give_the_pose(euler: tuple[float, ...], scale: float, shift: tuple[float, ...]) -> None:
    R = Rotation.from_euler("xyz", euler).as_matrix()
    posed = (scale * CANONICAL @ R.T + shift).astype(np.float32).astype(np.float64)
    pose = recover_pose(CANONICAL, posed)
    assert pose.method == "corresponding vertices"
    np.testing.assert_allclose(pose.rotation, R, atol=1e-4)
    assert pose.scale == pytest.approx(scale, rel=1e-4)
    np.testing.assert_allclose(pose.apply(CANONICAL), posed, atol=1e-4 * max(1.0, scale))
    assert pose.review == ""


def test_a_mirrored_mesh_is_never_fitted_by_a_mirror() -> None:
    rotation, _, _ = fit_similarity(CANONICAL, CANONICAL * [-1, 1, 1])
    assert np.linalg.det(rotation) == pytest.approx(1.0)


def dense(step: int) -> np.ndarray:
    mesh = bracket((1.0, 1.7, 0.6))
    for _ in range(step):
        mesh = trimesh.Trimesh(*trimesh.remesh.subdivide(mesh.vertices, mesh.faces), process=False)
    return np.asarray(mesh.vertices)


@pytest.mark.parametrize("yaw", [0.3, 2.0, -1.4])
def test_other_samplings_of_the_shape_are_fitted_by_closest_points(yaw: float) -> None:
    R = Rotation.from_euler("xyz", (0.4, 0.0, 0.0)).as_matrix() @ Rotation.from_euler("y", yaw).as_matrix()
    posed = np.add(0.4 * dense(4) @ R.T, (0.3, -0.2, -2.0))
    pose = recover_pose(dense(3), posed)
    assert pose.method == "closest points"
    assert "compare it with the photo" in pose.review
    assert np.linalg.norm(Rotation.from_matrix(pose.rotation.T @ R).as_rotvec()) < 0.03
    assert pose.scale == pytest.approx(0.4, rel=0.03)


def test_a_shape_that_is_another_is_placed_by_its_box_and_flagged() -> None:
    ball = np.asarray(trimesh.creation.icosphere(subdivisions=3, radius=1.0).vertices) + np.array([5.0, 0.0, 0.0])
    pose = recover_pose(dense(2), ball)
    assert pose.method == "boxes"
    assert pose.residual > EXACT_RESIDUAL
    assert "guesses" in pose.review
    placed = pose.apply(dense(2))
    np.testing.assert_allclose((placed.min(axis=0) + placed.max(axis=0)) / 2, (5, 0, 0), atol=1e-6)


def test_equal_counts_of_other_shapes_are_no_correspondence() -> None:
    shuffled = np.random.default_rng(1).permutation(dense(2))
    assert recover_pose(dense(2), shuffled).method != "corresponding vertices"


def test_an_object_without_canonical_mesh_stays_and_is_flagged() -> None:
    pose = as_placed()
    np.testing.assert_array_equal(pose.apply(CANONICAL), CANONICAL)
    assert pose.review
