"""A prediction is taken as far as a mechanism can have it; every mending is named."""

from pathlib import Path

import numpy as np
import pytest
from tests.articulate import furniture

from blueprint.pipeline.articulate.closed_solids import mesh_of
from blueprint.pipeline.articulate.evidence import BASE, Evidence, Surface, shown_by_shape, told_by_prediction
from blueprint.pipeline.articulate.stage import ArticulateSettings
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.predictions import PartPrediction, PredictedJoint

Edges = list[tuple[int, int]]
BLOCKS = 4


@pytest.fixture
def row_of_blocks() -> TriangleMesh:
    """Return four blocks in a row, one closed surface each."""
    solids = [mesh_of(furniture.block((x, 0, 0), (x + 0.2, 0.2, 0.2)), textured=False) for x in range(BLOCKS)]
    faces = [solid.faces + 8 * number for number, solid in enumerate(solids)]
    return TriangleMesh(np.concatenate([s.vertices_m for s in solids]), np.concatenate(faces).astype(np.int32))


def evidence(tmp_path: Path, mesh: TriangleMesh, edges: Edges, upper: float = 1.0) -> Evidence:
    ids = np.repeat(np.arange(BLOCKS, dtype=np.int32), len(mesh.faces) // BLOCKS)
    joints = tuple(
        PredictedJoint(parent, child, "revolute", (0.0, 0.0, 1.0), (float(child), 0.0, 0.0), 0.0, upper)
        for parent, child in edges
    )
    prediction = PartPrediction(mesh.vertices_m, mesh.faces, ids, joints, "pred.npz")
    prop = furniture.prop_of(mesh, tmp_path)
    return told_by_prediction(prop, prediction, [Surface(mesh)], ArticulateSettings())


def parents(found: Evidence) -> dict[str, str]:
    return {part.joint.child: part.joint.parent for part in found.parts}


def test_a_chain_is_taken_as_it_is(tmp_path: Path, row_of_blocks: TriangleMesh) -> None:
    found = evidence(tmp_path, row_of_blocks, [(0, 1), (1, 2)])
    assert parents(found) == {"hinged_1": BASE, "hinged_2": "hinged_1"}
    assert dict(found.link_of_part) == {0: BASE, 1: "hinged_1", 2: "hinged_2", 3: BASE}
    assert found.remarks == ()


def test_of_two_roots_one_is_held_by_the_other(tmp_path: Path, row_of_blocks: TriangleMesh) -> None:
    found = evidence(tmp_path, row_of_blocks, [(0, 1), (2, 3)])
    assert parents(found) == {"hinged_1": BASE, "hinged_2": BASE}
    assert found.remarks == ("the prediction has 2 roots; part 2 is held by the base, part 0",)


def test_a_circle_is_opened(tmp_path: Path, row_of_blocks: TriangleMesh) -> None:
    found = evidence(tmp_path, row_of_blocks, [(0, 3), (1, 2), (2, 1)])
    assert any("parts 1, 2 of the prediction carry each other in a circle" in text for text in found.remarks)
    assert set(parents(found).values()) <= {BASE, "hinged_1", "hinged_2"}
    alone = evidence(tmp_path, row_of_blocks, [(1, 2), (2, 1)])
    assert any("is the base, so its own joint is left out" in text for text in alone.remarks)
    assert list(parents(alone).values()) == [BASE]


def test_a_joint_without_range_is_refused_by_name(tmp_path: Path, row_of_blocks: TriangleMesh) -> None:
    found = evidence(tmp_path, row_of_blocks, [(0, 1)], upper=0.0)
    assert found.parts == ()
    assert "the revolute joint of part 1 is refused: it moves by only 0 rad" in found.remarks[0]


def test_reversed_limits_are_turned_and_said(tmp_path: Path, row_of_blocks: TriangleMesh) -> None:
    (part,) = evidence(tmp_path, row_of_blocks, [(0, 1)], upper=-1.0).parts
    assert (part.joint.axis[2], part.joint.lower, part.joint.upper) == (-1.0, 0.0, 1.0)
    assert "limits were the wrong way round" in part.why


def test_what_closes_a_hole_belongs_to_the_base(tmp_path: Path) -> None:
    surface = Surface(mesh_of(furniture.block((0, 0, 0), (1, 1, 1)), textured=False), caps=2)
    np.testing.assert_array_equal(surface.labelled(np.ones(10, dtype=np.int32), 0), [1] * 10 + [0, 0])
    assert len(surface.scanned().faces) == 10


def test_shape_is_asked_where_nothing_predicts(tmp_path: Path) -> None:
    mesh = furniture.scanned(furniture.two_doors())
    found = shown_by_shape(furniture.prop_of(mesh, tmp_path), [Surface(mesh)])
    assert list(parents(found)) == ["door_1", "door_2"]
    assert found.ids == ()
