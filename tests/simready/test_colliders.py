import numpy as np
import pytest
from tests.simready import shapes

from blueprint.pipeline.scene.colliders import BoxPiece
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.simready.boxes import box_of
from blueprint.pipeline.simready.colliders import Cut, as_shape, cut_into_pieces
from blueprint.pipeline.simready.decomposition import WORKER, Limits
from blueprint.pipeline.simready.hulls import hull_of, hull_volume_m3
from blueprint.pipeline.simready.primitives import hull_of_primitive
from blueprint.pipeline.simready.simplify import clustered
from blueprint.pipeline.simready.solids import solid_of

NEVER = ("false",)
"""A worker that may not be needed."""


def cut(mesh: TriangleMesh, max_hulls: int = 16, worker: tuple[str, ...] = NEVER) -> Cut:
    limits = Limits(max_hulls, 0.05, 16000, 60)
    return cut_into_pieces("thing", solid_of([mesh]), limits, 64, np.random.default_rng(0), worker)


def test_what_is_nearly_convex_is_one_hull_without_any_search() -> None:
    egg = shapes.ball(0.04)
    found = cut(TriangleMesh(egg.vertices_m * (1.0, 0.8, 1.2), egg.faces))
    assert (found.method, len(found.pieces)) == ("hull", 1)
    assert len(found.hulls[0].vertices_m) <= 64


@pytest.mark.parametrize(
    ("mesh", "kind"),
    [(shapes.cylinder(0.03, 0.1), "cylinder"), (shapes.ball(0.04), "sphere"), (shapes.box(0.1, 0.2, 0.3), "box")],
)
def test_a_primitive_stands_for_what_it_fits(mesh: TriangleMesh, kind: str) -> None:
    found = cut(mesh)
    assert found.method == "primitive"
    assert [getattr(piece, "kind", "hull") for piece in found.pieces] == [kind]


def test_boards_and_legs_are_kept_as_they_are() -> None:
    found = cut(shapes.table())
    assert (found.method, len(found.pieces)) == ("components", 5)
    assert sum(map(hull_volume_m3, found.hulls)) == pytest.approx(solid_of([shapes.table()]).volume_m3)


def test_a_handle_that_stands_off_is_no_reason_for_one_hull() -> None:
    front = shapes.box(0.6, 0.6, 0.5)
    bar = shapes.moved(shapes.box(0.3, 0.02, 0.02), y_m=-0.36, z_m=0.24)
    found = cut(shapes.joined(front, bar))
    assert len(found.pieces) == 2


def test_crumbs_are_left_out_and_counted() -> None:
    crumbs = [shapes.moved(shapes.box(0.002, 0.002, 0.002), x_m=0.5 + 0.1 * at) for at in range(3)]
    found = cut(shapes.joined(shapes.table(), *crumbs))
    assert len(found.pieces) == 5
    assert found.notes == ("3 loose crumbs left out",)


def test_too_many_pieces_are_joined() -> None:
    slats = [shapes.moved(shapes.box(0.02, 0.3, 0.02), x_m=0.06 * at) for at in range(12)]
    found = cut(shapes.joined(*slats), max_hulls=4)
    assert len(found.pieces) == 4
    assert "12 pieces joined to 4" in found.notes


def test_a_turned_box_is_recognised_and_others_are_not() -> None:
    turn = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    hull = hull_of(shapes.box(0.1, 0.2, 0.3).vertices_m @ turn.T + (1.0, 2.0, 3.0))
    found = box_of(hull)
    assert found is not None
    assert sorted(found.half_extents_m) == pytest.approx([0.05, 0.1, 0.15])
    assert hull_volume_m3(hull_of_primitive(found)) == pytest.approx(0.006)
    assert box_of(hull_of(shapes.cylinder(0.03, 0.1).vertices_m)) is None
    assert isinstance(as_shape(hull), BoxPiece)
    assert isinstance(as_shape(hull_of(shapes.ball(0.1).vertices_m)), TriangleMesh)


def test_a_cup_is_turned_and_stays_open() -> None:
    cup = shapes.cup(0.04, 0.09)
    found = cut(cup, max_hulls=31)
    assert found.method == "vessel"
    assert len(found.pieces) <= 31
    assert sum(map(hull_volume_m3, found.hulls)) == pytest.approx(solid_of([cup]).volume_m3, rel=0.05)


def test_a_handle_is_added_to_its_cup() -> None:
    grip = shapes.moved(shapes.box(0.03, 0.008, 0.05), x_m=0.052, z_m=0.02)
    found = cut(shapes.joined(shapes.cup(0.04, 0.09), grip), max_hulls=31, worker=WORKER)
    assert found.method.startswith("vessel+")
    assert max(hull.vertices_m[:, 0].max() for hull in found.hulls) == pytest.approx(0.067, abs=0.002)


def test_coarsening_keeps_the_shape_within_its_cells() -> None:
    ball = shapes.ball(0.05, subdivisions=5)
    vertices, faces = clustered(ball.vertices_m, ball.faces.astype(np.int64), 3000)
    assert 1000 < len(faces) <= 3000
    radius = np.linalg.norm(vertices - (0, 0, 0.05), axis=1)
    assert np.abs(radius - 0.05).max() < 0.003
