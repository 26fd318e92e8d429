import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull
from tests.simready import shapes

from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.simready.hulls import (
    THINNEST_M,
    cut,
    exact_hull_of,
    height_above,
    hull_of,
    hull_planes,
    hull_volume_m3,
    joined_until,
)

seeds = st.integers(0, 2**32 - 1)


def assert_convex(hull: TriangleMesh) -> None:
    """Every vertex lies on or below every plane, and the planes face outwards."""
    planes = hull_planes(hull)
    assert (hull.vertices_m @ planes[:, :3].T + planes[:, 3]).max() < 1e-9
    assert hull_volume_m3(hull) > 0


@given(seeds, st.integers(5, 400))
@settings(max_examples=30, deadline=None)
def test_hulls_are_convex_small_and_made_of_given_points(seed: int, count: int) -> None:
    points = np.random.default_rng(seed).normal(size=(count, 3))
    hull = hull_of(points, 64)
    assert_convex(hull)
    assert len(hull.vertices_m) <= 64
    known = {tuple(point) for point in points.tolist()}
    assert all(tuple(vertex) in known for vertex in hull.vertices_m.tolist())


def test_a_reduced_ball_shrinks_by_little() -> None:
    mesh = shapes.ball(0.05)
    reduced = hull_of(mesh.vertices_m, 64)
    assert height_above(reduced, mesh.vertices_m).max() < 0.004
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
