"""Distances for planning, on the very colliders that are simulated: MuJoCo's collision pass over the compiled model.

Only what can matter is looked at: the robot and what it carries against everything, never scenery against scenery.
"""

import copy
from collections.abc import Iterable, Iterator
from pathlib import Path

import mujoco
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.scene.robots import Robot

from .kept import kept
from .model import MJCF_FILE, ROBOT, ROOM, CompiledModel, FreeJoint, ModelJoint, load_model
from .newton_mujoco.shapes import local_corners_m
from .solids import ConvexSolid, convex_solid

Array = NDArray[np.float64]

MARGIN_M = 0.03
"""Distances are measured up to here; beyond, the world is clear."""

_SCENE, _ROBOT = 1, 2


class MujocoPlanningWorld:
    """The `PlanningWorld` protocol over a compiled model; poses are in the world."""

    def __init__(self, model_folder: Path, robot: Robot) -> None:
        self.robot = robot
        self.compiled = load_model(model_folder)
        self._model = copy.copy(kept("planning", model_folder / MJCF_FILE, _widened_model))
        self._data = mujoco.MjData(self._model)
        self._data.qpos[:] = self.compiled.qpos
        self.arm_joint_names = robot.arm.joints
        self._arm_at = _addresses(self.compiled, robot.arm.joints)
        self._finger_at = _addresses(self.compiled, robot.gripper.joints)
        self._mimics = _mimics(self._model)
        self._arm_dof_at = np.array([_joint(self.compiled, name).dof_address for name in robot.arm.joints])
        self._tool_body = self._model.body(f"{ROBOT}/{robot.tool.link}").id
        self._T_link_tcp = robot.tool.T_link_tcp.matrix()
        self._jacobian = np.zeros((6, self._model.nv))
        self.T_world_base = self.compiled.body(self._link(robot.base_link)).T_world_body
        self._carried: tuple[FreeJoint, Array] | None = None
        # MJCF rounds where the base stands; the maps do not. Once set, going elsewhere and back changes no bit.
        self.stand_at(self.T_world_base)
        self._prepare_links()
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

    def links_of(self, prop: str) -> tuple[str, ...]:
        """Return the names of a prop's links; `robot` and `room` count as props."""
        found = tuple(name for name in self._rows if name.split("/", 1)[0] == prop)
        if not found:
            raise UnknownName("prop", prop, {name.split("/", 1)[0] for name in self._rows})
        return found

    def solids(self, prop: str) -> list[ConvexSolid]:
        """Return the colliders of a movable prop as convex pieces in the prop's frame."""
        joint = self._free_joints(prop)[0]
        body = self._model.body(joint.body).id
        geoms: list[int] = np.flatnonzero((self._model.geom_bodyid == body) & self._colliding_geoms).tolist()
        return [convex_solid(joint.T_prop_body.apply(self._corners(geom))) for geom in geoms]

    def link_corners_m(self, link: str) -> list[Array]:
        """Return the corners (K, 3) of each collider of a link in the link's frame; of a fixed one's, its prop's too.

        A link that never moves has no frame of its own: its colliders are carried back from the world.
        """
        back = self.compiled.body(link)
        T_link_model = back.T_world_body.inverse() if back.fixed else Pose()
        names = [geom.name for geom in self.compiled.geoms if geom.body == link]
        ids = [int(self._model.geom(name).id) for name in names]
        return [T_link_model.apply(self._corners(geom)) for geom in ids if self._colliding_geoms[geom]]

    def mass_center_m(self, prop: str) -> Array:
        """Return the centre of mass of a movable prop in the prop's frame."""
        joint = self._free_joints(prop)[0]
        return joint.T_prop_body.apply(self._model.body_ipos[self._model.body(joint.body).id])

    # --- distances

    def clearance_m(self, arm_rad: Array) -> float:
        """Return the smallest signed distance of robot and carried prop to everything else and to the robot itself."""
        return self.nearest(arm_rad)[0]

    def nearest(self, arm_rad: Array) -> tuple[float, str, str]:
        """Return the smallest signed distance and the two links it lies between; no names beyond the margin."""
        self._place(arm_rad)
        mujoco.mj_comPos(self._model, self._data)
        mujoco.mj_collision(self._model, self._data)
        if self._data.ncon == 0:
            return MARGIN_M, "", ""
        contact = self._data.contact
        links = self._geom_row[contact.geom]
        distance = np.where(self._allowed[links[:, 0], links[:, 1]], MARGIN_M, contact.dist)
        least = int(np.argmin(distance))
        if distance[least] >= MARGIN_M:
            return MARGIN_M, "", ""
        first, second = (self._link_names[row] for row in links[least])
        return float(distance[least]), first, second

    def sweep_reach_m(self, samples: int = 64) -> Array:
        """Return (n,) how far a turn of each joint by 1 rad (or a way of 1 m) moves the arm's furthest point at most.

        The largest over sampled postures, enlarged by a twentieth for those between.
        """
        rng, arm = np.random.default_rng(0), self.robot.arm
        reach = np.zeros(len(self._arm_at))
        joints = [int(np.flatnonzero(self._model.jnt_qposadr == at)[0]) for at in self._arm_at]
        distal = [self._geoms_beyond(joint) for joint in joints]
        for _ in range(samples):
            self._place(rng.uniform(arm.lower_rad, arm.upper_rad))
            for row, (joint, geoms) in enumerate(zip(joints, distal, strict=True)):
                if self._model.jnt_type[joint] == int(mujoco.mjtJoint.mjJNT_SLIDE):
                    reach[row] = 1.0
                    continue
                offset_m = self._data.geom_xpos[geoms] - self._data.xanchor[joint]
                away_m = np.linalg.norm(np.cross(offset_m, self._data.xaxis[joint]), axis=1)
                reach[row] = max(reach[row], float((away_m + self._model.geom_rbound[geoms]).max(initial=0.0)))
        return reach * 1.05

    def scenery(self) -> Iterator[tuple[str, Pose, list[Array]]]:
        """Yield every link that is not the robot's with T_world_link and its colliders' corners in its frame."""
        for link in self._link_names:
            owner = link.split("/", 1)[0]
            if owner == ROBOT:
                continue
            known = owner != ROOM
            pieces = self.link_corners_m(link) if known else self._room_corners_m(link)
            yield link, self.link_pose(link) if known else Pose(), pieces

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

    def gripper_clearance_m(self, T_world_tcp: Pose, arm_rad: Array, ignoring: Iterable[str] = ()) -> float:
        """Return the smallest signed distance of the gripper alone to the scene, wherever an arm would have to be.

        `ignoring` names links that do not count, such as those of what is grasped; what may touch does not count
        either. The robot is carried to the pose as it stands at `arm_rad`, and back again.
        """
        self._place(arm_rad)
        T_world_base = self.T_world_base
        self.stand_at(T_world_tcp @ Pose.from_matrix(self._T_world_tcp()).inverse() @ T_world_base)
        self._place(arm_rad)
        mujoco.mj_comPos(self._model, self._data)
        mujoco.mj_collision(self._model, self._data)
        self.stand_at(T_world_base)
        return self._gripper_distance_m({self._link_row(name) for name in ignoring})

    def nearby(self, prop: str, within_m: float) -> dict[str, float]:
        """Return the links of the scene that are near a movable prop where it stands, with their signed distances."""
        body = self._free_joints(prop)[0].body
        self._act_as_robot(body, True)
        mujoco.mj_kinematics(self._model, self._data)
        mujoco.mj_comPos(self._model, self._data)
        mujoco.mj_collision(self._model, self._data)
        self._act_as_robot(body, False)
        links, own = self._geom_row[self._data.contact.geom], self._link_row(body)
        found: dict[str, float] = {}
        for (first, second), distance in zip(links.tolist(), self._data.contact.dist.tolist(), strict=True):
            if own in (first, second) and distance < within_m:
                other = self._link_names[second if first == own else first]
                if not other.startswith(f"{ROBOT}/"):
                    found[other] = min(distance, found.get(other, within_m))
        return found

    # --- inside

    def _room_corners_m(self, link: str) -> list[Array]:
        """Return the corners of a part of the room, which is no body and stands in the world."""
        geoms: list[int] = np.flatnonzero((self._geom_row == self._link_row(link)) & self._colliding_geoms).tolist()
        return [self._corners(geom) for geom in geoms]

    def _geoms_beyond(self, joint: int) -> NDArray[np.intp]:
        """Return the colliders that a joint moves."""
        moved = {int(self._model.jnt_bodyid[joint])}
        for body in range(self._model.nbody):
            if int(self._model.body_parentid[body]) in moved:
                moved.add(body)
        return np.flatnonzero(np.isin(self._model.geom_bodyid, sorted(moved)) & self._colliding_geoms)

    def _gripper_distance_m(self, ignored: set[int]) -> float:
        """Return the least distance among the contacts between a link of the gripper and one of the scene."""
        links = self._geom_row[self._data.contact.geom]
        of_gripper = np.isin(links, [self._link_row(name) for name in self.gripper_links])
        of_robot = np.isin(links, [row for row, name in enumerate(self._link_names) if name.startswith(f"{ROBOT}/")])
        counts = of_gripper.any(axis=1) & ~of_robot.all(axis=1) & ~np.isin(links, list(ignored)).any(axis=1)
        counts &= ~self._allowed[links[:, 0], links[:, 1]]
        return float(self._data.contact.dist[counts].min(initial=MARGIN_M))

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

    def _free_joints(self, prop: str) -> tuple[FreeJoint, ...]:
        joints = self.compiled.free_joints_of(prop)
        if not joints:
            raise UnknownName("movable prop", prop, {joint.prop for joint in self.compiled.free_joints})
        return joints

    def _furniture_joint(self, name: str) -> ModelJoint:
        joints = {joint.name: joint for joint in self.compiled.joints if not joint.body.startswith(f"{ROBOT}/")}
        if name not in joints:
            raise UnknownName("joint of furniture", name, joints, where="compiled model")
        return joints[name]

    def _corners(self, geom: int) -> Array:
        """Return the corners of a collider in its body's frame, of a round one points on its surface."""
        rotation = np.zeros(9)
        mujoco.mju_quat2Mat(rotation, self._model.geom_quat[geom])
        return local_corners_m(self._model, geom) @ rotation.reshape(3, 3).T + self._model.geom_pos[geom]

    def _link(self, name: str) -> str:
        return f"{ROBOT}/{name}"

    def _link_row(self, name: str) -> int:
        if name not in self._rows:
            raise UnknownName("link", name, self._rows, where="planning world")
        return self._rows[name]

    def _prepare_links(self) -> None:
        self._link_names = tuple(dict.fromkeys(geom.body for geom in self.compiled.geoms))
        self._rows = {name: row for row, name in enumerate(self._link_names)}
        self._geom_row = np.zeros(self._model.ngeom, dtype=np.intp)
        for geom in self.compiled.geoms:
            self._geom_row[self._model.geom(geom.name).id] = self._rows[geom.body]
        tools = (self.robot.tool.link, *self.robot.gripper.fingers)
        self.gripper_links = tuple(name for name in map(self._link, tools) if name in self._rows)
        self.finger_links = tuple(name for name in map(self._link, self.robot.gripper.fingers) if name in self._rows)

    def _prepare_filter(self) -> None:
        """Look at robot against robot and scene only; the model's own exclusions of neighbouring links stay."""
        self._allowed = np.zeros((len(self._link_names), len(self._link_names)), dtype=bool)
        colliding = (self._model.geom_contype | self._model.geom_conaffinity) != 0
        self._colliding_geoms = colliding
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


