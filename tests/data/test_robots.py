"""Every shipped robot, in USD and in the engine: limits, drives, kinematics, hand, weight."""

import json

import mujoco
import numpy as np
import pytest
from pxr import Gf, Usd, UsdGeom, UsdPhysics, UsdSemantics
from tests.data.robot_scene import T_WORLD_ROBOT, Simulation, asset, simulate, tool_poses
from tests.golden.make_robot_kinematics import FILE, drawn_postures

from blueprint.pipeline.errors import RecipeError
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import Robot, load_robot, robot_names
from blueprint.pipeline.usd.robot_check import check_robot_asset

MAX_BYTES = 2_000_000
SHARES = (0.2, 0.45, 0.7)
NAMES = robot_names()


@pytest.fixture(scope="module", params=NAMES)
def robot(request: pytest.FixtureRequest) -> Robot:
    return load_robot(request.param)


@pytest.fixture(scope="module")
def stage(robot: Robot) -> Usd.Stage:
    return Usd.Stage.Open(str(asset(robot)))


@pytest.fixture(scope="module")
def simulation(robot: Robot) -> Simulation:
    return simulate(robot)


def test_the_five_robots_are_there() -> None:
    assert set(NAMES) >= {"fetch", "franka_panda", "so101", "ur10_2f85", "xarm7"}


def test_units_root_and_size(robot: Robot, stage: Usd.Stage) -> None:
    root = stage.GetDefaultPrim()
    assert UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0
    assert root.HasAPI(UsdPhysics.ArticulationRootAPI)
    assert list(UsdSemantics.LabelsAPI(root, "class").GetLabelsAttr().Get()) == ["robot"]
    assert not stage.GetRootLayer().GetCompositionAssetDependencies()
    assert asset(robot).stat().st_size < MAX_BYTES


def test_licence_and_origin_are_beside_it(robot: Robot) -> None:
    texts = {"Apache-2.0": "Apache License", "BSD-3-Clause": "Redistribution and use in source and binary forms"}
    assert texts[robot.license] in (robot.asset_folder / "LICENSE").read_text(encoding="utf-8")
    readme = (robot.asset_folder / "README.md").read_text(encoding="utf-8")
    for word in ("Origin", "drives", "armature", "friction", "gravity", "camera", "rest pose"):
        assert word.lower() in readme.lower(), word


def test_the_description_names_what_the_asset_holds(robot: Robot, stage: Usd.Stage) -> None:
    root = stage.GetDefaultPrim().GetPath()
    for axis in robot.arm.axes:
        prim = stage.GetPrimAtPath(root.AppendPath(f"Joints/{axis.name}"))
        angular = axis.kind == "revolute"
        joint = (UsdPhysics.RevoluteJoint if angular else UsdPhysics.PrismaticJoint)(prim)
        unit = np.pi / 180 if angular else 1.0
        assert joint.GetLowerLimitAttr().Get() * unit == pytest.approx(axis.lower, abs=1e-6)
        assert joint.GetUpperLimitAttr().Get() * unit == pytest.approx(axis.upper, abs=1e-6)
        assert prim.GetAttribute("newton:velocityLimit").Get() * unit == pytest.approx(axis.velocity, abs=1e-6)
        drive = UsdPhysics.DriveAPI(prim, "angular" if angular else "linear")
        assert drive.GetMaxForceAttr().Get() == pytest.approx(axis.effort)
    for name in (robot.base_link, robot.tool.link, *robot.gripper.fingers):
        assert stage.GetPrimAtPath(root.AppendChild(name)).HasAPI(UsdPhysics.RigidBodyAPI)
    camera = UsdGeom.Camera(stage.GetPrimAtPath(root.AppendPath(robot.wrist_camera.prim))).GetCamera()
    field_of_view = np.radians(camera.GetFieldOfView(Gf.Camera.FOVHorizontal))
    assert field_of_view == pytest.approx(robot.wrist_camera.field_of_view_rad, abs=1e-4)


def test_every_link_weighs_something_and_is_carried(robot: Robot, simulation: Simulation) -> None:
    bodies = range(1, simulation.model.nbody)
    assert min(simulation.model.body_mass[b] for b in bodies) >= 0.01
    assert min(simulation.model.body_inertia[b].min() for b in bodies) > 1e-7
    np.testing.assert_allclose(simulation.model.body_gravcomp[1:], 1.0)


def test_the_engine_drives_the_named_joints_and_no_others(robot: Robot, simulation: Simulation) -> None:
    model = simulation.model
    assert set(simulation.at) == {*robot.arm.joints, *robot.gripper.joints, *robot.gripper.followers}
    driven = {name for name, joint in simulation.at.items() if joint in model.actuator_trnid[:, 0]}
    assert driven == {*robot.arm.joints, *robot.gripper.joints}
    assert (model.dof_armature > 0).all()
    for axis in robot.arm.axes:
        joint = simulation.at[axis.name]
        np.testing.assert_allclose(model.jnt_range[joint], [axis.lower, axis.upper], atol=1e-6)
        assert model.jnt_actfrcrange[joint, 1] == pytest.approx(axis.effort)


