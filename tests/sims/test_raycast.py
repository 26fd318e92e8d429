"""The ray caster: geometry, colour, cover and shadow, against values that are known."""

import numpy as np
import pytest

from blueprint.pipeline.sims.raycast import Surface, View, outlines, render, smooth_corner_normals, view_of

SQUARE = np.array([[[0, 0, 0], [1, 0, 0], [1, 0, 1]], [[0, 0, 0], [1, 0, 1], [0, 0, 1]]], dtype=np.float64)
FRONT = -np.pi / 2


def front_view(size_px: int = 40) -> View:
    """Look along +Y at the unit square."""
    return view_of(np.zeros(3), np.array([1.0, 0.0, 1.0]), width_px=size_px, height_px=size_px,
                   azimuth_rad=FRONT, elevation_rad=0.0)  # fmt: skip


def test_a_box_fills_the_view_and_stays_inside() -> None:
    alpha = render([Surface(SQUARE, (0.5, 0.5, 0.5))], front_view())[..., 3]
    columns = np.flatnonzero(alpha.any(axis=0))
    assert columns[0] in (1, 2)
    assert columns[-1] in (37, 38)


def test_pixels_agree_with_rays() -> None:
    view = front_view()
    point = np.array([0.3, 0.0, 0.8])
    (pixel,) = view.pixels(point)
    row, column = int(pixel[1]), int(pixel[0])
    ray = view.rays()[row * view.width_px + column]
    towards = point - view.T_world_camera[:3, 3]
    assert ray @ towards / np.linalg.norm(towards) == pytest.approx(1.0, abs=1e-5)


def test_what_is_above_appears_above_and_what_is_right_appears_right() -> None:
    view = front_view()
    (low, high, right) = view.pixels(np.array([[0.5, 0, 0.1], [0.5, 0, 0.9], [0.9, 0, 0.1]]))
    assert high[1] < low[1]
    assert right[0] > low[0]


def test_the_nearer_surface_hides_the_other() -> None:
    red = Surface(SQUARE, (1.0, 0.0, 0.0))
    green = Surface(SQUARE + np.array([0.0, 0.5, 0.0]), (0.0, 1.0, 0.0))
    center = render([green, red], front_view())[20, 20]
    assert center[0] > 50
    assert center[1] == 0


def test_a_texture_stands_upright() -> None:
    texture = np.zeros((2, 2, 3), dtype=np.uint8)
    texture[0] = (255, 0, 0)
    texture[1] = (0, 0, 255)
    uv = SQUARE[:, :, [0, 2]]
    picture = render([Surface(SQUARE, (1.0, 1.0, 1.0), uv, texture)], front_view())
    assert picture[8, 20, 0] > picture[8, 20, 2]
    assert picture[32, 20, 2] > picture[32, 20, 0]


def test_a_shadow_darkens() -> None:
    floor = np.array([[[-2, -2, 0], [2, -2, 0], [2, 2, 0]], [[-2, -2, 0], [2, 2, 0], [-2, 2, 0]]], dtype=np.float64)
    roof = floor / 4 + np.array([0.0, 0.0, 1.0])
    view = view_of(np.array([-2.0, -2.0, 0.0]), np.array([2.0, 2.0, 1.0]), width_px=60, height_px=60)
    surfaces = [Surface(floor, (0.8, 0.8, 0.8)), Surface(roof, (0.8, 0.8, 0.8))]
    plain, shaded = render(surfaces, view), render(surfaces, view, shadows=True)
    darker = plain[..., 0].astype(int) - shaded[..., 0]
    assert darker.min() >= 0
    assert (darker > 20).sum() > 20


def test_nothing_is_transparent() -> None:
    assert not render([], front_view()).any()
    assert not outlines([], front_view()).any()


def test_outlines_are_at_the_edge() -> None:
    edge = outlines([Surface(SQUARE, (0.5, 0.5, 0.5))], front_view())
    assert edge[20, [1, 2, 3]].any()
    assert not edge[20, 15:25].any()


def test_corners_of_a_cube_stay_sharp_and_those_of_a_fine_bend_are_smooth() -> None:
    wall = np.array([[[0, 0, 0], [0, 1, 0], [0, 0, 1]]], dtype=np.float64)
    floor = np.array([[[0, 0, 0], [1, 0, 0], [0, 1, 0]]], dtype=np.float64)
    normals = smooth_corner_normals(np.concatenate([wall, floor]))
    assert np.abs(normals[0] - normals[0, 0]).max() < 1e-9
    bent = floor * [1, 1, 1] + np.array([[[0, 0, 0], [0, 0, 0.1], [0, 0, 0]]])
    other = np.array([[[0, 0, 0], [0, 1, 0], [-1, 0, 0.1]]], dtype=np.float64)
    shared = smooth_corner_normals(np.concatenate([bent, other]))
    np.testing.assert_allclose(shared[0, 0], shared[1, 0], atol=1e-9)


def test_points_are_drawn_by_four_rays_each() -> None:
    alpha = render([Surface(SQUARE, (0.5, 0.5, 0.5))], front_view())[..., 3]
    assert set(np.unique(alpha)) <= {0, 64, 128, 191, 255}
