"""A shipped robot in the engine: placed as a scene does, with a block between its fingers where a test wants one."""

from dataclasses import dataclass
from pathlib import Path

import mujoco
import newton
import numpy as np
from newton.solvers import SolverMuJoCo
from newton.usd import SchemaResolverMjc, SchemaResolverNewton, SchemaResolverPhysx
from numpy.typing import NDArray
from pxr import Gf, Usd, UsdGeom, UsdPhysics

from blueprint.pipeline.scene.chains import forward_kinematics
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.usd.chains import read_chain

Array = NDArray[np.float64]

T_WORLD_ROBOT = Pose.from_yaw((0.4, -0.3, 0.75), np.pi / 6)
STEPS_PER_SECOND = 240


def asset(robot: Robot) -> Path:
    """Return a robot's USD."""
    return robot.asset_folder / Path(robot.usd_path).name


def tool_poses(robot: Robot, arm: Array) -> Array:
    """Return T_base_tcp (N, 4, 4) for arm positions (N, n), from the joints of the USD alone."""
    chain = read_chain(asset(robot), robot)
    return forward_kinematics(chain, {name: arm[:, at] for at, name in enumerate(robot.arm.joints)})


@dataclass(frozen=True)
class Simulation:
    """The placed robot in MuJoCo, with its joints' places by name."""

    robot: Robot
    model: mujoco.MjModel
    data: mujoco.MjData
    at: dict[str, int]
    follows: tuple[tuple[str, str, float, float], ...]

    def reset(self, arm: Array | None = None, width_m: float | None = None) -> None:
        """Go to arm positions, or home, with the fingers at a width, or open; targets are the same."""
        mujoco.mj_resetData(self.model, self.data)
        gripper = self.robot.gripper
        positions = gripper.open_positions if width_m is None else gripper.positions_for_width(width_m)
        arm = np.array(self.robot.arm.home_rad) if arm is None else arm
        values = dict(zip((*self.robot.arm.joints, *gripper.joints), (*arm, *positions), strict=True))
        for follower, leader, ratio, offset in self.follows:
            values.setdefault(follower, ratio * values[leader] + offset)
        for name, value in values.items():
            self.data.qpos[self.model.jnt_qposadr[self.at[name]]] = value
        self.command(arm, positions)
        mujoco.mj_forward(self.model, self.data)

    def command(self, arm: Array | tuple[float, ...], fingers: tuple[float, ...]) -> None:
        """Set every servo's target."""
        wanted = dict(zip((*self.robot.arm.joints, *self.robot.gripper.joints), (*arm, *fingers), strict=True))
        for a in range(self.model.nu):
            name = next(name for name, joint in self.at.items() if joint == self.model.actuator_trnid[a, 0])
            self.data.ctrl[a] = wanted[name]

    def step(self, seconds: float) -> None:
        """Let time pass."""
        mujoco.mj_step(self.model, self.data, round(seconds * STEPS_PER_SECOND))

    def positions(self, names: tuple[str, ...]) -> Array:
        """Return joint positions."""
        return np.array([self.data.qpos[self.model.jnt_qposadr[self.at[name]]] for name in names])

    @property
    def width_m(self) -> float:
        """The width that the gripper's table says for where its joints are."""
        return self.robot.gripper.width_of(self.positions(self.robot.gripper.joints))

    def body(self, name: str) -> int:
        """Return a body by the end of its name."""
        return next(b for b in range(self.model.nbody) if self.model.body(b).name.endswith(name))


def simulate(robot: Robot, block_m: tuple[float, float, float] | None = None, middle_m: float = 0.0) -> Simulation:
    """Load a robot, with a free block of a size between the pads of its home pose.

    `middle_m` is the width at which the pads have the block in their middle.
    """
    stage = Usd.Stage.CreateInMemory()
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    UsdPhysics.Scene.Define(stage, "/World/physics")
    prim = UsdGeom.Xform.Define(stage, "/World/robot")
    prim.AddTransformOp().Set(Gf.Matrix4d(T_WORLD_ROBOT.matrix().T.tolist()))
    prim.GetPrim().GetReferences().AddReference(str(asset(robot)))
    if block_m is not None:
        T_base_tcp = Pose.from_matrix(tool_poses(robot, np.array([robot.arm.home_rad]))[0])
        _add_block(stage, T_WORLD_ROBOT @ T_base_tcp @ Pose(robot.gripper.middle_m(middle_m)), block_m)
    return _compiled(robot, stage)


def _add_block(stage: Usd.Stage, T_world_block: Pose, size_m: tuple[float, float, float]) -> None:
    block = UsdGeom.Cube.Define(stage, "/World/block")
    block.CreateSizeAttr(1.0)
    matrix = T_world_block.matrix()
    matrix[:3, :3] = matrix[:3, :3] @ np.diag(size_m)
    block.AddTransformOp().Set(Gf.Matrix4d(matrix.T.tolist()))
    UsdPhysics.CollisionAPI.Apply(block.GetPrim())
    UsdPhysics.RigidBodyAPI.Apply(block.GetPrim())
    UsdPhysics.MassAPI.Apply(block.GetPrim()).CreateMassAttr(0.1)


def _compiled(robot: Robot, stage: Usd.Stage) -> Simulation:
    builder = newton.ModelBuilder()
    builder.rigid_gap = 0.001
    SolverMuJoCo.register_custom_attributes(builder)
    builder.add_usd(stage, schema_resolvers=[SchemaResolverNewton(), SchemaResolverPhysx(), SchemaResolverMjc()])
    model = builder.finalize(device="cpu")
    solver = SolverMuJoCo(model, use_mujoco_cpu=True, cone="elliptic", impratio=10.0, enable_multiccd=True)
    solver.mj_model.opt.timestep = 1 / STEPS_PER_SECOND
    order = solver.mjc_jnt_to_newton_jnt.numpy()[0]
    one_axis = np.flatnonzero(solver.mj_model.jnt_type >= int(mujoco.mjtJoint.mjJNT_SLIDE))
    at = {model.joint_label[order[joint]].rsplit("/", 1)[1]: int(joint) for joint in one_axis}
    return Simulation(robot, solver.mj_model, solver.mj_data, at, _follows(stage))


def _follows(stage: Usd.Stage) -> tuple[tuple[str, str, float, float], ...]:
    found = []
    for prim in stage.Traverse():
        leader = prim.GetRelationship("newton:mimicJoint").GetTargets() if prim.HasAPI("NewtonMimicAPI") else []
        if leader:
            unit = np.pi / 180 if prim.IsA(UsdPhysics.RevoluteJoint) else 1.0
            ratio, offset = (prim.GetAttribute(f"newton:mimicCoef{k}").Get() for k in (1, 0))
            found.append((prim.GetName(), leader[0].name, float(ratio), float(offset) * unit))
    return tuple(found)