def test_kinematics_agree_with_the_engines(robot: Robot, simulation: Simulation) -> None:
    rng = np.random.default_rng(3)
    arms = rng.uniform(robot.arm.lower_rad, robot.arm.upper_rad, (20, len(robot.arm.axes)))
    for arm, T_base_tcp in zip(arms, tool_poses(robot, arms), strict=True):
        simulation.reset(arm)
        body = simulation.body(f"_{robot.tool.link}")
        T_world_link = np.eye(4)
        T_world_link[:3, :3] = simulation.data.xmat[body].reshape(3, 3)
        T_world_link[:3, 3] = simulation.data.xpos[body]
        engine = T_world_link @ robot.tool.T_link_tcp.matrix()
        np.testing.assert_allclose(engine, T_WORLD_ROBOT.matrix() @ T_base_tcp, atol=2e-5)


def test_the_usd_stands_in_the_rest_pose(robot: Robot, stage: Usd.Stage) -> None:
    tool = stage.GetPrimAtPath(stage.GetDefaultPrim().GetPath().AppendPath(robot.tool.frame))
    world = np.array(UsdGeom.Xformable(tool).ComputeLocalToWorldTransform(Usd.TimeCode.Default())).T
    np.testing.assert_allclose(world, tool_poses(robot, np.array([robot.arm.home_rad]))[0], atol=2e-5)


def test_the_rest_pose_is_free_and_holds(robot: Robot, simulation: Simulation) -> None:
    simulation.reset()
    assert simulation.data.ncon == 0
    before = simulation.data.qpos.copy()
    simulation.step(2.0)
    assert np.abs(simulation.data.qpos - before).max() < 2e-3
    assert np.abs(simulation.data.qvel).max() < 2e-3
    weight = np.abs(simulation.data.qfrc_gravcomp).max()
    assert weight > 0.1


def test_the_arm_reaches_a_target_under_its_own_limits(robot: Robot, simulation: Simulation) -> None:
    simulation.reset()
    home = np.array(robot.arm.home_rad)
    room = np.minimum(np.array(robot.arm.upper_rad) - home, 0.1)
    for share in np.linspace(0.0, 1.0, 48):
        simulation.command(home + share * room, robot.gripper.open_positions)
        simulation.step(1 / 30)
    simulation.step(0.5)
    assert np.abs(simulation.positions(robot.arm.joints) - home - room).max() < 3e-3


def test_the_open_and_the_closed_hand_are_as_wide_as_the_table_says(robot: Robot) -> None:
    gripper = robot.gripper
    assert 0.0 <= gripper.min_width_m < 0.003
    assert 0.05 <= gripper.max_width_m <= 0.12
    for positions in (gripper.open_positions, gripper.strokes[0].positions):
        assert gripper.positions_for_width(gripper.width_of(positions)) == pytest.approx(positions, abs=1e-9)


@pytest.mark.parametrize("share", SHARES)
def test_the_hand_closes_on_a_block_to_its_width(robot: Robot, share: float) -> None:
    gripper = robot.gripper
    width_m = gripper.min_width_m + share * (gripper.max_width_m - gripper.min_width_m) * 0.95
    grip = simulate(robot, (0.02, width_m, robot.gripper_boxes.pad_half_m[2]), middle_m=width_m)
    # Only the width is measured here: the block waits for the fingers without falling.
    grip.model.body_gravcomp[grip.body("block")] = 1.0
    grip.reset(width_m=min(width_m + 0.004, gripper.max_width_m))
    _close(grip, width_m - 0.1 * gripper.squeeze_width_m)
    # A jaw that swings touches a wide block with its edge, and turns it a little.
    assert grip.width_m == pytest.approx(width_m, abs=1e-3 if gripper.is_even else 2.5e-3)
    touching = _touched(grip, "block")
    assert all(any(name.endswith(f"_{finger}") for name in touching) for finger in gripper.fingers)
    # At full force rubber, gears and contacts give way.
    _close(grip, width_m - gripper.squeeze_width_m)
    assert grip.width_m == pytest.approx(width_m, abs=3.5e-3)


def test_a_held_block_does_not_slip(robot: Robot) -> None:
    width_m = 0.03
    grip = simulate(robot, (0.03, width_m, 0.04), middle_m=width_m)
    grip.reset(width_m=width_m + 0.004)
    _close(grip, width_m - robot.gripper.squeeze_width_m)
    before = _block_in_tool(grip)
    home = np.array(robot.arm.home_rad)
    swing = np.zeros(len(home))
    swing[-2 if len(home) > 5 else -1] = 0.3
    fingers = robot.gripper.positions_for_width(width_m - robot.gripper.squeeze_width_m)
    for share in np.linspace(0.0, 1.0, 45):
        grip.command(home + share**2 * (3 - 2 * share) * swing, fingers)
        grip.step(1 / 30)
    grip.step(1.0)
    assert np.linalg.norm(_block_in_tool(grip) - before) < 0.003


