"""The Panda asset says what Franka publishes, in USD and after the engine has read it."""

from dataclasses import dataclass
from pathlib import Path

import mujoco
import newton
import numpy as np
import pytest
from newton.solvers import SolverMuJoCo
from newton.usd import SchemaResolverMjc, SchemaResolverNewton, SchemaResolverPhysx
from numpy.typing import NDArray
from pxr import Gf, Usd, UsdGeom, UsdPhysics, UsdSemantics, UsdShade

from blueprint.pipeline.scene.robots import load_robot

# Modified (Craig) parameters of the Franka Control Interface documentation: a (m), d (m), alpha (rad).
DENAVIT_HARTENBERG = (
    (0.0, 0.333, 0.0),
    (0.0, 0.0, -np.pi / 2),
    (0.0, 0.316, np.pi / 2),
    (0.0825, 0.0, np.pi / 2),
    (-0.0825, 0.384, -np.pi / 2),
    (0.0, 0.0, np.pi / 2),
    (0.088, 0.0, np.pi / 2),
)
FLANGE_M, HAND_TURN_RAD, TOOL_M = 0.107, -np.pi / 4, 0.1034
POSES_RAD = (
    (0.0, 0.0, 0.0, -0.1, 0.0, 0.0, 0.0),
    (0.0, -0.3, 0.0, -2.2, 0.0, 1.9, 0.785),
    (0.7, 0.4, -0.5, -1.3, 0.9, 2.4, -1.1),
    (-2.1, 1.1, 1.6, -2.7, -1.4, 0.6, 2.2),
    (1.9, -1.2, -2.3, -0.4, 2.5, 3.1, -2.6),
)
PLACE_M, PLACE_DEG = (0.4, -0.3, 0.75), 30.0
CUBE_M = 0.05
MAX_BYTES, MAX_TRIANGLES, MAX_HULL_VERTICES = 2_000_000, 16_000, 64

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Simulation:
    """The placed robot in MuJoCo, at rest, with the order of its joints."""

    model: mujoco.MjModel
    data: mujoco.MjData
    joints: tuple[str, ...]

    def reset(self, values: NDArray[np.float64] | None = None) -> None:
        """Return to the rest pose, or to these nine joint values."""
        mujoco.mj_resetData(self.model, self.data)
        self.data.qpos[:9] = self.data.ctrl[:] = self.rest if values is None else values
        mujoco.mj_forward(self.model, self.data)

    @property
    def rest(self) -> NDArray[np.float64]:
        """Rest values, arm first."""
        return np.array(PANDA.home_command)


REPOSITORY = Path(__file__).parents[2]
PANDA = load_robot("franka_panda")
ASSET = REPOSITORY / "data" / PANDA.usd_path


@pytest.fixture(scope="module")
def stage() -> Usd.Stage:
    return Usd.Stage.Open(str(ASSET))


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    """The robot alone."""
    return _simulate(_scene())


@pytest.fixture(scope="module")
def grip() -> Simulation:
    """The robot with a cube between its open fingers."""
    scene = _scene()
    cube = UsdGeom.Cube.Define(scene, "/World/cube")
    cube.CreateSizeAttr(CUBE_M)
    center = _placement() @ _published_hand(PANDA.arm.home_rad) @ [0.0, 0.0, TOOL_M, 1.0]
    cube.AddTranslateOp().Set(Gf.Vec3d(*center[:3]))
    cube.AddRotateZOp().Set(PLACE_DEG)
    UsdPhysics.CollisionAPI.Apply(cube.GetPrim())
    UsdPhysics.RigidBodyAPI.Apply(cube.GetPrim())
    UsdPhysics.MassAPI.Apply(cube.GetPrim()).CreateMassAttr(0.2)
    return _simulate(scene)


def test_units_and_root(stage: Usd.Stage) -> None:
    root = stage.GetDefaultPrim()
    assert UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0
    assert UsdPhysics.GetStageKilogramsPerUnit(stage) == 1.0
    assert root.HasAPI(UsdPhysics.ArticulationRootAPI)
    assert list(UsdSemantics.LabelsAPI(root, "class").GetLabelsAttr().Get()) == ["robot"]
    assert not stage.GetRootLayer().GetCompositionAssetDependencies()
    assert not stage.GetCompositionErrors()


