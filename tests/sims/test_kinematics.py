"""Inverse kinematics against Franka's documented kinematics, written down here a second time."""

import mink
import mujoco
import numpy as np
import pytest

from blueprint.pipeline.scene.poses import Pose, angle_between_rad, multiply_quats
from blueprint.pipeline.scene.robots import Robot, load_robot
from blueprint.pipeline.sims.kinematics import (
    FEW_JOINTS_TOLERANCE_RAD,
    POSITION_TOLERANCE_M,
    ROTATION_TOLERANCE_RAD,
    TOOL_SITE,
    ArmKinematics,
    arm_model,
)
from blueprint.pipeline.sims.protocols import SceneFiles

# Franka Control Interface documentation, "Denavit-Hartenberg parameters" (Craig's convention): a, d, alpha.
DH = (
    (0.0, 0.333, 0.0),
    (0.0, 0.0, -np.pi / 2),
    (0.0, 0.316, np.pi / 2),
    (0.0825, 0.0, np.pi / 2),
    (-0.0825, 0.384, -np.pi / 2),
    (0.0, 0.0, np.pi / 2),
    (0.088, 0.0, np.pi / 2),
)
FLANGE_M, HAND_TURN_RAD, FINGERTIP_M = 0.107, -np.pi / 4, 0.1034
DOWN = (0.0, 1.0, 0.0, 0.0)
FIVE_JOINTS = f"""<mujoco><worldbody><body><inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/><joint axis="0 0 1"/>
<body pos="0 0 0.1"><inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/><joint axis="0 1 0"/>
<body pos="0 0 0.12"><inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/><joint axis="0 1 0"/>
<body pos="0.13 0 0"><inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/><joint axis="0 1 0"/>
<body pos="0.1 0 0" quat="0.7071 0 0.7071 0"><inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/><joint axis="0 0 1"/>
<site name="{TOOL_SITE}"/></body></body></body></body></body></worldbody></mujoco>"""


@pytest.fixture(scope="module")
def robot() -> Robot:
    """The Panda."""
    return load_robot("franka_panda")


@pytest.fixture(scope="module")
def kinematics(scene_files: SceneFiles, robot: Robot) -> ArmKinematics:
    """The arm cut out of the test scene."""
    return ArmKinematics.load(scene_files.model_folder, robot)


def documented_tool_pose(arm_rad: np.ndarray) -> np.ndarray:
    """Return T_base_tcp (4, 4) from the documented parameters."""
    T = np.eye(4)
    for (a, d, alpha), theta in zip(DH, arm_rad, strict=True):
        ca, sa, ct, st = np.cos(alpha), np.sin(alpha), np.cos(theta), np.sin(theta)
        T = T @ np.array(
            [[ct, -st, 0, a], [st * ca, ct * ca, -sa, -d * sa], [st * sa, ct * sa, ca, d * ca], [0, 0, 0, 1]]
        )
    c, s = np.cos(HAND_TURN_RAD), np.sin(HAND_TURN_RAD)
    return T @ np.array([[c, -s, 0, 0], [s, c, 0, 0], [0, 0, 1, FLANGE_M + FINGERTIP_M], [0, 0, 0, 1]])


def test_forward_kinematics_are_the_documented_ones(kinematics: ArmKinematics, robot: Robot) -> None:
    """All over the joint ranges, within what a text format rounds."""
    rng = np.random.default_rng(3)
    for _ in range(50):
        arm_rad = rng.uniform(robot.arm.lower_rad, robot.arm.upper_rad)
        assert kinematics.tool_pose(arm_rad).matrix() == pytest.approx(documented_tool_pose(arm_rad), abs=2e-5)


def test_solutions_reach_their_target(kinematics: ArmKinematics, robot: Robot) -> None:
    """Random reachable poses: what is returned reaches them by the documented kinematics, and lies within limits."""
    rng = np.random.default_rng(4)
    solved = 0
    for _ in range(40):
        target = kinematics.tool_pose(rng.uniform(robot.arm.lower_rad, robot.arm.upper_rad) * 0.9)
        for solution in kinematics.solutions(target, kinematics.seeds_toward(target)):
            reached = Pose.from_matrix(documented_tool_pose(solution.arm_rad))
            assert np.linalg.norm(np.subtract(reached.position_m, target.position_m)) < POSITION_TOLERANCE_M + 1e-4
            assert angle_between_rad(reached, target) < ROTATION_TOLERANCE_RAD + 1e-4
            assert (solution.arm_rad >= robot.arm.lower_rad).all()
            assert (solution.arm_rad <= robot.arm.upper_rad).all()
            solved += 1
    assert solved >= 40


