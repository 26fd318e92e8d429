import numpy as np
import pytest
from tests.simready import shapes

from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.simready.solids import solid_of


def unwelded(mesh: TriangleMesh) -> TriangleMesh:
    """Give every face its own vertices, as texture seams do."""
    return TriangleMesh(mesh.vertices_m[mesh.faces].reshape(-1, 3), np.arange(mesh.faces.size).reshape(-1, 3))


def test_seams_are_welded_and_the_volume_is_exact() -> None:
    solid = solid_of([unwelded(shapes.box(0.1, 0.2, 0.3))])
    assert solid.closed
    assert len(solid.vertices_m) == 8
    assert solid.volume_m3 == pytest.approx(0.006)
    assert solid.area_m2 == pytest.approx(0.22)


def test_a_surface_wound_inwards_is_turned() -> None:
    mesh = shapes.ball(0.05)
    solid = solid_of([TriangleMesh(mesh.vertices_m, mesh.faces[:, ::-1])])
    assert solid.volume_m3 > 0


def test_a_small_hole_is_closed_and_said() -> None:
    mesh = shapes.ball(0.05)
    whole = solid_of([mesh])
    solid = solid_of([TriangleMesh(mesh.vertices_m, mesh.faces[5:])])
    assert solid.closed
    assert solid.volume_m3 == pytest.approx(whole.volume_m3, rel=0.02)
    assert solid.patched_m2 > 0


def test_half_a_surface_stays_open_unless_it_is_a_link_cut_from_a_shell() -> None:
    board = shapes.box(0.4, 0.02, 0.6)
    front = np.flatnonzero(~np.isclose(board.vertices_m[board.faces][:, :, 1], 0.01).all(axis=1))
    sheet = TriangleMesh(board.vertices_m, board.faces[front])
    assert not solid_of([sheet]).closed
    link = solid_of([sheet], patched_at_most=0.5)
    assert link.closed
    assert link.volume_m3 == pytest.approx(0.4 * 0.02 * 0.6)


def test_components_are_found_largest_first() -> None:
    pieces = solid_of([shapes.table()]).components()
    assert len(pieces) == 5
    assert np.ptp(pieces[0].vertices_m, axis=0) == pytest.approx([1.2, 0.7, 0.03])
