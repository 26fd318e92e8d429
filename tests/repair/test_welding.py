from dataclasses import replace

import numpy as np
from tests.repair import faults

from blueprint.pipeline.repair.quality import measure_quality
from blueprint.pipeline.repair.topology import places
from blueprint.pipeline.repair.welding import weld, without_unused


def test_vertices_are_joined_where_place_and_texture_agree() -> None:
    can = faults.can(24, 10)
    done = weld(faults.unwelded(can))
    assert len(done.mesh.vertices_m) == len(can.vertices_m)
    np.testing.assert_allclose(done.mesh.vertices_m[done.mesh.faces], can.vertices_m[can.faces], atol=1e-6)
    assert done.mesh.uv is not None
    assert can.uv is not None
    np.testing.assert_allclose(done.mesh.uv[done.mesh.faces], can.uv[can.faces], atol=1e-6)
    assert measure_quality(done.mesh).boundary_edges == 0


def test_the_two_sides_of_a_seam_come_to_one_place_exactly() -> None:
    can = faults.can(24, 10)
    jitter = np.random.default_rng(3).uniform(-1, 1, can.vertices_m.shape) * 2e-7
    done = weld(replace(can, vertices_m=can.vertices_m + jitter))
    assert len(done.mesh.vertices_m) == len(can.vertices_m)
    assert len(np.unique(done.mesh.vertices_m, axis=0)) == int(places(can.vertices_m, 1e-6).max()) + 1


def test_unused_vertices_go() -> None:
    box = faults.box(0.1, 0.1, 0.1)
    done = without_unused(replace(box, vertices_m=np.vstack([box.vertices_m, np.zeros((5, 3))])))
    assert [deed.words() for deed in done.deeds] == ["5 unused vertices removed"]
    np.testing.assert_array_equal(done.mesh.vertices_m, box.vertices_m)


def test_a_chain_of_near_points_is_one_place_and_places_are_apart() -> None:
    points = np.array([[0.0, 0, 0], [0.9e-6, 0, 0], [1.8e-6, 0, 0], [5e-6, 0, 0]])
    assert places(points, 1e-6).tolist() == [0, 0, 0, 1]
    assert places(np.zeros((0, 3)), 1e-6).tolist() == []