def _widened_model(path: Path) -> mujoco.MjModel:
    """Compile the MJCF with contacts reported up to the margin; set before compiling, as bodies keep a copy."""
    spec = mujoco.MjSpec.from_file(str(path))
    for geom in spec.geoms:
        geom.margin, geom.gap = MARGIN_M, 0.0
    return spec.compile()


def _joint(compiled: CompiledModel, name: str) -> ModelJoint:
    known = {joint.name.rsplit("/", 1)[-1]: joint for joint in compiled.joints if joint.body.startswith(f"{ROBOT}/")}
    if name not in known:
        raise UnknownName("joint", name, known, where="compiled model")
    return known[name]


def _addresses(compiled: CompiledModel, names: Iterable[str]) -> NDArray[np.intp]:
    return np.array([_joint(compiled, name).qpos_address for name in names], dtype=np.intp)


def _mimics(model: mujoco.MjModel) -> list[tuple[int, int, float, float]]:
    """List the joints that equalities make follow others: both addresses in qpos, ratio and offset."""
    found: list[tuple[int, int, float, float]] = []
    for row in np.flatnonzero(model.eq_type == int(mujoco.mjtEq.mjEQ_JOINT)).tolist():
        follower, leader = int(model.eq_obj1id[row]), int(model.eq_obj2id[row])
        offset, ratio = (float(value) for value in model.eq_data[row, :2])
        if leader >= 0:
            # MuJoCo counts both joints from where they stand in the model.
            offset += float(model.qpos0[model.jnt_qposadr[follower]] - ratio * model.qpos0[model.jnt_qposadr[leader]])
            found.append((int(model.jnt_qposadr[follower]), int(model.jnt_qposadr[leader]), ratio, offset))
    return found
