from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh
from tests.simready import shapes

from blueprint.pipeline.scene.categories import load_categories
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.edits import SetSemantics
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.props import Joint, Prop, Role
from blueprint.pipeline.simready.affordances import Measured, ways
from blueprint.pipeline.simready.cavities import find_cavity, is_hollow
from blueprint.pipeline.simready.grasp_width import measure_grasp_width
from blueprint.pipeline.simready.regions import propose_regions
from blueprint.pipeline.simready.semantics import propose_semantics, role_of
from blueprint.pipeline.simready.solids import solid_of

OPENING_M = 0.078


def semantics(
    folder: Path, mesh: TriangleMesh, category: str, prop: Prop | None = None, **correction: object
) -> SetSemantics:
    entry = load_categories().of(category)
    prop = prop or shapes.prop_of(folder, mesh, category, role=entry.role)
    solid = solid_of([mesh])
    decided = Correction.model_validate({"object": prop.id, **correction})
    cavity = find_cavity(solid)
    cavities = {} if cavity is None else {"body": cavity}
    regions = propose_regions(prop, {"body": solid}, (), cavities)
    grasp = measure_grasp_width(solid, OPENING_M, np.random.default_rng(0))
    role = role_of(prop, decided)
    measured = Measured(prop, role, {"body": solid}, grasp, OPENING_M, cavities, (), regions)
    return propose_semantics(prop, entry, decided, measured)


def test_the_width_between_opposite_faces_is_measured() -> None:
    found = measure_grasp_width(solid_of([shapes.box(0.06, 0.2, 0.3)]), OPENING_M, np.random.default_rng(0))
    assert found is not None
    assert found.typical_m == pytest.approx(0.06, abs=1e-4)


@pytest.mark.parametrize(("width_m", "graspable"), [(0.07, True), (0.09, False)])
def test_what_is_too_wide_is_not_graspable(tmp_path: Path, width_m: float, graspable: bool) -> None:
    found = semantics(tmp_path, shapes.box(width_m, 0.15, 0.2), "cereal_box")
    assert ("graspable" in found.affordances) is graspable
    assert "78 mm" in found.why


def test_only_what_is_open_contains(tmp_path: Path) -> None:
    assert is_hollow(solid_of([shapes.cup()]))
    assert not is_hollow(solid_of([shapes.cylinder(0.04, 0.09)]))
    cup = semantics(tmp_path, shapes.cup(), "mug")
    assert {"containable", "fillable"} <= set(cup.affordances)
    assert cup.parameters["fillable.capacity_l"] == pytest.approx(0.33, abs=0.03)
    solid = semantics(tmp_path, shapes.cylinder(0.03, 0.09), "mug")
    assert not {"containable", "fillable"} & set(solid.affordances)
    assert "not open above" in solid.why


def test_only_what_has_joints_opens(tmp_path: Path) -> None:
    mesh = shapes.box(0.6, 0.6, 0.8)
    prop = shapes.prop_of(tmp_path, mesh, "cabinet", role=Role.FURNITURE)
    assert "openable" not in semantics(tmp_path, mesh, "cabinet", prop).affordances
    joint = Joint("hinge", "revolute", "body", "door", (0, 0, 1), (0, 0, 0), 0.0, 1.5)
    assert "openable" in semantics(tmp_path, mesh, "cabinet", replace(prop, joints=(joint,))).affordances


def test_furniture_is_not_graspable_even_where_it_is_thin(tmp_path: Path) -> None:
    assert "graspable" not in semantics(tmp_path, shapes.table(), "table").affordances


def test_a_person_decides_the_role(tmp_path: Path) -> None:
    found = semantics(tmp_path, shapes.box(0.05, 0.05, 0.1), "box", role="furniture")
    assert found.role is Role.FURNITURE
    assert "set by a person" in found.why


def test_labels_name_the_class_and_its_wikidata_entry(tmp_path: Path) -> None:
    expected = {"class": "mug", "wikidata_qcode": load_categories().of("mug").wikidata}
    assert semantics(tmp_path, shapes.cup(), "mug").labels == expected


def test_a_handle_is_what_a_mug_hangs_by(tmp_path: Path) -> None:
    ring = shapes.mesh_of(trimesh.creation.torus(0.03, 0.006))
    assert "hangable" in semantics(tmp_path, ring, "mug").affordances
    assert "no hole goes through it" in semantics(tmp_path, shapes.cup(), "mug").why


def test_only_what_is_level_at_both_ends_is_stacked(tmp_path: Path) -> None:
    assert "stackable" in semantics(tmp_path, shapes.cylinder(0.033, 0.1), "can").affordances
    assert "stackable" not in semantics(tmp_path, shapes.ball(0.033), "can").affordances


def test_a_closed_bottle_pours_what_it_was_sold_with_and_cannot_be_filled(tmp_path: Path) -> None:
    found = semantics(tmp_path, shapes.cylinder(0.033, 0.2), "bottle")
    assert "pourable" in found.affordances
    assert "fillable" not in found.affordances


@pytest.mark.parametrize(
    ("joint", "expected"),
    [
        (Joint("j", "revolute", "body", "part", (0, 0, 1), (0, 0, 0), 0.0, 1.5), {"openable"}),
        (Joint("j", "prismatic", "body", "part", (0, -1, 0), (0, 0, 0), 0.0, 0.3), {"openable", "slidable"}),
        (Joint("j", "prismatic", "body", "part", (0, -1, 0), (0, 0, 0), 0.0, 0.005), {"pressable"}),
        (Joint("j", "revolute", "body", "part", (0, -1, 0), (0.02, 0, 0.02), 0.0, 3.0), {"turnable"}),
    ],
)
def test_each_joint_says_what_it_is_for(joint: Joint, expected: set[str]) -> None:
    part = shapes.box(0.3, 0.02, 0.4) if joint.origin_m == (0, 0, 0) else shapes.box(0.04, 0.02, 0.04)
    assert set(ways(joint, solid_of([shapes.moved(part, *joint.origin_m[:2])]))) == expected


def test_a_name_is_surer_than_none(tmp_path: Path) -> None:
    box = shapes.box(0.05, 0.05, 0.1)
    assert semantics(tmp_path, box, "box").confidence > semantics(tmp_path, box, "unknown").confidence
    assert semantics(tmp_path, box, "box", role="furniture").confidence == 1.0
