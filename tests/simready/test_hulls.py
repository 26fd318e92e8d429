import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull
from tests.simready import shapes

from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.simready.hulls import (
    MOST_SIDES,
    THINNEST_M,
    cut,
    exact_hull_of,
    height_above,
    hull_of,
    hull_planes,
    hull_volume_m3,
    joined_until,
    side_count,
)

seeds = st.integers(0, 2**32 - 1)


def assert_convex(hull: TriangleMesh) -> None:
    """Every vertex lies on or below every plane, and the planes face outwards."""
    planes = hull_planes(hull)
    assert (hull.vertices_m @ planes[:, :3].T + planes[:, 3]).max() < 1e-9
    assert hull_volume_m3(hull) > 0


@given(seeds, st.integers(5, 400))
@settings(max_examples=30, deadline=None)
def test_hulls_are_convex_small_and_made_of_given_points_where_these_are_few(seed: int, count: int) -> None:
    points = np.random.default_rng(seed).normal(size=(count, 3))
    hull = hull_of(points, 64)
    assert_convex(hull)
    assert len(hull.vertices_m) <= 64
    assert side_count(hull) <= MOST_SIDES
    assert (hull.vertices_m >= points.min(axis=0)).all()
    assert (hull.vertices_m <= points.max(axis=0)).all()
    if side_count(exact_hull_of(points)) <= MOST_SIDES:
        known = {tuple(point) for point in points.tolist()}
        assert all(tuple(vertex) in known for vertex in hull.vertices_m.tolist())


def test_a_reduced_ball_shrinks_by_little() -> None:
    mesh = shapes.ball(0.05)
    reduced = hull_of(mesh.vertices_m, 64)
    assert height_above(reduced, mesh.vertices_m).max() < 0.005
    assert hull_volume_m3(exact_hull_of(mesh.vertices_m)) == pytest.approx(ConvexHull(mesh.vertices_m).volume)


@pytest.mark.parametrize(
    "points",
    [
        [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)],
        [(0, 0, 0), (1, 2, 3), (2, 4, 6)],
        [(0, 0, 0), (1, 0, 1e-9), (0, 1, -1e-9), (1, 1, 1e-9)],
    ],
)
def test_a_sheet_or_a_line_gets_a_thickness(points: list[tuple[float, float, float]]) -> None:
    hull = hull_of(np.array(points, dtype=np.float64))
    assert_convex(hull)
    centred = hull.vertices_m - hull.vertices_m.mean(axis=0)
    assert np.linalg.svd(centred)[1][-1] >= THINNEST_M / 2


@given(seeds, st.floats(-0.6, 0.6))
@settings(max_examples=20, deadline=None)
def test_two_parts_of_a_cut_make_the_whole(seed: int, offset: float) -> None:
    rng = np.random.default_rng(seed)
    hull = hull_of(rng.normal(size=(30, 3)))
    normal = rng.normal(size=3)
    normal /= np.linalg.norm(normal)
    parts = [cut(hull, normal, offset), cut(hull, -normal, -offset)]
    volume = sum(hull_volume_m3(part) for part in parts if part is not None)
    assert volume == pytest.approx(hull_volume_m3(hull), rel=2e-3)


def test_hulls_that_lie_side_by_side_are_joined_first() -> None:
    cubes = [hull_of(shapes.moved(shapes.box(1, 1, 1), x_m=x).vertices_m) for x in (0.0, 1.0, 5.0)]
    left = joined_until(cubes, 2)
    assert sorted(round(hull_volume_m3(hull), 6) for hull in left) == [1.0, 2.0]


def test_a_reduced_hull_has_no_more_sides_than_engines_take_and_keeps_its_volume_and_base() -> None:
    rng = np.random.default_rng(4)
    points = rng.normal(size=(800, 3))
    points *= 0.04 / np.linalg.norm(points, axis=1)[:, None]
    points[:, 2] = np.maximum(points[:, 2], -0.03)
    whole = exact_hull_of(points)
    reduced = hull_of(points)
    assert side_count(whole) > MOST_SIDES
    assert side_count(reduced) <= MOST_SIDES
    assert 0.93 < hull_volume_m3(reduced) / hull_volume_m3(whole) < 1.02
    level = np.isclose(reduced.vertices_m[:, 2], -0.03)
    assert level.sum() >= 4
    assert reduced.vertices_m.min(axis=0)[2] == pytest.approx(-0.03)


def test_a_hull_of_few_sides_is_left_as_it_is() -> None:
    angle = np.arange(60) * (2 * np.pi / 60)
    rim = np.column_stack([np.cos(angle), np.sin(angle)])
    prism = np.concatenate([np.column_stack([rim, np.full(60, z)]) for z in (0.0, 1.0)])
    assert side_count(hull_of(prism, 128)) == 62
    assert len(hull_of(prism, 128).vertices_m) == 120
