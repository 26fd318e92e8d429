"""A gripper on a stand with one thing before it: grasps are tried here, thousands of times faster than with an arm.

The hand stands still. Lifting and shaking are what they are to the thing in the hand: a pull that grows and turns.
"""

from dataclasses import dataclass, field
from pathlib import Path

import mujoco
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Pose, angle_between_rad, multiply_quats, vec3
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.sims.model import MJCF_FILE, ROBOT, CompiledModel, load_model

Array = NDArray[np.float64]

GRAVITY_M_S2 = 9.81
SQUEEZE_S, HOLD_S, SHAKE_S = 0.1, 0.15, 0.12
SHAKES_M_S2 = ((4.0, 0.0, 0.0), (-4.0, 0.0, 0.0), (0.0, 4.0, 0.0), (0.0, -4.0, 0.0), (0.0, 0.0, 5.0))
"""Accelerations on top of gravity, in the world's axes: an arm in a hurry."""
PULL_N = 15.0
"""Force with which furniture resists at its handle: several times what a drawer's slides or a door's hinges do."""
LOST_M, LOST_RAD = 0.015, 0.35
EMPTY_M = 0.002


@dataclass(frozen=True, slots=True)
class Noise:
    """How one trial differs from the model: factors of friction and mass, and how far off the hand is."""

    friction: float = 1.0
    mass: float = 1.0
    T_tcp_error: Pose = field(default_factory=Pose)


@dataclass(frozen=True, slots=True)
class Trial:
    """Whether it held, and how far the thing moved in the hand from when the fingers had closed."""

    held: bool
    slip_m: float
    turn_rad: float


class HandRig:
    """The gripper and one prop of a compiled scene."""

    def __init__(self, model_folder: Path, robot: Robot, prop: str) -> None:
        self.robot, self.prop, self.compiled = robot, prop, load_model(model_folder)
        self._model = _rig_model(model_folder, robot, prop)
        self._data = mujoco.MjData(self._model)
        self._fingers = [self._model.actuator(f"{ROBOT}/{name}").id for name in robot.gripper.joints]
        self._finger_at = [int(self._model.joint(f"{ROBOT}/{name}").qposadr[0]) for name in robot.gripper.joints]
        self._friction, self._mass = self._model.geom_friction.copy(), self._model.body_mass.copy()
        self._inertia = self._model.body_inertia.copy()
        self._start = _start_of(self.compiled, self._model)
        free = self.compiled.free_joints_of(prop)
        self._free = free[0] if free else None
        mujoco.mj_kinematics(self._model, self._data)
        self._base = int(self._model.body(f"{ROBOT}/{robot.base_link}").mocapid[0])
        self._T_base_tcp = self._tcp_of_base()

    # --- trials

    def try_lift(self, T_prop_tcp: Pose, up_prop: Array, noise: Noise) -> Trial:
        """Close on a movable prop, take its weight, and shake; `up_prop` is the world's up in its frame."""
        assert self._free is not None
        self._reset(noise)
        T_tcp_body = (T_prop_tcp @ noise.T_tcp_error).inverse() @ self._free.T_prop_body
        up = T_prop_tcp.rotation().T @ up_prop
        self._put(self._free.body, T_tcp_body)
        self._stand_at(Pose())
        before = self._closed(self._free.body)
        if before is None:
            return Trial(False, 0.0, 0.0)
        level = _level_axes(up)
        self._pull(-up * GRAVITY_M_S2, HOLD_S)
        for x, y, z in SHAKES_M_S2:
            self._pull(-up * (GRAVITY_M_S2 + z) + level[0] * x + level[1] * y, SHAKE_S)
        return self._judged(before, self._free.body)

    def try_pull(self, body: str, joint: str, T_world_tcp: Pose, noise: Noise) -> Trial:
        """Close on a link of furniture where it stands, and pull it open and shut against the hand."""
        self._reset(noise)
        self._stand_at(T_world_tcp @ noise.T_tcp_error)
        moved = self._model.joint(joint)
        at = int(moved.dofadr[0])
        before = self._closed(body)
        if before is None:
            return Trial(False, 0.0, 0.0)
        lever_m = self._lever_m(joint, T_world_tcp)
        for sign in (1.0, -1.0):
            self._data.qfrc_applied[at] = sign * PULL_N * lever_m
            self._pull(np.zeros(3), 2 * HOLD_S)
        return self._judged(before, body)

    # --- inside

    def _reset(self, noise: Noise) -> None:
        mujoco.mj_resetData(self._model, self._data)
        self._data.qpos[:] = self._start
        self._model.geom_friction[:] = self._friction * [noise.friction, 1.0, 1.0]
        self._model.body_mass[:], self._model.body_inertia[:] = self._mass * noise.mass, self._inertia * noise.mass
        self._model.opt.gravity[:] = 0.0
        self._data.ctrl[self._fingers] = self.robot.gripper.open_positions

    def _put(self, body: str, pose: Pose) -> None:
        address = int(self._model.jnt_qposadr[self._model.body(body).jntadr[0]])
        self._data.qpos[address : address + 7] = (*pose.position_m, *pose.quat_wxyz)

    def _stand_at(self, T_world_tcp: Pose) -> None:
        T_world_base = T_world_tcp @ self._T_base_tcp.inverse()
        self._data.mocap_pos[self._base], self._data.mocap_quat[self._base] = (
            T_world_base.position_m,
            T_world_base.quat_wxyz,
        )

    def _closed(self, body: str) -> Pose | None:
        """Close and squeeze; returns T_tcp_body then, None where nothing is between the fingers."""
        gripper, dt_s = self.robot.gripper, self._model.opt.timestep
        target_m, squeezed = gripper.max_width_m, 0
        # A slow hand takes longer until it presses with all its force.
        longest_s = (gripper.max_width_m + gripper.squeeze_width_m) / gripper.closing_width_m_s + SQUEEZE_S
        for _ in range(round(longest_s / dt_s)):
            most_m = self._width_m() - gripper.squeeze_width_m
            target_m -= gripper.closing_width_m_s * dt_s
            squeezed += target_m <= most_m
            target_m = max(target_m, most_m)
            self._data.ctrl[self._fingers] = gripper.positions_for_width(target_m)
            mujoco.mj_step(self._model, self._data)
            if squeezed * dt_s >= SQUEEZE_S:
                break
        if self._width_m() < gripper.min_width_m + EMPTY_M:
            return None
        return self._T_tcp_body(body)

    def _pull(self, acceleration_m_s2: Array, duration_s: float) -> None:
        self._model.opt.gravity[:] = acceleration_m_s2
        mujoco.mj_step(self._model, self._data, round(duration_s / self._model.opt.timestep))

    def _judged(self, before: Pose, body: str) -> Trial:
        after = self._T_tcp_body(body)
        # How far the fingers have moved over the thing; that it swings about them is a turn, and no slip.
        slip_m = float(np.linalg.norm(np.subtract(after.inverse().position_m, before.inverse().position_m)))
        turn_rad = angle_between_rad(before, after)
        held = slip_m < LOST_M and turn_rad < LOST_RAD and self._width_m() > self.robot.gripper.min_width_m + EMPTY_M
        return Trial(bool(held and np.isfinite(slip_m)), slip_m, turn_rad)

    def _width_m(self) -> float:
        return self.robot.gripper.width_of(self._data.qpos[self._finger_at])

    def _T_tcp_body(self, body: str) -> Pose:
        mujoco.mj_kinematics(self._model, self._data)
        return self._T_world_tcp().inverse() @ _pose(self._data, body)

    def _T_world_tcp(self) -> Pose:
        return _pose(self._data, f"{ROBOT}/{self.robot.tool.link}") @ self.robot.tool.T_link_tcp

    def _tcp_of_base(self) -> Pose:
        return _pose(self._data, f"{ROBOT}/{self.robot.base_link}").inverse() @ self._T_world_tcp()

    def _lever_m(self, joint: str, T_world_tcp: Pose) -> float:
        """Return what a force of 1 N at the tool is at a joint, in N or N m."""
        entry = self._model.joint(joint)
        if int(entry.type[0]) == int(mujoco.mjtJoint.mjJNT_SLIDE):
            return 1.0
        offset = np.subtract(T_world_tcp.position_m, self._data.xanchor[entry.id])
        return float(np.linalg.norm(np.cross(offset, self._data.xaxis[entry.id])))


