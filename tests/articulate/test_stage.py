"""A prediction beside the scan becomes links and joints in metres; without one, only what shape shows."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import trimesh
from tests.formats.tiny_scans import CAN, MUG, TABLE, Thing, write_prediction, write_run
from tests.ingest.run_ingest import run_both

from blueprint.pipeline.articulate.stage import ArticulateSettings
from blueprint.pipeline.scene.articulation import edited_prop
from blueprint.pipeline.scene.edits import AddJoint, Edit, SplitBody
from blueprint.pipeline.scene.meshes import load_mesh
from blueprint.pipeline.scene.records import Articulated
from blueprint.pipeline.scene.slugs import unique_identifiers

CABINET = Thing("cabinet", (0.6, 0.9, 0.5), (0.2, 1.8, 0.0), yaw_rad=0.3, centre_px=(7, 8))
PARTS = np.repeat(np.array([0, 1, 2], dtype=np.int32), 12)
# Metres in the mesh's own frame: Y up, centred on the box.
HINGE_POINT, HINGE_AXIS = np.array([0.25, 0.0, 0.2]), np.array([0.0, 1.0, 0.0])


def fields() -> dict[str, np.ndarray]:
    """Part 1 slides to the front by 0.3 m, part 2 turns about an upright hinge."""
    longest = max(CABINET.size_m)
    to_z_up = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
    axis, point = to_z_up @ HINGE_AXIS, to_z_up @ HINGE_POINT / longest
    return {
        "motion_hierarchy": np.array([[0, 1], [0, 2]]),
        "is_part_revolute": np.array([False, False, True]),
        "is_part_prismatic": np.array([False, True, False]),
        "revolute_plucker": np.stack([np.zeros(6), np.zeros(6), np.concatenate([axis, np.cross(axis, point)])]),
        "revolute_range": np.array([[0, 0], [0, 0], [0, 1.2]]),
        "prismatic_axis": np.array([[0, 0, 0], [0, -1.0, 0], [0, 0, 0]]),
        "prismatic_range": np.array([[0, 0], [0, 0.3 / longest], [0, 0]]),
    }


def edits_of(articulated: Articulated, prop: str = "cabinet_7_8") -> tuple[Edit, ...]:
    return articulated.props()[prop].edits


def scan_with_prediction(folder: Path, *, posed: bool = False, **changes: np.ndarray) -> Path:
    run = write_run(folder, [CABINET, MUG])
    mesh = trimesh.load(
        run / f"output/{'glb' if posed else '3D/' + CABINET.key}/{CABINET.key}.glb", process=False, force="mesh"
    )
    write_prediction(run / f"particulate/{CABINET.key}/eval", mesh, PARTS, {**fields(), **changes})
    return run


def test_a_prediction_becomes_links_and_joints_in_metres(tmp_path: Path) -> None:
    scan, articulated, warnings = run_both(
        scan_with_prediction(tmp_path / "run"), tmp_path / "store", measurements=("cabinet_7_8.height=0.9",)
    )
    prop = scan.scan.prop("cabinet_7_8")
    split, slide, hinge = edits_of(articulated)
    assert isinstance(split, SplitBody)
    assert isinstance(slide, AddJoint)
    assert isinstance(hinge, AddJoint)
    assert [body.name for body in split.parts] == ["base", "sliding_1", "hinged_1"]
    assert sum(body.visuals[0].mesh.face_count for body in split.parts) == prop.bodies[0].visuals[0].mesh.face_count
    np.testing.assert_allclose(slide.joint.axis, (0, -1, 0), atol=1e-4)
    assert (slide.joint.lower, slide.joint.upper) == (0.0, pytest.approx(0.3, rel=1e-3))
    np.testing.assert_allclose(hinge.joint.axis, (0, 0, 1), atol=1e-4)
    np.testing.assert_allclose(hinge.joint.origin_m[:2], (0.25, -0.2), atol=1e-3)
    assert (hinge.joint.parent, hinge.joint.child, hinge.joint.upper) == ("base", "hinged_1", pytest.approx(1.2))
    assert hinge.why.startswith(f"particulate/{CABINET.key}/eval/pred.npz: predicted: hinged_1 turns")
    made = edited_prop(prop, edits_of(articulated))
    assert [joint.name for joint in made.joints] == ["sliding_1_joint", "hinged_1_joint"]
    parts = [load_mesh([articulated.props()[prop.id].folder], body.visuals[0].mesh) for body in made.bodies]
    assert sum(len(part.faces) for part in parts) == 36
    # The made-up hinge leads one block through another, and that is said.
    assert len(warnings) == 1
    assert "hinged_1_joint takes its part" in warnings[0]


def test_a_prediction_for_the_posed_mesh_gives_the_same(tmp_path: Path) -> None:
    told = {"measurements": ("cabinet_7_8.height=0.9",)}
    _, canonical, _ = run_both(scan_with_prediction(tmp_path / "run"), tmp_path / "store", **told)
    run = write_run(tmp_path / "posed/run", [CABINET, MUG])
    mesh = trimesh.load(run / f"output/glb/{CABINET.key}.glb", process=False, force="mesh")
    write_prediction(
        run / f"output/3D/{CABINET.key}", mesh, PARTS, {**fields(), "prismatic_range": np.tile([0, 0.1], (3, 1))}
    )
    _, posed, _ = run_both(run, tmp_path / "store2", **told)
    first, second = edits_of(canonical)[0], edits_of(posed)[0]
    assert isinstance(first, SplitBody)
    assert isinstance(second, SplitBody)
    assert [b.visuals[0].mesh.face_count for b in first.parts] == [b.visuals[0].mesh.face_count for b in second.parts]


def test_without_a_prediction_nothing_is_invented(tmp_path: Path) -> None:
    _, articulated, warnings = run_both(write_run(tmp_path / "run", [TABLE, MUG, CAN]), tmp_path / "store")
    assert [record.edits for record in articulated.props().values()] == [(), (), ()]
    assert warnings == []


def test_predictions_can_be_switched_off(tmp_path: Path) -> None:
    run = scan_with_prediction(tmp_path / "run")
    _, articulated, _ = run_both(run, tmp_path / "store", ArticulateSettings(enabled=False))
    assert edits_of(articulated) == ()


def test_an_impossible_joint_leaves_its_part_with_the_base(tmp_path: Path) -> None:
    endless = np.array([[0, 0], [0, 0], [0, np.inf]])
    _, articulated, warnings = run_both(
        scan_with_prediction(tmp_path / "run", revolute_range=endless), tmp_path / "store"
    )
    split = edits_of(articulated)[0]
    assert isinstance(split, SplitBody)
    assert [body.name for body in split.parts] == ["base", "sliding_1"]
    assert split.parts[0].visuals[0].mesh.face_count == 24
    assert any("revolute joint of part 2 is refused" in text for text in warnings)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"prismatic_range": np.zeros((3, 5))}, r"prismatic_range has shape \(3, 5\)"),
        ({"face_part_ids": np.array([{}], dtype=object)}, "not an archive of plain arrays"),
    ],
)
def test_a_damaged_prediction_costs_the_joints_and_not_the_object(
    tmp_path: Path, changes: dict[str, np.ndarray], complaint: str
) -> None:
    scan, articulated, warnings = run_both(scan_with_prediction(tmp_path / "run", **changes), tmp_path / "store")
    assert edits_of(articulated) == ()
    assert any(re.search(complaint, text) for text in warnings)
    assert "is not used" in scan.scan.prop("cabinet_7_8").review[0]


def test_a_prediction_for_another_mesh_is_not_used(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", [CABINET, MUG])
    write_prediction(run / f"particulate/{CABINET.key}/eval", Thing("x", (9, 9, 9), (0, 0, 0)).mesh, PARTS, fields())
    scan, articulated, _ = run_both(run, tmp_path / "store")
    assert edits_of(articulated) == ()
    assert "speaks of another mesh" in scan.scan.prop("cabinet_7_8").review[0]


@pytest.mark.shared
def test_the_cabinets_joints_match_the_truth(shared_scans: Path, tmp_path: Path) -> None:
    folder = shared_scans / "kitchen_cabinet"
    check_against_truth(folder, tmp_path, "cabinet__(480, 585)", measurement="cabinet_480_585.height=0.8612")


def test_the_sample_kitchens_joints_match_its_truth(repository: Path, tmp_path: Path) -> None:
    folder = repository / "data/scans/kitchen"
    objects = json.loads((folder / "truth.json").read_text())["objects"]
    (key,) = [key for key, entry in objects.items() if entry.get("joints")]
    height_m = objects[key]["size_m"][1]
    identifier = unique_identifiers([key])[key]
    check_against_truth(folder, tmp_path, key, measurement=f"{identifier}.height={height_m}")


def check_against_truth(folder: Path, tmp_path: Path, key: str, measurement: str) -> None:
    truth = json.loads((folder / "truth.json").read_text())["objects"][key]
    scan, articulated, _ = run_both(folder, tmp_path / "store", measurements=(measurement,))
    prop = scan.scan.prop(unique_identifiers([key])[key])
    T = np.array(truth["T_world_object"])
    low = np.array(truth["world_aabb_m"]).min(axis=0)
    joints = {edit.joint.kind: edit.joint for edit in edits_of(articulated, prop.id) if isinstance(edit, AddJoint)}
    assert len(joints) == len(truth["joints"])
    for wanted in truth["joints"]:
        joint = joints[wanted["type"]]
        # Truth is in the mesh's frame (Y up); ours is turned to Z up, with the origin at the base.
        axis = np.array(wanted["axis"]["object"])[[0, 2, 1]] * [1, -1, 1]
        direction = float(np.sign(np.dot(joint.axis, axis)))
        assert np.degrees(np.arccos(min(1.0, abs(float(np.dot(joint.axis, axis)))))) < 1.0
        limits = sorted(direction * np.array([joint.lower, joint.upper]))
        span = max(abs(value) for value in wanted.get("range_rad", wanted.get("range_m")))
        np.testing.assert_allclose(limits, wanted.get("range_rad", wanted.get("range_m")), atol=0.02 * span)
        if wanted["type"] == "revolute":
            point = np.array(wanted["point"]["object"])[[0, 2, 1]] * [1, -1, 1]
            height = T[2, 3] - low[2]
            gap = np.subtract(joint.origin_m, np.add(point, (0, 0, height)))
            across = gap - np.dot(gap, axis) * axis
            assert np.linalg.norm(across) < 0.005
    assert prop.role.value == "furniture"
