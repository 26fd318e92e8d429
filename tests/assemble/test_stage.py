"""The stage as a whole, in real physics."""

from dataclasses import replace

import numpy as np
import pytest
from pxr import Usd
from tests.assemble.conftest import Run

from blueprint.pipeline.assemble.parts import gather_parts, left_out_before, require_graspable
from blueprint.pipeline.assemble.stage import AssembleSettings, assemble
from blueprint.pipeline.errors import NothingUsable
from blueprint.pipeline.scene.edits import SetSemantics
from blueprint.pipeline.scene.meshes import load_mesh
from blueprint.pipeline.scene.poses import angle_between_rad
from blueprint.pipeline.scene.robots import load_robot
from blueprint.pipeline.sims import open_sim
from blueprint.pipeline.sims.planning_world import MujocoPlanningWorld
from blueprint.pipeline.sims.protocols import SceneFiles
from blueprint.pipeline.usd.transforms import world_pose


def test_every_check_passes_and_measures(assembled_run: Run) -> None:
    checks = {check.name: check for check in assembled_run.work.checks}
    assert all(check.passed for check in checks.values()), [check.sentence() for check in checks.values()]
    assert checks["props_in_reach"].value == 3
    assert checks["largest_drift"].value is not None
    assert 1e-6 < checks["largest_drift"].value < 1e-3
    assert checks["largest_furniture_joint_move"].value == pytest.approx(0, abs=1e-3)


def test_what_falls_is_left_out_and_named(assembled_run: Run) -> None:
    manifest = assembled_run.record.manifest
    reasons = {entry.id: entry.reason for entry in manifest.left_out}
    assert list(reasons) == ["spoon", "tea_box"]
    assert reasons["spoon"] == "its mesh has no volume"
    assert "tea_box fell through its support while the scene settled: moved 4" in reasons["tea_box"]
    assert [entry.prop.id for entry in manifest.props] == ["table", "cabinet", "cracker_box", "can", "ell"]
    assert not (assembled_run.record.scene_folder / "assets" / "tea_box").exists()
    warnings = [event.message for event in assembled_run.events if hasattr(event, "message")]
    assert any("tea_box has no support within 0.03 m below it" in message for message in warnings)


def test_a_sunk_prop_is_lifted_onto_its_support(assembled_run: Run) -> None:
    stage = Usd.Stage.Open(str(assembled_run.record.usd_path))
    can = stage.GetPrimAtPath("/World/props/can")
    placement = next(layer for layer in stage.GetLayerStack() if "placement" in layer.identifier)
    put = placement.GetPrimAtPath("/World/props/can")
    assert put.attributes["xformOp:translate"].default[2] == pytest.approx(0.74, abs=1e-9)
    assert "-0.60 mm above it" in put.customData["blueprint"]["pose"]
    assert world_pose(can).position_m[2] == pytest.approx(0.74, abs=3e-4)


def test_the_simulator_starts_where_the_manifest_and_the_stage_have_things(assembled_run: Run) -> None:
    record = assembled_run.record
    sim = open_sim("mujoco", SceneFiles(record.usd_path, record.model_folder, record.manifest))
    sim.reset()
    seen = sim.observe()
    stage = Usd.Stage.Open(str(record.usd_path))
    for entry in record.manifest.props:
        if entry.movable:
            row = sim.body_names.index(f"{entry.prop.id}/body")
            authored = world_pose(stage.GetPrimAtPath(f"{entry.prim_path}/body"))
            assert np.allclose(seen.body_position_m[row], entry.prop.T_world_prop.position_m, atol=1e-5)
            assert angle_between_rad(authored, entry.prop.T_world_prop) < 1e-6
    sim.close()


def test_the_robot_rests_clear_of_everything(assembled_run: Run) -> None:
    record = assembled_run.record
    robot = load_robot(record.manifest.robot.name)
    world = MujocoPlanningWorld(record.model_folder, robot)
    assert world.clearance_m(np.array(robot.arm.home_rad)) >= 0.01
    assert np.allclose(world.T_world_base.matrix(), record.manifest.robot.T_world_base.matrix(), atol=1e-5)
    assert record.manifest.robot.reaches == ("cracker_box", "can", "ell")


def test_the_record_holds_every_mesh_that_its_manifest_names(assembled_run: Run) -> None:
    record = assembled_run.record
    for entry in record.manifest.props:
        for body in entry.prop.bodies:
            for visual in body.visuals:
                assert len(load_mesh((record.folder,), visual.mesh).faces) == visual.mesh.face_count
    assert not (record.folder / "draft").exists()


def test_settling_is_reported(assembled_run: Run) -> None:
    report = assembled_run.record.settle
    assert (report.engine, report.duration_s, report.bound_m) == ("mujoco", 2.0, 0.02)
    assert [settled.prop for settled in report.props] == ["cracker_box", "can", "ell"]
    assert {settled.outcome for settled in report.props} == {"at rest"}


def test_without_anything_to_grasp_each_prop_says_why(assembled_run: Run) -> None:
    inputs = assembled_run.inputs
    parts = {
        name: replace(part, entry=replace(part.entry, semantics=_without_affordances(part.entry.semantics)))
        for name, part in gather_parts(inputs.scan, inputs.articulated, inputs.repaired, inputs.simready).items()
    }
    with pytest.raises(NothingUsable) as caught:
        require_graspable(parts, left_out_before(inputs.scan, inputs.simready))
    assert "no usable graspable object is left" in str(caught.value)
    assert "table: category 'table', role furniture, affordances: none" in str(caught.value)
    assert "spoon: left out: its mesh has no volume" in str(caught.value)
    assert caught.value.exit_code == 2


def _without_affordances(semantics: SetSemantics) -> SetSemantics:
    return replace(semantics, affordances=())


def test_the_robots_files_decide_the_key() -> None:
    files = assemble.foreign(AssembleSettings())
    assert files["robot"].name == "franka_panda.yaml"
    assert (files["robot_asset"] / "franka_panda.usd").is_file()
