from dataclasses import replace

import numpy as np
import pytest
from tests.repair import faults

from blueprint.pipeline.repair.decimation import simplify
from blueprint.pipeline.repair.losses import Limits, Original
from blueprint.pipeline.repair.nearness import Surface
from blueprint.pipeline.repair.quality import measure_quality
from blueprint.pipeline.repair.texture_parts import part_of_vertex
from blueprint.pipeline.scene.meshes import TriangleMesh

LIMITS = Limits(0.0005, 2.0)
CAN = faults.can(64, 48)


def bumpy(subdivisions: int = 4, seed: int = 1) -> TriangleMesh:
    """Return a ball with waves on it."""
    ball = faults.ball(0.05, subdivisions)
    phase = np.random.default_rng(seed).uniform(0, 6, 3)
    return replace(ball, vertices_m=ball.vertices_m * (1 + 0.02 * np.sin(200 * ball.vertices_m + phase)))


def test_the_budget_is_kept_where_the_surface_allows_it() -> None:
    found = simplify(CAN, 1000, LIMITS, 1024)
    assert found is not None
    assert 990 <= len(found.mesh.faces) <= 1000
    assert found.loss.deviation_m <= LIMITS.deviation_m
    assert found.mesh.deviation_m == pytest.approx(found.loss.deviation_m, abs=1e-9)
    np.testing.assert_array_equal(found.mesh.bounds_m(), CAN.bounds_m())
    before, after = measure_quality(CAN), measure_quality(found.mesh)
    assert (after.boundary_edges, after.non_manifold_edges, after.component_count) == (0, 0, 1)
    assert after.degenerate_faces == after.flipped_faces == after.duplicate_vertices == 0
    assert after.volume_m3 == pytest.approx(before.volume_m3, rel=0.02)


def test_what_is_shown_stays_where_it_was_and_seams_survive() -> None:
    found = simplify(CAN, 1000, LIMITS, 1024)
    assert found is not None
    assert found.loss.texture_shift_px is not None
    assert found.loss.texture_shift_px <= LIMITS.texture_shift_px
    assert int(part_of_vertex(found.mesh).max()) == int(part_of_vertex(CAN).max()) == 2
    # The texture of the can's side says where a point is; judge each face's middle by that.
    assert found.mesh.uv is not None
    uv = found.mesh.uv[found.mesh.faces].mean(axis=1)
    side = (found.mesh.uv[found.mesh.faces][:, :, 1] >= 0.5).all(axis=1)
    middle = found.mesh.vertices_m[found.mesh.faces].mean(axis=1)
    angle = np.arctan2(middle[side, 1], middle[side, 0])
    off = np.abs((angle / (2 * np.pi) - uv[side, 0] + 0.5) % 1.0 - 0.5)
    assert np.quantile(off, 0.95) * 1024 < LIMITS.texture_shift_px
    assert np.abs((middle[side, 2] / 0.12) - (uv[side, 1] - 0.5) * 2).max() < 0.01


def test_without_its_seams_the_texture_would_count_as_shifted() -> None:
    assert CAN.uv is not None
    shifted = replace(CAN, uv=(CAN.uv + np.float32(0.01)).astype(np.float32))
    loss = Original(CAN, LIMITS, 1024).loss_of(shifted)
    assert loss.deviation_m == pytest.approx(0, abs=1e-9)
    assert loss.texture_shift_px == pytest.approx(0.01 * np.sqrt(2) * 1024, rel=0.05)
    assert not loss.within(LIMITS)


@pytest.mark.parametrize("limit_m", [3e-4, 6e-4])
def test_the_deviation_stops_before_the_budget(limit_m: float) -> None:
    mesh = bumpy()
    found = simplify(mesh, 100, Limits(limit_m, 2.0), None)
    assert found is not None
    assert 100 < len(found.mesh.faces) < 0.9 * len(mesh.faces)
    # Judged by the triangles themselves, not by samples: no vertex of either lies farther from the other.
    for one, other in ((mesh, found.mesh), (found.mesh, mesh)):
        surface = Surface(other, np.zeros((len(other.faces), 0)))
        points = one.vertices_m
        assert surface.nearest(points, np.zeros((len(points), 0))).distance_m.max() <= limit_m
    finer = simplify(mesh, 100, Limits(limit_m / 2, 2.0), None)
    assert finer is None or len(finer.mesh.faces) > len(found.mesh.faces)


def test_what_was_simplified_once_is_not_simplified_again() -> None:
    found = simplify(bumpy(), 100, LIMITS, None)
    assert found is not None
    assert simplify(found.mesh, 100, LIMITS, None) is None


def test_open_rims_stay_where_they_are() -> None:
    ball = faults.ball(0.05, 4)
    low = ball.vertices_m[ball.faces][:, :, 2].mean(axis=1) < 0.05
    bowl = faults.without(ball, np.flatnonzero(~low))
    found = simplify(bowl, 1400, LIMITS, None)
    assert found is not None
    assert measure_quality(found.mesh).boundary_edges == measure_quality(bowl).boundary_edges


def test_a_flat_plate_costs_nothing() -> None:
    grid = np.stack(np.meshgrid(np.linspace(0, 1, 21), np.linspace(0, 1, 21)), axis=-1).reshape(-1, 2)
    corner = np.arange(21 * 21).reshape(21, 21)
    a, b, c, d = (corner[i : 20 + i, j : 20 + j].reshape(-1) for i, j in ((0, 0), (0, 1), (1, 1), (1, 0)))
    faces = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)]).astype(np.int32)
    plate = TriangleMesh(np.column_stack([grid, np.zeros(len(grid))]), faces)
    found = simplify(plate, 150, LIMITS, None)
    assert found is not None
    assert found.mesh.deviation_m > 0
    assert found.loss.deviation_m == pytest.approx(0, abs=1e-9)
    assert measure_quality(found.mesh).area_m2 == pytest.approx(1.0)


def test_it_gives_the_same_every_time() -> None:
    one, other = (simplify(CAN, 2000, LIMITS, 512) for _ in range(2))
    assert one is not None
    assert other is not None
    np.testing.assert_array_equal(one.mesh.faces, other.mesh.faces)
    np.testing.assert_array_equal(one.mesh.vertices_m, other.mesh.vertices_m)


def test_nearness_is_exact_against_a_plane_and_a_corner() -> None:
    triangle = TriangleMesh(np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0.0]]), np.array([[0, 1, 2]], dtype=np.int32))
    points = np.array([[0.2, 0.2, 0.5], [-1, -1, 0], [2, 0, 0], [1, 1, 0], [0.5, -1, 1]])
    found = Surface(triangle, np.zeros((1, 0))).nearest(points, np.zeros((5, 0)))
    np.testing.assert_allclose(found.distance_m, [0.5, np.sqrt(2), 1, np.sqrt(0.5), np.sqrt(2)])
