"""Distances in the planning world against distances that can be worked out by hand."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from tests.sims.scenes import BOX_HALF_M, TABLE_TOP_M

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import Robot, load_robot
from blueprint.pipeline.sims.kinematics import ArmKinematics
from blueprint.pipeline.sims.model import MJCF_FILE
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
from blueprint.pipeline.sims.planning_model import MARGIN_M
from blueprint.pipeline.sims.planning_world import MujocoPlanningWorld
from blueprint.pipeline.sims.protocols import SceneFiles

DOWN = (0.0, 1.0, 0.0, 0.0)
FAR = Pose((2.0, 2.0, 0.5))


@pytest.fixture(scope="module")
def robot() -> Robot:
    """The Panda."""
    return load_robot("franka_panda")


@pytest.fixture
def world(scene_files: SceneFiles, robot: Robot) -> MujocoPlanningWorld:
    """The test scene with its loose things out of the way and the gripper open."""
    world = MujocoPlanningWorld(scene_files.model_folder, robot)
    world.move_prop("box", FAR)
    world.move_prop("block", FAR)
    world.set_gripper(robot.gripper.max_width_m)
    return world


@pytest.fixture(scope="module")
def kinematics(scene_files: SceneFiles, robot: Robot) -> ArmKinematics:
    """The arm of the test scene."""
    return ArmKinematics.load(scene_files.model_folder, robot)


def reach(kinematics: ArmKinematics, height_m: float, x_m: float = 0.5) -> np.ndarray:
    """Return joint angles with the tool pointing down at a height above the table."""
    target = Pose((x_m, 0.0, TABLE_TOP_M + height_m), DOWN)
    solution = next(kinematics.solutions(target, kinematics.seeds_toward(target)), None)
    assert solution is not None
    return solution.arm_rad


def test_tool_pose_is_the_simulated_one(world: MujocoPlanningWorld, sim: MujocoSim, robot: Robot) -> None:
    """At the authored start, the planning world and the simulator agree about the hand."""
    hand = sim.body_names.index(f"robot/{robot.tool.link}")
    seen = sim.observe()
    w, x, y, z = seen.body_quat_wxyz[hand].tolist()
    T_world_tcp = Pose((*seen.body_position_m[hand].tolist(),), (w, x, y, z)) @ robot.tool.T_link_tcp
    planned = world.tool_pose(np.array(robot.arm.home_rad))
    assert planned.matrix() == pytest.approx(T_world_tcp.matrix(), abs=1e-6)


def test_distance_to_the_table_falls_with_the_hand(world: MujocoPlanningWorld, kinematics: ArmKinematics) -> None:
    """Lowering the tool by 5 mm takes 5 mm of room, into negative numbers."""
    heights = (0.02, 0.015, 0.01, 0.005)
    distances = [world.clearance_m(reach(kinematics, height)) for height in heights]
    assert np.diff(distances) == pytest.approx([-0.005] * 3, abs=2e-4)
    assert distances[-1] < 0 < distances[0]


def test_far_from_everything_is_the_margin(world: MujocoPlanningWorld, robot: Robot) -> None:
    """Beyond the margin nothing is measured, and no links are named."""
    assert world.nearest(np.array(robot.arm.home_rad)) == (MARGIN_M, "", "")


def test_a_carried_prop_is_part_of_the_robot(world: MujocoPlanningWorld, kinematics: ArmKinematics) -> None:
    """It keeps the distance of its own lowest face, does not hit the fingers, and stays where it is left."""
    T_tcp_box = Pose((0.0, 0.0, 0.01), DOWN)
    world.attach("box", T_tcp_box)
    world.set_gripper(2 * BOX_HALF_M[1])
    high, low = reach(kinematics, 0.1), reach(kinematics, 0.025)
    assert world.clearance_m(high) == MARGIN_M
    # The box's base is its origin, which hangs 1 cm below the tool point.
    distance_m, first, second = world.nearest(low)
    assert distance_m == pytest.approx(0.015, abs=3e-4)
    assert {first, second} == {"box/body", "table/top"}
    world.detach()
    assert world.prop_pose("box").position_m == pytest.approx((0.5, 0.0, TABLE_TOP_M + 0.015), abs=1e-4)


def test_touching_is_allowed_by_name_and_forbidden_again(world: MujocoPlanningWorld, kinematics: ArmKinematics) -> None:
    """A permission holds for exactly the pair that it names."""
    touching = reach(kinematics, 0.002)
    assert world.clearance_m(touching) < 0
    world.allow(world.finger_links, world.links_of("table"))
    assert world.clearance_m(touching) > 0
    world.allow(world.finger_links, world.links_of("table"), allowed=False)
    assert world.clearance_m(touching) < 0


def test_folding_into_itself_is_a_collision(world: MujocoPlanningWorld, robot: Robot) -> None:
    """The hand in the base is seen."""
    folded = np.array([0.0, -1.7, 0.0, -3.0, 0.0, 0.5, 0.8])
    distance_m, first, second = world.nearest(folded)
    assert distance_m < 0
    assert first.startswith("robot/")
    assert second.startswith("robot/")


def test_solids_are_the_simulated_shape(world: MujocoPlanningWorld) -> None:
    """The box's corners in its own frame, whose origin is the centre of its base."""
    corners = world.solids("box")[0].corners_m
    assert corners.min(axis=0) == pytest.approx([-BOX_HALF_M[0], -BOX_HALF_M[1], 0.0], abs=1e-6)
    assert corners.max(axis=0) == pytest.approx([BOX_HALF_M[0], BOX_HALF_M[1], 2 * BOX_HALF_M[2]], abs=1e-6)
    assert world.mass_center_m("box") == pytest.approx([0, 0, BOX_HALF_M[2]], abs=1e-6)


