import numpy as np
import pytest
from tests.repair import faults

from blueprint.pipeline.repair import collapses
from blueprint.pipeline.repair.collapses import collapse
from blueprint.pipeline.repair.net import Net
from blueprint.pipeline.repair.quadrics import quadrics
from blueprint.pipeline.repair.topology import Topology, in_order_of_keys
from blueprint.pipeline.scene.meshes import TriangleMesh


def face_counts(mesh: TriangleMesh, budget: int) -> list[int]:
    """Return how many faces each round leaves; no round may open or cross the surface."""
    faces, count = mesh.faces.astype(np.int64), len(mesh.vertices_m)
    costs = quadrics(mesh.vertices_m, faces, np.zeros((len(faces), 3), dtype=np.bool_))
    net = Net(faces, mesh.vertices_m, np.arange(count), np.zeros(count, dtype=np.bool_))
    counts = [len(faces)]
    for left in collapse(net, costs, budget):
        assert Topology(left, count).edge_counts() == (0, 0)
        counts.append(len(left))
    return counts


def test_rounds_take_time_in_proportion_to_the_faces() -> None:
    small, large = (face_counts(faults.ball(0.05, subdivisions), 500) for subdivisions in (4, 6))
    assert small[-1] in (499, 500)
    assert large[-1] in (499, 500)
    for counts in (small, large):
        # What all rounds together look at is a bounded multiple of the faces, whatever their number.
        assert sum(counts[:-1]) < 11 * counts[0]


def test_work_is_given_up_where_it_would_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    ball = faults.ball(0.05, 4)
    full = face_counts(ball, 500)
    monkeypatch.setattr(collapses, "_WORK", 2 * len(ball.faces))
    cut = face_counts(ball, 500)
    assert 500 < cut[-1]
    assert cut == full[: len(cut)]
    assert sum(cut[:-2]) <= 2 * len(ball.faces)


def test_sorting_by_columns_is_stable() -> None:
    keys = np.random.default_rng(3).integers(0, 40, 500)
    begins, order = in_order_of_keys(keys, 50)
    np.testing.assert_array_equal(order, np.argsort(keys, kind="stable"))
    np.testing.assert_array_equal(np.diff(begins), np.bincount(keys, minlength=50))
    assert [len(part) for part in in_order_of_keys(keys[:0], 3)] == [4, 0]
