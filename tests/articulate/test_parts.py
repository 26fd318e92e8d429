"""Faces find their part, parts their rigid group, and cut meshes hold exactly what was chosen."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.tiny_scans import bracket

from blueprint.pipeline.articulate.parts import base_part, cut_out, group_parts, part_of_each_face
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.predictions import PartPrediction

SOLID = bracket((1.0, 2.0, 0.7))
MESH = TriangleMesh(
    np.asarray(SOLID.vertices),
    np.asarray(SOLID.faces, dtype=np.int32),
    np.asarray(SOLID.vertices)[:, :2].astype(np.float32),
)
PARTS = np.repeat(np.arange(3, dtype=np.int32), 12)


def predicted(order: np.ndarray) -> PartPrediction:
    return PartPrediction(MESH.vertices_m, MESH.faces[order], PARTS[order], (), "p")


def test_the_same_faces_keep_their_parts() -> None:
    ids, how = part_of_each_face(predicted(np.arange(36)), [MESH])
    np.testing.assert_array_equal(ids[0], PARTS)
    assert how == "same faces in the same order"


def test_faces_in_another_order_are_found_by_their_place() -> None:
    ids, how = part_of_each_face(predicted(np.random.default_rng(5).permutation(36)), [MESH])
    np.testing.assert_array_equal(ids[0], PARTS)
    assert how == "nearest face centres"


def test_several_meshes_share_one_prediction() -> None:
    halves = [cut_out(MESH, PARTS == part) for part in range(3)]
    ids, _ = part_of_each_face(predicted(np.arange(36)), halves)
    assert [set(entry.tolist()) for entry in ids] == [{0}, {1}, {2}]


@given(st.lists(st.booleans(), min_size=36, max_size=36).filter(any))
def test_a_cut_keeps_the_surface_it_was_asked_for(chosen: list[bool]) -> None:
    mask = np.array(chosen)
    part = cut_out(MESH, mask)
    np.testing.assert_array_equal(part.vertices_m[part.faces], MESH.vertices_m[MESH.faces[mask]])
    assert part.uv is not None
    assert MESH.uv is not None
    np.testing.assert_array_equal(part.uv[part.faces], MESH.uv[MESH.faces[mask]])
    assert set(np.unique(part.faces)) == set(range(len(part.vertices_m)))


def test_parts_that_do_not_move_join_what_carries_them() -> None:
    parents = {1: 0, 2: 1, 3: 2, 4: 0}
    assert group_parts(parents, [1, 3], [0, 1, 2, 3, 4, 9]) == {0: 0, 1: 1, 2: 1, 3: 3, 4: 0, 9: 0}


def test_circles_and_missing_roots_end_at_the_base() -> None:
    assert base_part({}, [1], [0, 1, 2]) == 0
    assert base_part({0: 1, 1: 0}, [], [0, 1]) == 0
    assert group_parts({0: 1, 1: 0}, [], [0, 1]) == {0: 0, 1: 0}
