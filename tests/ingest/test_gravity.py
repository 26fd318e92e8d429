"""Up is found from the best evidence there is, in that order."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from blueprint.pipeline.formats.raw_scan import RawMesh, RawScan, RawSurface
from blueprint.pipeline.ingest.gravity import find_up, fit_plane, rotation_level_scan

UP = np.array([0.1, np.cos(0.5), np.sin(0.5)])
UP = UP / np.linalg.norm(UP)
BARE = RawScan("regen3d", (), (), np.eye(4))


def floor(up: np.ndarray, height: float, noise: float = 0.0) -> np.ndarray:
    R = rotation_level_scan(up, np.array([0.0, 0.0, -1.0]))
    x, y = (axis.ravel() for axis in np.meshgrid(np.linspace(-3, 3, 20), np.linspace(0, 5, 20)))
    z = height + noise * np.random.default_rng(3).standard_normal(400)
    return np.stack([x, y, z], axis=1) @ R


def room(up: np.ndarray) -> RawMesh:
    """A floor of many small triangles with two large walls."""
    R = rotation_level_scan(up, np.array([0.0, 0.0, -1.0]))
    flat = np.array([[0, 0, 0], [4, 0, 0], [4, 5, 0], [0, 5, 0], [0, 0, 3], [4, 0, 3], [0, 5, 3]], dtype=float)
    faces = np.array([[0, 1, 2], [0, 2, 3], [0, 1, 5], [0, 5, 4], [0, 4, 6], [0, 6, 3]], dtype=np.int32)
    return RawMesh("ground.glb", (RawSurface(flat @ R, faces),))


def tilt_deg(up: object) -> float:
    return float(np.degrees(np.arccos(np.clip(np.asarray(up) @ UP, -1, 1))))


def test_what_the_scan_declares_comes_first() -> None:
    found = find_up(replace(BARE, declared_up=(0.0, 1.0, 0.0), floor_points=floor(UP, -1.0)), [])
    assert (found.estimate.method, found.estimate.up_scan, found.floor_height) == ("declared", (0.0, 1.0, 0.0), 0.0)


def test_the_floor_plane_gives_up_and_height() -> None:
    found = find_up(replace(BARE, floor_points=floor(UP, -1.3, noise=0.01)), [np.array([0.0, 1.0, 0.0])])
    assert found.estimate.method == "floor plane"
    assert tilt_deg(found.estimate.up_scan) < 0.3
    assert found.floor_height == pytest.approx(-1.3, abs=0.02)


def test_a_plane_that_is_a_wall_or_no_plane_is_not_believed() -> None:
    wall = find_up(replace(BARE, floor_points=floor(np.array([1.0, 0.05, 0.0]), 1.0)), [UP, UP])
    cloud = find_up(replace(BARE, floor_points=np.random.default_rng(2).standard_normal((500, 3))), [UP, UP])
    assert (wall.estimate.method, cloud.estimate.method) == ("floor objects", "floor objects")


def test_things_on_the_floor_agree_and_outvote_one_that_leans() -> None:
    lean = Rotation.from_euler("x", 0.6).as_matrix() @ UP
    nearly = Rotation.from_euler("z", 0.02).as_matrix() @ UP
    found = find_up(BARE, [UP, lean, nearly])
    assert found.estimate.method == "floor objects"
    assert tilt_deg(found.estimate.up_scan) < 1.0
    assert found.floor_height is None


def test_two_that_disagree_are_not_believed() -> None:
    other = Rotation.from_euler("x", -0.6).as_matrix() @ UP
    assert find_up(BARE, [UP, other]).estimate.method == "level camera"


def test_the_background_shows_its_level_surface() -> None:
    found = find_up(replace(BARE, background=room(UP)), [])
    assert found.estimate.method == "background"
    assert tilt_deg(found.estimate.up_scan) < 0.1


def test_a_level_camera_is_an_assumption_and_says_so() -> None:
    found = find_up(BARE, [])
    assert (found.estimate.method, found.estimate.up_scan, found.reliable) == ("level camera", (0.0, 1.0, 0.0), False)
    assert "assumption" in found.estimate.why


@given(st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1), st.floats(-3, 3))
def test_planes_are_recovered(normal: tuple[float, ...], height: float) -> None:
    unit = np.asarray(normal) / np.linalg.norm(normal)
    plane = fit_plane(floor(unit, height), unit)
    np.testing.assert_allclose(plane.normal, unit, atol=1e-6)
    assert plane.height == pytest.approx(height, abs=1e-6)


@given(
    st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1),
    st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1),
)
def test_level_axes_are_a_rotation_with_up_on_top(up: tuple[float, ...], forward: tuple[float, ...]) -> None:
    R = rotation_level_scan(np.asarray(up), np.asarray(forward))
    np.testing.assert_allclose(R @ R.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(R) == pytest.approx(1.0)
    np.testing.assert_allclose(R @ (np.asarray(up) / np.linalg.norm(up)), (0, 0, 1), atol=1e-9)
    level = R @ np.asarray(forward)
    assert level[0] == pytest.approx(0, abs=1e-5)


def test_a_camera_that_looks_straight_down_has_a_heading_all_the_same() -> None:
    R = rotation_level_scan(np.array([0.0, 0.0, 1.0]), np.array([0.0, 0.0, -1.0]))
    np.testing.assert_allclose(R @ R.T, np.eye(3), atol=1e-12)
