"""From USD to a model that plain MuJoCo opens."""

from pathlib import Path

import pytest
from tests.sims.scenes import BOX, TABLE, Box, Link, PropPlan, author_scene

from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.sims.model import MJCF_FILE, MODEL_FILE, load_model
from blueprint.pipeline.sims.newton_mujoco import compile as compile_module
from blueprint.pipeline.sims.newton_mujoco.compile import CompileFailed, compile_scene
from blueprint.pipeline.sims.newton_mujoco.load import load_mujoco
from blueprint.pipeline.sims.protocols import SceneFiles

ARM = [f"robot/panda_joint{index}" for index in range(1, 8)]
FINGERS = ["robot/panda_finger_joint1", "robot/panda_finger_joint2"]


def test_maps_name_what_the_model_holds(scene_files: SceneFiles) -> None:
    maps, model = load_mujoco(scene_files.model_folder)
    assert model.opt.timestep == 1 / 240
    assert [servo.joint for servo in maps.actuators] == [*ARM, *FINGERS]
    assert [servo.effort_limit for servo in maps.actuators] == [87] * 4 + [12] * 3 + [40] * 2
    assert {body.name for body in maps.bodies if body.fixed} == {"table/top", "cabinet/frame"}
    assert {joint.prop for joint in maps.free_joints} == {"box", "block"}
    for joint in maps.joints:
        assert model.joint(joint.name).qposadr[0] == joint.qpos_address
        assert model.joint(joint.name).dofadr[0] == joint.dof_address
    for servo in maps.actuators:
        assert model.actuator(servo.joint).id == servo.index
    assert sorted(geom.name for geom in maps.geoms) == sorted(model.geom(g).name for g in range(model.ngeom))
    owners = {geom.name: geom.body for geom in maps.geoms}
    assert owners["/World/props/table/top/piece_0_collider"] == "table/top"
    assert owners["/World/room/floor_collider"] == "room/floor_collider"


def test_the_model_folder_can_be_moved(scene_files: SceneFiles, tmp_path: Path) -> None:
    for name in (MJCF_FILE, MODEL_FILE):
        (tmp_path / name).write_bytes((scene_files.model_folder / name).read_bytes())
    assert load_mujoco(tmp_path)[1].nbody == load_mujoco(scene_files.model_folder)[1].nbody
    text = (tmp_path / MJCF_FILE).read_text()
    assert "file=" not in text
    assert str(scene_files.usd_path.parent) not in text + (tmp_path / MODEL_FILE).read_text()


def test_compiling_again_gives_the_same_bytes(scene_files: SceneFiles, tmp_path: Path) -> None:
    compile_scene(scene_files.usd_path, tmp_path / "again", scene_files.manifest)
    for name in (MJCF_FILE, MODEL_FILE):
        assert (tmp_path / "again" / name).read_bytes() == (scene_files.model_folder / name).read_bytes()
    assert load_model(tmp_path / "again") == load_model(scene_files.model_folder)


def test_a_scene_that_mujoco_refuses_is_a_typed_error(tmp_path: Path) -> None:
    flat = Box((0, 0, 0), (0.1, 0.1, 0.1))
    broken = PropPlan("feather", Pose((0, 0, 1)), (Link("body", (flat,), 1e-30, (1e-40, 1e-40, 1e-40)),))
    usd_path, manifest = author_scene(tmp_path, robot=False, props=(TABLE, BOX, broken))
    with pytest.raises(CompileFailed, match=r"scene\.usda"):
        compile_scene(usd_path, tmp_path / "model", manifest)
    assert not (tmp_path / "model" / MODEL_FILE).exists()


def test_a_child_that_is_killed_is_a_typed_error(
    scene_files: SceneFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compile_module, "DEADLINE_S", 0.01)
    with pytest.raises(CompileFailed, match=r"scene\.usda.*not finished after"):
        compile_scene(scene_files.usd_path, tmp_path / "model", scene_files.manifest)