def test_stays_small(stage: Usd.Stage) -> None:
    meshes = [UsdGeom.Mesh(prim) for prim in stage.Traverse() if prim.IsA(UsdGeom.Mesh)]
    seen = [mesh for mesh in meshes if mesh.ComputePurpose() == UsdGeom.Tokens.default_]
    hulls = [mesh for mesh in meshes if mesh.GetPrim().HasAPI(UsdPhysics.MeshCollisionAPI)]
    assert ASSET.stat().st_size < MAX_BYTES
    assert sum(len(mesh.GetFaceVertexCountsAttr().Get()) for mesh in seen) < MAX_TRIANGLES
    assert len(hulls) == 9
    assert max(len(mesh.GetPointsAttr().Get()) for mesh in hulls) <= MAX_HULL_VERTICES
    assert all(UsdShade.MaterialBindingAPI(mesh).ComputeBoundMaterial()[0] for mesh in seen)


def test_licence_text_is_beside_it() -> None:
    assert PANDA.license == "Apache-2.0"
    assert "Apache License" in (ASSET.parent / "LICENSE").read_text(encoding="utf-8")


def test_config_names_what_the_asset_holds(stage: Usd.Stage) -> None:
    root = stage.GetDefaultPrim().GetPath()
    arm, gripper, tool = PANDA.arm, PANDA.gripper, PANDA.tool
    for index, name in enumerate(arm.joints):
        prim = stage.GetPrimAtPath(root.AppendPath(f"Joints/{name}"))
        joint = UsdPhysics.RevoluteJoint(prim)
        assert np.radians(joint.GetLowerLimitAttr().Get()) == pytest.approx(arm.lower_rad[index], abs=1e-6)
        assert np.radians(joint.GetUpperLimitAttr().Get()) == pytest.approx(arm.upper_rad[index], abs=1e-6)
        limit_rad_s = np.radians(prim.GetAttribute("newton:velocityLimit").Get())
        assert limit_rad_s == pytest.approx(arm.velocity_rad_s[index], abs=1e-6)
        force = UsdPhysics.DriveAPI(prim, "angular").GetMaxForceAttr().Get()
        assert force == arm.axes[index].effort
    for name in (PANDA.base_link, tool.link, *gripper.fingers):
        assert stage.GetPrimAtPath(root.AppendChild(name)).HasAPI(UsdPhysics.RigidBodyAPI)
    frame = UsdGeom.Xformable(stage.GetPrimAtPath(root.AppendPath(tool.frame))).GetLocalTransformation()
    np.testing.assert_allclose(frame.ExtractTranslation(), tool.position_m, atol=1e-12)
    camera = UsdGeom.Camera(stage.GetPrimAtPath(root.AppendPath(PANDA.wrist_camera.prim))).GetCamera()
    field_of_view_deg = camera.GetFieldOfView(Gf.Camera.FOVHorizontal)
    assert np.radians(field_of_view_deg) == pytest.approx(PANDA.wrist_camera.field_of_view_rad, abs=1e-4)


def test_config_boxes_enclose_the_gripper(stage: Usd.Stage) -> None:
    root, boxes = stage.GetDefaultPrim().GetPath(), PANDA.gripper_boxes
    low, high = _bounds_in_tool(stage, root.AppendPath("panda_hand/collisions"))
    half, center = np.array(boxes.palm_half_m), np.array(boxes.palm_center_m)
    np.testing.assert_allclose([center - half, center + half], [low, high], atol=1e-3)
    low, high = _bounds_in_tool(stage, root.AppendPath("panda_leftfinger/collisions"))
    half = np.array(boxes.finger_half_m)
    center = np.array([0.0, PANDA.gripper.max_width_m / 2 + half[1], boxes.finger_center_z_m])
    np.testing.assert_allclose([center - half, center + half], [low, high], atol=1e-3)
    low, high = _bounds_in_tool(stage, root.AppendPath("panda_leftfinger/collisions/pad"))
    half = np.array(boxes.pad_half_m)
    center = np.array([0.0, PANDA.gripper.max_width_m / 2 + half[1], boxes.pad_center_z_m])
    np.testing.assert_allclose([center - half, center + half], [low, high], atol=1e-6)


def test_the_engine_sees_nine_joints_on_a_fixed_base(simulation: Simulation) -> None:
    model = simulation.model
    assert simulation.joints == (*PANDA.arm.joints, *PANDA.gripper.joints)
    assert (model.nq, model.nv, model.nu) == (9, 9, 9)
    np.testing.assert_allclose(model.dof_armature, 0.1)
    np.testing.assert_allclose(model.actuator_gainprm[:, 0], [4500] * 2 + [3500] * 2 + [2000] * 5, rtol=1e-6)
    np.testing.assert_allclose(model.jnt_actfrcrange[:, 1], [87] * 4 + [12] * 3 + [40] * 2)
    np.testing.assert_allclose(model.body_gravcomp[1:], 1.0)


