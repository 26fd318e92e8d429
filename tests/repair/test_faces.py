import numpy as np
import pytest
from tests.repair import faults

from blueprint.pipeline.repair.faces import without_collapsed, without_copies, without_inner_walls
from blueprint.pipeline.repair.quality import measure_quality
from blueprint.pipeline.scene.meshes import TriangleMesh

BALL = faults.ball(subdivisions=2)


def test_collapsed_faces_go() -> None:
    corners = BALL.faces[:4, [0, 0, 1]]
    done = without_collapsed(faults.added(BALL, corners))
    assert [deed.words() for deed in done.deeds] == ["4 faces without area removed"]
    np.testing.assert_array_equal(done.mesh.faces, BALL.faces)


def test_of_equal_faces_the_first_stays_however_they_begin() -> None:
    done = without_copies(faults.added(BALL, np.roll(BALL.faces[:7], 1, axis=1)))
    assert [deed.words() for deed in done.deeds] == ["7 duplicate faces removed"]
    np.testing.assert_array_equal(done.mesh.faces, BALL.faces)


def test_the_wall_between_two_boxes_goes_and_one_solid_is_left() -> None:
    lower = faults.box(0.1, 0.1, 0.1)
    upper = TriangleMesh(lower.vertices_m * [1, 1, -1] + [0, 0, 0.2], lower.faces[:, ::-1])
    pair = faults.joined(lower, upper)
    assert measure_quality(pair).non_manifold_edges > 0
    done = without_inner_walls(pair)
    assert done.deeds[0].count == 4
    found = measure_quality(done.mesh)
    assert (found.non_manifold_edges, found.boundary_edges, found.component_count) == (0, 0, 1)
    assert found.volume_m3 == pytest.approx(0.002)


def test_a_sheet_with_two_sides_and_a_leaf_on_a_box_stay() -> None:
    sheet = TriangleMesh(np.eye(3), np.array([[0, 1, 2], [2, 1, 0]], dtype=np.int32))
    assert not without_inner_walls(sheet).deeds
    box = faults.box(0.1, 0.1, 0.1)
    tip = len(box.vertices_m)
    leaf = np.array([[*box.faces[0, :2], tip], [*box.faces[0, 1::-1], tip]])
    with_leaf = TriangleMesh(np.vstack([box.vertices_m, [0, 0, 0.3]]), np.vstack([box.faces, leaf]).astype(np.int32))
    assert not without_inner_walls(with_leaf).deeds
