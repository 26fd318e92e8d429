import numpy as np
import pytest

from blueprint.pipeline.samples.viewpoint import Viewpoint


@pytest.fixture
def view() -> Viewpoint:
    return Viewpoint((0.3, -2.0, 1.5), pitch_down_rad=np.radians(30.0), focal_px=100.0, size_px=(40, 30))


def test_what_lies_straight_ahead_is_on_the_cameras_negative_z(view: Viewpoint) -> None:
    ahead = np.array([0.3, -2.0 + 2.0 * np.cos(np.radians(30.0)), 1.5 - 1.0])
    np.testing.assert_allclose(view.to_camera(ahead[None]), [[0.0, 0.0, -2.0]], atol=1e-12)


def test_camera_frame_is_right_handed_with_right_and_up(view: Viewpoint) -> None:
    turn = view.T_world_camera[:3, :3]
    assert np.linalg.det(turn) == pytest.approx(1.0)
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)
    assert turn[:, 0].tolist() == [1.0, 0.0, 0.0]
    assert turn[2, 1] > 0.0


def test_gravity_is_tilted_by_the_pitch(view: Viewpoint) -> None:
    np.testing.assert_allclose(view.gravity_camera, [0.0, -np.cos(np.radians(30.0)), -0.5])


def test_rays_pass_through_pixel_centres(view: Viewpoint) -> None:
    rays = view.ray_directions().reshape(30, 40, 3)
    points = view.to_camera(np.asarray(view.position_m) + rays[7, 33])
    column = 20.0 + 100.0 * points[..., 0] / -points[..., 2]
    row = 15.0 - 100.0 * points[..., 1] / -points[..., 2]
    assert (float(column), float(row)) == pytest.approx((33.5, 7.5))