@pytest.mark.parametrize("arm_rad", POSES_RAD)
def test_hand_is_where_the_published_kinematics_put_it(simulation: Simulation, arm_rad: tuple[float, ...]) -> None:
    simulation.reset(np.array([*arm_rad, 0.0, 0.0]))
    hand = _body(simulation, "panda_hand")
    expected = _placement() @ _published_hand(arm_rad)
    np.testing.assert_allclose(simulation.data.xpos[hand], expected[:3, 3], atol=1e-6)
    np.testing.assert_allclose(simulation.data.xmat[hand].reshape(3, 3), expected[:3, :3], atol=1e-6)


def test_usd_stands_in_the_rest_pose(stage: Usd.Stage) -> None:
    tool = stage.GetPrimAtPath(stage.GetDefaultPrim().GetPath().AppendPath(PANDA.tool.frame))
    world = np.array(UsdGeom.Xformable(tool).ComputeLocalToWorldTransform(Usd.TimeCode.Default())).T
    expected = _published_hand(PANDA.arm.home_rad)
    np.testing.assert_allclose(world[:3, 3], expected[:3, 3] + TOOL_M * expected[:3, 2], atol=1e-6)
    np.testing.assert_allclose(world[:3, :3], expected[:3, :3], atol=1e-6)


def test_rest_pose_holds_without_contact(simulation: Simulation) -> None:
    simulation.reset()
    assert simulation.data.ncon == 0
    mujoco.mj_step(simulation.model, simulation.data, 480)
    assert np.abs(simulation.data.qpos - simulation.rest).max() < 1e-4
    # Gravity is real and the motors carry it: this is the arm's weight on its shoulder.
    assert abs(simulation.data.qfrc_actuator[1]) > 10.0


def test_arm_reaches_a_target_under_its_own_effort_limits(simulation: Simulation) -> None:
    simulation.reset()
    target = simulation.rest + np.array([0.2, 0.2, -0.2, 0.2, 0.2, -0.2, 0.2, 0.0, 0.0])
    for share in np.linspace(0.0, 1.0, 240):
        simulation.data.ctrl[:] = simulation.rest + share * (target - simulation.rest)
        mujoco.mj_step(simulation.model, simulation.data)
    mujoco.mj_step(simulation.model, simulation.data, 120)
    assert np.abs(simulation.data.qpos - target).max() < 1e-3


def test_one_finger_follows_the_other(simulation: Simulation) -> None:
    simulation.reset()
    simulation.data.ctrl[7] = 0.01
    mujoco.mj_step(simulation.model, simulation.data, 480)
    first_m, second_m = simulation.data.qpos[7:]
    # Both drives are equally stiff and ask for 10 and 40 mm: the tie settles them at the mean.
    assert first_m == pytest.approx(0.025, abs=5e-4)
    assert second_m == pytest.approx(first_m, abs=1e-3)


def test_a_gripped_cube_stays_where_it_is_held(grip: Simulation) -> None:
    start = np.array([*PANDA.arm.home_rad, CUBE_M / 2, CUBE_M / 2])
    raised = np.array([0.0, -0.7, 0.0, -2.2, 0.0, 1.5, 0.785, -0.02, -0.02])
    grip.reset(start)
    grip.data.ctrl[7:] = -0.02
    mujoco.mj_step(grip.model, grip.data, 60)
    held_m, cube_m = _cube_in_hand(grip), grip.data.xpos[_body(grip, "cube")].copy()
    moved_m = []
    for share in np.linspace(0.0, 1.0, 45):
        grip.data.ctrl[:7] = (start + share**2 * (3 - 2 * share) * (raised - start))[:7]
        mujoco.mj_step(grip.model, grip.data, 8)
        moved_m.append(np.linalg.norm(_cube_in_hand(grip) - held_m))
    mujoco.mj_step(grip.model, grip.data, 240)
    assert grip.data.xpos[_body(grip, "cube")][2] - cube_m[2] > 0.1
    assert max(moved_m) < 0.002
    assert np.linalg.norm(_cube_in_hand(grip) - held_m) < 0.002


