"""Poses are compared after one turn and one level shift, at places that do not depend on how a mesh is stored."""

import numpy as np
import pytest
from benchmarks.truth import align_yaw_and_xy, surface_centre
from hypothesis import given
from hypothesis import strategies as st

angles = st.floats(-3.1, 3.1)
shifts = st.floats(-5, 5)


@given(yaw=angles, x=shifts, y=shifts)
def test_a_turned_and_shifted_scene_is_laid_back(yaw: float, x: float, y: float) -> None:
    points = np.random.default_rng(2).normal(size=(6, 3))
    turn = np.array([[np.cos(yaw), -np.sin(yaw), 0], [np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
    moved = points @ turn.T + [x, y, 0]
    T = align_yaw_and_xy(moved, points)
    assert np.abs(moved @ T[:3, :3].T + T[:3, 3] - points).max() < 1e-9


def test_height_and_tilt_are_not_aligned_away() -> None:
    points = np.random.default_rng(2).normal(size=(6, 3))
    lifted = points + np.array([0, 0, 0.01])
    T = align_yaw_and_xy(lifted, points)
    assert lifted @ T[:3, :3].T + T[:3, 3] - points == pytest.approx(np.tile([0, 0, 0.01], (6, 1)))


def test_a_surface_has_one_centre_however_its_vertices_are_stored() -> None:
    vertices = np.array([[0, 0, 0], [2, 0, 0], [0, 2, 0], [5, 5, 5]], dtype=float)
    faces = np.array([[0, 1, 2]])
    doubled = np.concatenate([vertices, vertices])
    assert surface_centre(vertices, faces) == pytest.approx([2 / 3, 2 / 3, 0])
    assert surface_centre(doubled, np.array([[4, 1, 6]])) == pytest.approx([2 / 3, 2 / 3, 0])
