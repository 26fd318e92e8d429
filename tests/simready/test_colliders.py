import numpy as np
import pytest
from tests.simready import shapes

from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.simready.boxes import box_of, hull_of_box
from blueprint.pipeline.simready.colliders import Cut, as_pieces, cut_into_hulls
from blueprint.pipeline.simready.decomposition import Limits
from blueprint.pipeline.simready.fidelity import measure_fidelity
from blueprint.pipeline.simready.hulls import hull_of, hull_volume_m3
from blueprint.pipeline.simready.simplify import clustered
from blueprint.pipeline.simready.solids import solid_of

NEVER = ("false",)
"""A worker that may not be needed."""


def cut(mesh: TriangleMesh, max_hulls: int = 16, worker: tuple[str, ...] = NEVER) -> Cut:
    limits = Limits(max_hulls, 0.05, 16000, 60)
    return cut_into_hulls("thing", solid_of([mesh]), limits, 64, np.random.default_rng(0), worker)


@pytest.mark.parametrize("mesh", [shapes.cylinder(0.03, 0.1), shapes.ball(0.04), shapes.box(0.1, 0.2, 0.3)])
def test_what_is_nearly_convex_is_one_hull_without_any_search(mesh: TriangleMesh) -> None:
    found = cut(mesh)
    assert (found.method, len(found.hulls)) == ("hull", 1)
    assert len(found.hulls[0].vertices_m) <= 64


def test_boards_and_legs_are_kept_as_they_are() -> None:
    found = cut(shapes.table())
    assert (found.method, len(found.hulls)) == ("components", 5)
    assert sum(map(hull_volume_m3, found.hulls)) == pytest.approx(solid_of([shapes.table()]).volume_m3)


def test_a_handle_that_stands_off_is_no_reason_for_one_hull() -> None:
    front = shapes.box(0.6, 0.6, 0.5)
    bar = shapes.moved(shapes.box(0.3, 0.02, 0.02), y_m=-0.36, z_m=0.24)
    found = cut(shapes.joined(front, bar))
    assert len(found.hulls) == 2


def test_crumbs_are_left_out_and_counted() -> None:
    crumbs = [shapes.moved(shapes.box(0.002, 0.002, 0.002), x_m=0.5 + 0.1 * at) for at in range(3)]
    found = cut(shapes.joined(shapes.table(), *crumbs))
    assert len(found.hulls) == 5
    assert found.notes == ("3 loose crumbs left out",)


def test_too_many_pieces_are_joined() -> None:
    slats = [shapes.moved(shapes.box(0.02, 0.3, 0.02), x_m=0.06 * at) for at in range(12)]
    found = cut(shapes.joined(*slats), max_hulls=4)
    assert len(found.hulls) == 4
    assert "12 pieces joined to 4" in found.notes


def test_a_turned_box_is_recognised_and_others_are_not() -> None:
    turn = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    hull = hull_of(shapes.box(0.1, 0.2, 0.3).vertices_m @ turn.T + (1.0, 2.0, 3.0))
    found = box_of(hull)
    assert found is not None
    assert sorted(found.half_extents_m) == pytest.approx([0.05, 0.1, 0.15])
    assert hull_volume_m3(hull_of_box(found)) == pytest.approx(0.006)
    assert box_of(hull_of(shapes.cylinder(0.03, 0.1).vertices_m)) is None
    plain, boxes = as_pieces([hull, hull_of(shapes.ball(0.1).vertices_m)])
    assert (len(plain), len(boxes)) == (1, 1)


def test_fidelity_measures_what_fills_a_cavity_and_what_is_left_bare() -> None:
    cup = solid_of([shapes.cup(0.04, 0.09)])
    filled = measure_fidelity(cup, [hull_of(cup.vertices_m)], np.random.default_rng(1))
    assert filled.beyond_max_m == pytest.approx(0.036, abs=0.006)
    assert filled.uncovered_max_m < 1e-6
    low = hull_of(cup.vertices_m[cup.vertices_m[:, 2] < 0.05])
    assert measure_fidelity(cup, [low], np.random.default_rng(1)).uncovered_max_m == pytest.approx(0.086, abs=0.004)
    cube = shapes.box(1, 1, 1)
    exact = measure_fidelity(solid_of([cube]), [hull_of(cube.vertices_m)], np.random.default_rng(1))
    assert exact.beyond_max_m < 1e-6


def test_coarsening_keeps_the_shape_within_its_cells() -> None:
    ball = shapes.ball(0.05, subdivisions=5)
    vertices, faces = clustered(ball.vertices_m, ball.faces.astype(np.int64), 3000)
    assert 1000 < len(faces) <= 3000
    radius = np.linalg.norm(vertices - (0, 0, 0.05), axis=1)
    assert np.abs(radius - 0.05).max() < 0.003