def _scene() -> Usd.Stage:
    """Reference the asset below a moved and turned prim, as a scene does."""
    scene = Usd.Stage.CreateInMemory()
    UsdGeom.SetStageUpAxis(scene, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(scene, 1.0)
    UsdPhysics.Scene.Define(scene, "/World/physics")
    robot = UsdGeom.Xform.Define(scene, "/World/robot")
    robot.AddTranslateOp().Set(Gf.Vec3d(*PLACE_M))
    robot.AddRotateZOp().Set(PLACE_DEG)
    robot.GetPrim().GetReferences().AddReference(str(ASSET))
    return scene


def _simulate(scene: Usd.Stage) -> Simulation:
    builder = newton.ModelBuilder()
    builder.rigid_gap = 0.001
    SolverMuJoCo.register_custom_attributes(builder)
    resolvers = [SchemaResolverNewton(), SchemaResolverPhysx(), SchemaResolverMjc()]
    builder.add_usd(scene, schema_resolvers=resolvers)
    model = builder.finalize(device="cpu")
    solver = SolverMuJoCo(model, use_mujoco_cpu=True, cone="elliptic", impratio=10.0, enable_multiccd=True)
    solver.mj_model.opt.timestep = 1 / 240
    order = solver.mjc_jnt_to_newton_jnt.numpy()[0][:9]
    joints = tuple(model.joint_label[index].rsplit("/", 1)[1] for index in order)
    simulation = Simulation(solver.mj_model, solver.mj_data, joints)
    np.testing.assert_allclose(model.joint_q.numpy()[:9], simulation.rest, atol=1e-6)
    return simulation


def _cube_in_hand(grip: Simulation) -> Matrix:
    hand, cube = _body(grip, "panda_hand"), _body(grip, "cube")
    return grip.data.xmat[hand].reshape(3, 3).T @ (grip.data.xpos[cube] - grip.data.xpos[hand])


def _published_hand(arm_rad: tuple[float, ...]) -> Matrix:
    """Return T_base_hand from the published parameters alone."""
    pose = np.eye(4)
    for (a_m, d_m, alpha_rad), angle_rad in zip(DENAVIT_HARTENBERG, arm_rad, strict=True):
        pose = pose @ _turn_x(alpha_rad) @ _shift(a_m, 0.0, 0.0) @ _turn_z(angle_rad) @ _shift(0.0, 0.0, d_m)
    return pose @ _shift(0.0, 0.0, FLANGE_M) @ _turn_z(HAND_TURN_RAD)


def _placement() -> Matrix:
    return _shift(*PLACE_M) @ _turn_z(np.radians(PLACE_DEG))


def _turn_x(angle_rad: float) -> Matrix:
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[1, 0, 0, 0], [0, cos, -sin, 0], [0, sin, cos, 0], [0, 0, 0, 1]])


def _turn_z(angle_rad: float) -> Matrix:
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[cos, -sin, 0, 0], [sin, cos, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])


def _shift(x_m: float, y_m: float, z_m: float) -> Matrix:
    matrix = np.eye(4)
    matrix[:3, 3] = x_m, y_m, z_m
    return matrix


def _body(simulation: Simulation, name: str) -> int:
    model = simulation.model
    return next(index for index in range(model.nbody) if model.body(index).name.endswith(name))


def _bounds_in_tool(stage: Usd.Stage, path: object) -> tuple[Matrix, Matrix]:
    """Return low and high corner (m) of a prim in the tool frame, in the rest pose."""
    tool = stage.GetPrimAtPath(stage.GetDefaultPrim().GetPath().AppendPath(PANDA.tool.frame))
    cache = UsdGeom.BBoxCache(Usd.TimeCode.Default(), [UsdGeom.Tokens.guide], useExtentsHint=False)
    corners = []
    T_tool_world = UsdGeom.Xformable(tool).ComputeLocalToWorldTransform(Usd.TimeCode.Default()).GetInverse()
    for prim in Usd.PrimRange(stage.GetPrimAtPath(path)):
        if prim.IsA(UsdGeom.Gprim):
            to_tool = UsdGeom.Xformable(prim).ComputeLocalToWorldTransform(Usd.TimeCode.Default()) * T_tool_world
            local = cache.ComputeUntransformedBound(prim).ComputeAlignedRange()
            points = UsdGeom.Mesh(prim).GetPointsAttr().Get() if prim.IsA(UsdGeom.Mesh) else _corners(local)
            corners += [to_tool.Transform(Gf.Vec3d(point)) for point in points]
    return np.min(corners, axis=0), np.max(corners, axis=0)


def _corners(extent: Gf.Range3d) -> list[Gf.Vec3d]:
    return [extent.GetCorner(index) for index in range(8)]