def test_unknown_names_list_what_exists(world: MujocoPlanningWorld) -> None:
    """A misspelt prop is answered with the movable ones."""
    with pytest.raises(UnknownName, match="did you mean 'box'"):
        world.move_prop("bax", FAR)
    with pytest.raises(UnknownName, match="table/top"):
        world.allow(["table/tpo"], ["box/body"])


def test_the_gripper_alone_is_as_near_as_with_an_arm_behind_it(
    world: MujocoPlanningWorld, kinematics: ArmKinematics
) -> None:
    """Where an arm reaches, carrying the gripper there by itself gives the same distance, and leaves all in place."""
    arm = reach(kinematics, 0.02)
    with_arm, first, second = world.nearest(arm)
    assert {first.split("/")[0], second.split("/")[0]} == {"robot", "table"}
    home = np.array(kinematics.robot.arm.home_rad)
    before = world.tool_pose(home)
    alone = world.gripper_clearance_m(Pose((0.5, 0.0, TABLE_TOP_M + 0.02), DOWN), home)
    assert alone == pytest.approx(with_arm, abs=1.2e-3)
    assert world.tool_pose(home) == before
    assert world.nearest(arm)[0] == with_arm


def test_the_gripper_alone_may_be_where_no_arm_reaches(world: MujocoPlanningWorld) -> None:
    home = np.array(world.robot.arm.home_rad)
    assert world.gripper_clearance_m(Pose((5.0, 5.0, 1.0), DOWN), home) == MARGIN_M
    assert world.gripper_clearance_m(Pose((0.5, 0.0, TABLE_TOP_M - 0.02), DOWN), home) < -0.01


def test_what_is_grasped_does_not_count_against_the_gripper(world: MujocoPlanningWorld) -> None:
    world.move_prop("box", Pose((0.5, 0.0, TABLE_TOP_M + 0.2)))
    home, around = np.array(world.robot.arm.home_rad), Pose((0.5, 0.0, TABLE_TOP_M + 0.2), DOWN)
    assert world.gripper_clearance_m(around, home) < MARGIN_M
    assert world.gripper_clearance_m(around, home, world.links_of("box")) == MARGIN_M


def test_the_whole_robot_stands_elsewhere_and_nothing_else(world: MujocoPlanningWorld) -> None:
    elsewhere, home = Pose.from_yaw((-0.7, 0.4, 0.9), 2.1), np.array(world.robot.arm.home_rad)
    T_base_tcp, box = world.T_world_base.inverse() @ world.tool_pose(home), world.prop_pose("box")
    world.stand_at(elsewhere)
    assert np.allclose(world.tool_pose(home).matrix(), (elsewhere @ T_base_tcp).matrix(), atol=1e-5)
    assert world.T_world_base == elsewhere
    assert world.prop_pose("box") == box


def test_looking_where_a_gripper_would_be_changes_nothing_later(
    scene_files: SceneFiles, robot: Robot, tmp_path: Path
) -> None:
    """Worlds are kept from episode to episode: to the last bit, what was asked before must not matter.

    MJCF has six digits, so that a base stands there a little beside where the maps have it.
    """
    folder = shutil.copytree(scene_files.model_folder, tmp_path / "model")
    written = (folder / MJCF_FILE).read_text(encoding="utf-8")
    base = '<body name="robot/panda_link0" '
    assert f"{base}pos=" not in written
    (folder / MJCF_FILE).write_text(written.replace(base, f'{base}pos="3e-07 0 0" '), encoding="utf-8")
    world, home = MujocoPlanningWorld(folder, robot), np.array(robot.arm.home_rad)
    before = world.tool_pose(home)
    world.gripper_clearance_m(Pose((0.5, 0.1, TABLE_TOP_M + 0.2), DOWN), home)
    assert world.tool_pose(home) == before


def test_colliders_of_the_base_move_along(scene_files: SceneFiles, world: MujocoPlanningWorld) -> None:
    home = np.array(world.robot.arm.home_rad)
    table = next(entry for entry in scene_files.manifest.props if not entry.movable)
    x, y, _ = table.prop.T_world_prop.position_m
    world.stand_at(Pose((x, y, 2.0)))
    assert world.clearance_m(home) == MARGIN_M
    # Half a metre below the table's top the arm is in it.
    world.stand_at(Pose((x, y, 0.0)))
    assert world.clearance_m(home) < 0
