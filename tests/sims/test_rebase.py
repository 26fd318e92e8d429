"""A compiled model whose robot stands elsewhere."""

from pathlib import Path

import numpy as np
import pytest

from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import load_robot
from blueprint.pipeline.sims.model import load_model
from blueprint.pipeline.sims.planning_world import MujocoPlanningWorld
from blueprint.pipeline.sims.protocols import SceneFiles
from blueprint.pipeline.sims.rebase import write_rebased_model

ELSEWHERE = Pose.from_yaw((-0.7, 0.4, 0.9), 2.1)


def test_the_whole_robot_moves_and_nothing_else(scene_files: SceneFiles, tmp_path: Path) -> None:
    robot = load_robot("franka_panda")
    write_rebased_model(scene_files.model_folder, tmp_path, robot, ELSEWHERE)
    before = MujocoPlanningWorld(scene_files.model_folder, robot)
    after = MujocoPlanningWorld(tmp_path, robot)
    home = np.array(robot.arm.home_rad)
    for arm_rad in (home, home + 0.2):
        T_base_tcp = before.T_world_base.inverse() @ before.tool_pose(arm_rad)
        expected = (ELSEWHERE @ T_base_tcp).matrix()
        assert np.allclose(after.tool_pose(arm_rad).matrix(), expected, atol=1e-5)
    assert np.allclose(after.T_world_base.matrix(), ELSEWHERE.matrix(), atol=1e-12)
    old, new = load_model(scene_files.model_folder), load_model(tmp_path)
    others = [body for body in old.bodies if not body.name.startswith("robot/")]
    assert others == [body for body in new.bodies if not body.name.startswith("robot/")]
    assert new.qpos == old.qpos


def test_colliders_of_the_base_move_along(scene_files: SceneFiles, tmp_path: Path) -> None:
    robot = load_robot("franka_panda")
    home = np.array(robot.arm.home_rad)
    table = next(entry for entry in scene_files.manifest.props if not entry.movable)
    x, y, _ = table.prop.T_world_prop.position_m
    # Half a metre below a table's top the arm is in it, well above it the arm is clear.
    clear = write_and_measure(scene_files, tmp_path / "above", Pose((x, y, 2.0)), home)
    assert clear == pytest.approx(0.03)
    assert write_and_measure(scene_files, tmp_path / "inside", Pose((x, y, 0.0)), home) < 0


def write_and_measure(files: SceneFiles, folder: Path, T_world_base: Pose, arm_rad: np.ndarray) -> float:
    """Return the arm's clearance from a place."""
    robot = load_robot("franka_panda")
    write_rebased_model(files.model_folder, folder, robot, T_world_base)
    return MujocoPlanningWorld(folder, robot).clearance_m(arm_rad)
