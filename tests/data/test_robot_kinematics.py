"""Inverse kinematics of every shipped robot, on a model made from the chain of its USD alone."""

from pathlib import Path

import mujoco
import numpy as np
import pytest

from blueprint.pipeline.scene.chains import Chain, forward_kinematics
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import Robot, load_robot, robot_names
from blueprint.pipeline.sims.kinematics import TOOL_SITE, ArmKinematics
from blueprint.pipeline.usd.chains import read_chain

TARGETS = 40


def chain_model(chain: Chain) -> mujoco.MjModel:
    """Build the arm from the chain's joints: a body per joint, the tool as a site."""
    spec = mujoco.MjSpec()
    body, T_body_joint = spec.worldbody, Pose()
    for joint in chain.joints:
        frame = T_body_joint @ joint.T_parent_joint
        body = body.add_body(pos=frame.position_m, quat=frame.quat_wxyz, mass=1.0, inertia=[1e-3] * 3)
        if joint.kind != "fixed":
            kind = mujoco.mjtJoint.mjJNT_HINGE if joint.kind == "revolute" else mujoco.mjtJoint.mjJNT_SLIDE
            body.add_joint(name=joint.name, type=kind, axis=joint.axis)
        T_body_joint = joint.T_joint_child
    tool = T_body_joint @ chain.T_link_tcp
    body.add_site(name=TOOL_SITE, pos=tool.position_m, quat=tool.quat_wxyz)
    return spec.compile()


@pytest.fixture(scope="module", params=robot_names())
def robot(request: pytest.FixtureRequest) -> Robot:
    return load_robot(request.param)


@pytest.fixture(scope="module")
def chain(robot: Robot) -> Chain:
    return read_chain(robot.asset_folder / Path(robot.usd_path).name, robot)


@pytest.fixture(scope="module")
def kinematics(robot: Robot, chain: Chain) -> ArmKinematics:
    return ArmKinematics(chain_model(chain), robot)


def test_forward_kinematics_are_the_chains(robot: Robot, chain: Chain, kinematics: ArmKinematics) -> None:
    arm = np.random.default_rng(0).uniform(robot.arm.lower_rad, robot.arm.upper_rad, (10, len(robot.arm.axes)))
    expected = forward_kinematics(chain, {name: arm[:, at] for at, name in enumerate(robot.arm.joints)})
    for posture, T in zip(arm, expected, strict=True):
        np.testing.assert_allclose(kinematics.tool_pose(posture).matrix(), T, atol=1e-6)


def test_home_turns_towards_a_target_whatever_the_sense_of_the_joint(robot: Robot, kinematics: ArmKinematics) -> None:
    for heading in (-1.0, 0.4, 1.2):
        target = Pose((0.5 * robot.reach_m * np.cos(heading), 0.5 * robot.reach_m * np.sin(heading), 0.1))
        x, y, _ = kinematics.tool_pose(kinematics.facing(target)).position_m
        assert np.arctan2(y, x) == pytest.approx(heading, abs=0.35)


def test_what_an_arm_can_reach_is_found(robot: Robot, kinematics: ArmKinematics) -> None:
    rng = np.random.default_rng(2)
    lower, upper, home = (np.array(each) for each in (robot.arm.lower_rad, robot.arm.upper_rad, robot.arm.home_rad))
    found = 0
    for _ in range(TARGETS):
        wanted = np.clip(home + rng.uniform(-0.5, 0.5, len(home)) * np.minimum(1.0, upper - lower), lower, upper)
        target = kinematics.tool_pose(np.clip(wanted, lower + 0.03, upper - 0.03))
        solution = next(kinematics.solutions(target, kinematics.seeds_toward(target)), None)
        if solution is not None:
            found += 1
            assert solution.position_error_m < 1e-3
            assert ((solution.arm_rad >= lower) & (solution.arm_rad <= upper)).all()
    assert found >= 0.95 * TARGETS