def _close(grip: Simulation, target_m: float) -> None:
    """Bring the fingers to a target at their closing speed, and wait."""
    gripper, home = grip.robot.gripper, grip.robot.arm.home_rad
    at_m = grip.width_m
    while at_m > target_m:
        at_m = max(target_m, at_m - gripper.closing_width_m_s / 240)
        grip.command(home, gripper.positions_for_width(at_m))
        grip.step(1 / 240)
    grip.step(0.5)


def _touched(grip: Simulation, name: str) -> set[str]:
    body, model = grip.body(name), grip.model
    pairs = [{int(model.geom_bodyid[g]) for g in contact.geom} for contact in grip.data.contact if contact.dist < 0]
    return {model.body(other).name for pair in pairs if body in pair for other in pair - {body}}


def _block_in_tool(grip: Simulation) -> np.ndarray:
    link, block = grip.body(f"_{grip.robot.tool.link}"), grip.body("block")
    quat = grip.data.xquat[link].tolist()
    T_world_link = Pose(tuple(grip.data.xpos[link].tolist()), (quat[0], quat[1], quat[2], quat[3]))
    return (T_world_link @ grip.robot.tool.T_link_tcp).inverse().apply(grip.data.xpos[block])


def test_the_model_compiles_alike_twice(robot: Robot, simulation: Simulation) -> None:
    again = simulate(robot)
    assert isinstance(again.model, mujoco.MjModel)
    np.testing.assert_array_equal(again.model.body_mass, simulation.model.body_mass)


def test_the_postures_that_another_library_judges_are_these(robot: Robot) -> None:
    held = json.loads(FILE.read_text(encoding="utf-8"))[robot.name]
    for ours, theirs in zip(drawn_postures(robot), held, strict=True):
        assert ours["joints"] == theirs["joints"]
        np.testing.assert_allclose(np.array(ours["tool"]), theirs["tool"], atol=2e-6)


def test_a_description_that_is_not_the_assets_is_refused_with_every_fault(robot: Robot) -> None:
    first, *others = robot.arm.axes
    axes = (first.model_copy(update={"name": "schoulder"}), *others[:-1])
    axes = (*axes, others[-1].model_copy(update={"upper": others[-1].upper + 0.1, "effort": 1234.5}))
    arm = robot.arm.model_copy(update={"axes": axes, "tool": robot.tool.model_copy(update={"frame": "hand/tip"})})
    check_robot_asset(robot)
    with pytest.raises(RecipeError) as caught:
        check_robot_asset(robot.model_copy(update={"arms": (arm,), "base_link": "basis"}))
    faults = "\n".join(caught.value.faults)
    for words in ("'basis'", "'schoulder'", f"{others[-1].name}: upper is", "effort is 1234.5", "hand/tip is no prim"):
        assert words in faults
    assert len(caught.value.faults) == 5


def test_the_table_is_the_distance_between_the_pads(robot: Robot, simulation: Simulation) -> None:
    model, data = simulation.model, simulation.data
    bodies = [simulation.body(f"_{finger}") for finger in robot.gripper.fingers]
    pads = [[g for g in range(model.ngeom) if model.geom_bodyid[g] == body and _is_pad(model, g)] for body in bodies]
    for width_m in np.linspace(max(0.004, robot.gripper.min_width_m), robot.gripper.max_width_m, 7):
        simulation.reset(width_m=float(width_m))
        gaps = [mujoco.mj_geomDistance(model, data, a, b, 0.2, None) for a in pads[0] for b in pads[1]]
        # A jaw that swings shows its corner: the straight way to it may be shorter than the gap for a block.
        assert min(gaps) == pytest.approx(width_m, abs=1e-4 if robot.gripper.is_even else 1.5e-3)


def _is_pad(model: mujoco.MjModel, geom: int) -> bool:
    return model.geom_type[geom] == mujoco.mjtGeom.mjGEOM_BOX and model.geom_friction[geom, 0] == 1.0


# The Panda's hand is made by a recipe of its own, without a housing.
@pytest.mark.parametrize("name", [name for name in NAMES if name != "franka_panda"])
def test_the_camera_has_a_housing_that_collides(name: str) -> None:
    robot = load_robot(name)
    stage = Usd.Stage.Open(str(asset(robot)))
    camera = stage.GetDefaultPrim().GetPrimAtPath(robot.arm.wrist_cameras[0].prim)
    place = UsdGeom.XformCache().GetLocalToWorldTransform(camera).ExtractTranslation()
    blocks = [
        prim
        for prim in Usd.PrimRange(camera.GetParent())
        if prim.IsA(UsdGeom.Cube) and prim.HasAPI(UsdPhysics.CollisionAPI)
    ]
    inside = [UsdGeom.XformCache().GetLocalToWorldTransform(prim).GetInverse().Transform(place) for prim in blocks]
    sizes = [UsdGeom.Cube(prim).GetSizeAttr().Get() for prim in blocks]
    assert any(max(map(abs, point)) < size / 2 for point, size in zip(inside, sizes, strict=True))