def _rig_model(model_folder: Path, robot: Robot, prop: str) -> mujoco.MjModel:
    """Compile robot and prop alone: the arm stiff and without colliders, the gripper as it is."""
    spec = mujoco.MjSpec.from_file(str(model_folder / MJCF_FILE))
    arm = {f"{ROBOT}/{name}" for each in robot.arms for name in each.joints}
    kept = {f"{ROBOT}/{name}" for name in (*robot.gripper.joints, *robot.gripper.followers)}
    for actuator in list(spec.actuators):
        if actuator.target not in kept:
            spec.delete(actuator)
    for body in list(spec.worldbody.bodies):
        if body.name.split("/", 1)[0] not in (ROBOT, prop):
            spec.delete(body)
    for geom in list(spec.worldbody.geoms):
        spec.delete(geom)
    hand = {f"{ROBOT}/{robot.tool.link}", *(f"{ROBOT}/{name}" for name in robot.gripper.fingers)}
    hand |= {joint.parent.name for joint in spec.joints if joint.name in kept}
    for geom in list(spec.geoms):
        if geom.parent.name.startswith(f"{ROBOT}/") and geom.parent.name not in hand:
            spec.delete(geom)
    for joint in list(spec.joints):
        if joint.name in arm:
            spec.delete(joint)
    return spec.compile()


def _start_of(compiled: CompiledModel, model: mujoco.MjModel) -> Array:
    """Return the rig's coordinates as the scene authors them."""
    start = np.array(model.qpos0)
    for joint in compiled.joints:
        # Free joints are left where they are: a trial puts its thing into the hand.
        found = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_JOINT, joint.name)
        if found >= 0:
            start[model.jnt_qposadr[found]] = compiled.qpos[joint.qpos_address]
    return start


def _pose(data: mujoco.MjData, body: str) -> Pose:
    placed = data.body(body)
    return Pose(vec3(placed.xpos), multiply_quats(placed.xquat, (1.0, 0.0, 0.0, 0.0)))


def _level_axes(up: Array) -> tuple[Array, Array]:
    first = np.cross(up, [1.0, 0.0, 0.0] if abs(up[0]) < 0.9 else [0.0, 1.0, 0.0])
    first /= np.linalg.norm(first)
    return first, np.cross(up, first)
