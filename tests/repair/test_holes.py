import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.repair import faults

from blueprint.pipeline.repair.holes import close_holes
from blueprint.pipeline.repair.quality import measure_quality
from blueprint.pipeline.repair.topology import topology_of

BALL = faults.ball()


@given(st.sets(st.integers(0, len(BALL.faces) - 1), min_size=1, max_size=6))
@settings(max_examples=30, deadline=None)
def test_small_holes_are_closed_and_the_volume_comes_back(chosen: set[int]) -> None:
    spoiled = faults.without(BALL, np.array(sorted(chosen)))
    done = close_holes(spoiled, 0.05)
    found = measure_quality(done.mesh)
    # Holes that touch in one point are no loop that could be told from another.
    if topology_is_simple(spoiled):
        assert found.boundary_edges == 0
        assert found.volume_m3 == pytest.approx(measure_quality(BALL).volume_m3, rel=0.02)
    assert found.flipped_faces == 0
    assert found.non_manifold_edges == 0


def topology_is_simple(mesh: faults.TriangleMesh) -> bool:
    """Whether no two holes touch."""
    topology = topology_of(mesh)
    rim = topology.sides[topology.sides_on_edge == 1]
    return bool((np.bincount(rim[:, 0]) <= 1).all())


def test_a_bowl_and_a_sheet_stay_open() -> None:
    low = BALL.vertices_m[BALL.faces][:, :, 2].mean(axis=1) < 0.08
    bowl = faults.without(BALL, np.flatnonzero(~low))
    assert measure_quality(bowl).boundary_edges > 0
    assert not close_holes(bowl, 0.01).deeds
    assert not close_holes(faults.without(faults.box(1, 1, 0.02), np.arange(10)), 0.01).deeds


def test_the_cap_shows_the_colours_of_its_rim() -> None:
    can = faults.can()
    hole = np.arange(3000, 3004)
    done = close_holes(faults.without(can, hole), 0.01)
    assert measure_quality(done.mesh).boundary_edges == 0
    assert done.mesh.uv is not None
    assert can.uv is not None
    rim = can.uv[can.faces[hole].reshape(-1)]
    new = done.mesh.uv[len(can.uv) :]
    assert len(new) >= 4
    assert (new >= rim.min(axis=0)).all()
    assert (new <= rim.max(axis=0)).all()


def test_tatters_are_left_alone() -> None:
    scraps = faults.without(BALL, np.arange(0, len(BALL.faces), 3))
    assert not close_holes(scraps, 0.01).deeds
