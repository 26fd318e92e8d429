"""How a scene stands for planning: robot, gripper, props and joints, what is carried, and what may touch what."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import mujoco
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.scene.robots import Robot

from .model import ROBOT, ROOM, FreeJoint
from .planning_model import PlanningModel

Array = NDArray[np.float64]

_SCENE, _ROBOT = 1, 2


class ArrangedWorld(PlanningModel):
    """A scene that can be set up as it is to be asked about; poses are in the world."""

    def __init__(self, model_folder: Path, robot: Robot) -> None:
        super().__init__(model_folder, robot)
        self._data = mujoco.MjData(self._model)
        self._data.qpos[:] = self.compiled.qpos
        self._jacobian = np.zeros((6, self._model.nv))
        self.T_world_base = self.compiled.body(self._link(robot.base_link)).T_world_body
        self._carried: tuple[FreeJoint, Array] | None = None
        # MJCF rounds where the base stands; the maps do not. Once set, going elsewhere and back changes no bit.
        self.stand_at(self.T_world_base)
        self._prepare_filter()

    # --- kinematics

    def tool_pose(self, arm_rad: Array) -> Pose:
        """Return T_world_tcp."""
        self._place(arm_rad)
        return Pose.from_matrix(self._T_world_tcp())

    def jacobian(self, arm_rad: Array) -> Array:
        """Return the (6, n) world Jacobian of the tool point, linear rows first."""
        self._place(arm_rad)
        mujoco.mj_comPos(self._model, self._data)
        point = self._T_world_tcp()[:3, 3]
        mujoco.mj_jac(self._model, self._data, self._jacobian[:3], self._jacobian[3:], point, self._tool_body)
        return self._jacobian[:, self._arm_dof_at].copy()

    # --- what stands where

    def stand_at(self, T_world_base: Pose) -> None:
        """Stand the robot elsewhere for later queries; everything else stays where it is."""
        base = self._model.body(self._link(self.robot.base_link)).mocapid[0]
        self._data.mocap_pos[base], self._data.mocap_quat[base] = T_world_base.position_m, T_world_base.quat_wxyz
        self.T_world_base = T_world_base

    def set_gripper(self, opening_m: float) -> None:
        """Set the distance between the fingers for later queries."""
        self._data.qpos[self._finger_at] = self.robot.gripper.positions_for_width(opening_m)
        for follower, leader, ratio, offset in self._mimics:
            self._data.qpos[follower] = offset + ratio * self._data.qpos[leader]

    def move_prop(self, prop: str, T_world_prop: Pose) -> None:
        """Place a movable prop for later queries."""
        for joint in self._free_joints(prop):
            self._write(joint, (T_world_prop @ joint.T_prop_body).matrix())

    def set_joint(self, joint: str, position: float) -> None:
        """Move a joint of furniture (by its name in the compiled model) for later queries, rad or m."""
        self._data.qpos[self._furniture_joint(joint).qpos_address] = position

    def joint_position(self, joint: str) -> float:
        """Return where a joint of furniture stands, rad or m."""
        return float(self._data.qpos[self._furniture_joint(joint).qpos_address])

    def link_pose(self, link: str) -> Pose:
        """Return where a link stands with the joints as they are set, T_world_link."""
        body = self.compiled.body(link)
        if body.fixed:
            return body.T_world_body
        mujoco.mj_kinematics(self._model, self._data)
        placed = self._data.body(link)
        w, x, y, z = placed.xquat.tolist()
        return Pose(vec3(placed.xpos), (w, x, y, z))

    def prop_pose(self, prop: str) -> Pose:
        """Return where a movable prop stands, T_world_prop."""
        joint = self._free_joints(prop)[0]
        at = joint.qpos_address
        position, quat = self._data.qpos[at : at + 3], self._data.qpos[at + 3 : at + 7]
        T_world_body = Pose((*position.tolist(),), (*quat.tolist(),))
        return T_world_body @ joint.T_prop_body.inverse()

    def attach(self, prop: str, T_tcp_prop: Pose) -> None:
        """Carry a prop with the tool from now on; it no longer collides with the gripper."""
        joint = self._free_joints(prop)[0]
        self.detach()
        self._carried = (joint, (T_tcp_prop @ joint.T_prop_body).matrix())
        self._act_as_robot(joint.body, True)
        self.allow([joint.body], self.gripper_links)

    def detach(self) -> None:
        """Leave the carried prop where the last query put it."""
        if self._carried is not None:
            body = self._carried[0].body
            self._act_as_robot(body, False)
            self.allow([body], self.gripper_links, allowed=False)
        self._carried = None

    @property
    def carried_link(self) -> str:
        """The link that is carried, empty with an empty hand."""
        return self._carried[0].body if self._carried is not None else ""

    def carried_size_m(self) -> float:
        """Return how far the carried prop reaches from the tool point, 0 with an empty hand."""
        if self._carried is None:
            return 0.0
        joint, T_tcp_body = self._carried
        corners = np.concatenate(self.link_corners_m(joint.body))
        return float(np.linalg.norm(corners @ T_tcp_body[:3, :3].T + T_tcp_body[:3, 3], axis=1).max())

    # --- what may touch what

    def allow(self, first: Iterable[str], second: Iterable[str], *, allowed: bool = True) -> None:
        """Let links touch, or forbid it again; names are `<prop>/<link>` or `robot/<link>`."""
        rows = [self._link_row(name) for name in first]
        columns = [self._link_row(name) for name in second]
        for row in rows:
            self._allowed[row, columns] = allowed
            self._allowed[columns, row] = allowed

    def only_allow(self, pairs: Iterable[tuple[Iterable[str], Iterable[str]]]) -> None:
        """Let these links touch and no others besides those that always may: base and what it stands on."""
        self._allowed[:] = self._always_allowed
        if self._carried is not None:
            self.allow([self._carried[0].body], self.gripper_links)
        for first, second in pairs:
            self.allow(first, second)

    def scenery(self) -> Iterator[tuple[str, Pose, list[Array]]]:
        """Yield every link that is not the robot's with T_world_link and its colliders' corners in its frame."""
        for link in self._link_names:
            owner = link.split("/", 1)[0]
            if owner == ROBOT:
                continue
            known = owner != ROOM
            pieces = self.link_corners_m(link) if known else self._room_corners_m(link)
            yield link, self.link_pose(link) if known else Pose(), pieces

    # --- inside

    def _place(self, arm_rad: Array) -> None:
        self._data.qpos[self._arm_at] = arm_rad
        mujoco.mj_kinematics(self._model, self._data)
        if self._carried is not None:
            joint, T_tcp_body = self._carried
            self._write(joint, self._T_world_tcp() @ T_tcp_body)
            mujoco.mj_kinematics(self._model, self._data)

    def _T_world_tcp(self) -> Array:
        T_world_link = np.eye(4)
        T_world_link[:3, :3] = self._data.xmat[self._tool_body].reshape(3, 3)
        T_world_link[:3, 3] = self._data.xpos[self._tool_body]
        return T_world_link @ self._T_link_tcp

    def _write(self, joint: FreeJoint, T_world_body: Array) -> None:
        at = joint.qpos_address
        self._data.qpos[at : at + 3] = T_world_body[:3, 3]
        mujoco.mju_mat2Quat(self._data.qpos[at + 3 : at + 7], np.ascontiguousarray(T_world_body[:3, :3]).ravel())

    def _prepare_filter(self) -> None:
        """Look at robot against robot and scene only; the model's own exclusions of neighbouring links stay."""
        self._allowed = np.zeros((len(self._link_names), len(self._link_names)), dtype=bool)
        for name in self._link_names:
            self._act_as_robot(name, name.startswith(f"{ROBOT}/"))
        # The base never moves: what it stands on is a matter of placing it, not of planning.
        base = self._link(self.robot.base_link)
        still = {body.name for body in self.compiled.bodies if body.fixed} & set(self._rows)
        if base in self._rows:
            self.allow([base], still)
        self._always_allowed = self._allowed.copy()

    def _act_as_robot(self, link: str, moves: bool) -> None:
        geoms = (self._geom_row == self._link_row(link)) & self._colliding_geoms
        self._model.geom_contype[geoms] = _ROBOT if moves else _SCENE
        self._model.geom_conaffinity[geoms] = _ROBOT | _SCENE if moves else 0
        # The broad phase has masks of its own, per body, which are the union over its geoms.
        for body in np.unique(self._model.geom_bodyid[geoms]):
            mine = self._model.geom_bodyid == body
            self._model.body_contype[body] = np.bitwise_or.reduce(self._model.geom_contype[mine])
            self._model.body_conaffinity[body] = np.bitwise_or.reduce(self._model.geom_conaffinity[mine])