def test_poses_in_front_are_solved(kinematics: ArmKinematics) -> None:
    """Every top-down pose on a table in front of the arm has a solution."""
    rng = np.random.default_rng(5)
    for _ in range(60):
        radius_m, bearing, yaw = rng.uniform(0.35, 0.65), rng.uniform(-1.2, 1.2), rng.uniform(-1.5, 1.5)
        turned = multiply_quats((np.cos(yaw / 2), 0.0, 0.0, np.sin(yaw / 2)), DOWN)
        target = Pose((radius_m * np.cos(bearing), radius_m * np.sin(bearing), rng.uniform(0.02, 0.2)), turned)
        assert any(kinematics.solutions(target, kinematics.seeds_toward(target)))


def test_out_of_reach_is_none(kinematics: ArmKinematics) -> None:
    """Two metres away nothing is returned, rather than the nearest miss."""
    target = Pose((2.0, 0.0, 0.3), DOWN)
    assert not any(kinematics.solutions(target, kinematics.seeds_toward(target)))


def test_solving_repeats(kinematics: ArmKinematics, robot: Robot) -> None:
    """What was solved before leaves no trace."""
    home = np.array(robot.arm.home_rad)
    target, other = Pose((0.5, 0.1, 0.2), DOWN), Pose((0.4, -0.3, 0.1), DOWN)
    first = kinematics.solve(target, home)
    kinematics.solve(other, home)
    again = kinematics.solve(target, home)
    assert first is not None
    assert again is not None
    assert np.array_equal(first.arm_rad, again.arm_rad)


def test_jacobian_equals_finite_differences(kinematics: ArmKinematics, robot: Robot) -> None:
    """Linear rows, column by column."""
    arm_rad, step = np.array(robot.arm.home_rad), 1e-6
    jacobian = kinematics.jacobian(arm_rad)
    for joint in range(len(arm_rad)):
        moved = arm_rad + step * np.eye(len(arm_rad))[joint]
        ahead, here = kinematics.tool_pose(moved).position_m, kinematics.tool_pose(arm_rad).position_m
        assert np.subtract(ahead, here) / step == pytest.approx(jacobian[:3, joint], abs=1e-5)


def test_solutions_are_where_an_independent_solver_goes(scene_files: SceneFiles, robot: Robot) -> None:
    """Mink's quadratic programme from the same seeds: what it reaches is reached, on the same branch of postures."""
    model = arm_model(scene_files.model_folder, robot)
    kinematics, configuration = ArmKinematics(model, robot), mink.Configuration(model)
    tool = mink.FrameTask(TOOL_SITE, "site", position_cost=1.0, orientation_cost=1.0, lm_damping=1e-4)
    limits = [mink.ConfigurationLimit(model, min_distance_from_limits=0.02)]
    rng, home = np.random.default_rng(6), np.array(robot.arm.home_rad)
    for _ in range(30):
        goal_rad = home + rng.uniform(-0.3, 0.3, len(home))
        target = kinematics.tool_pose(goal_rad)
        tool.set_target(mink.SE3(np.array([*target.quat_wxyz, *target.position_m])))
        configuration.update(home)
        for _ in range(40):
            configuration.integrate_inplace(mink.solve_ik(configuration, [tool], 0.1, "daqp", limits=limits), 0.1)
        solution = kinematics.solve(target, home)
        assert solution is not None
        assert np.abs(solution.arm_rad - configuration.q).max() < 0.1


def test_an_arm_of_five_joints_comes_to_the_place_and_nearly_to_the_attitude() -> None:
    jaw = load_robot("so101")
    at_rad = np.array(jaw.arm.home_rad)
    kinematics = ArmKinematics(mujoco.MjModel.from_xml_string(FIVE_JOINTS), jaw)
    home = kinematics.tool_pose(at_rad)
    sideways = kinematics.solve(home @ _turned_about_x(0.05), at_rad)
    assert sideways is not None
    assert sideways.position_error_m < POSITION_TOLERANCE_M
    assert 0.01 < sideways.rotation_error_rad <= FEW_JOINTS_TOLERANCE_RAD
    assert kinematics.solve(home @ _turned_about_x(0.3), at_rad) is None


def _turned_about_x(angle_rad: float) -> Pose:
    return Pose((0.0, 0.0, 0.0), (float(np.cos(angle_rad / 2)), float(np.sin(angle_rad / 2)), 0.0, 0.0))
