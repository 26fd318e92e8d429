"""What a compiled scene holds for planning: its links and joints by name, and the colliders that each link carries."""

import copy
from collections.abc import Iterable
from pathlib import Path

import mujoco
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import Robot

from .kept import kept
from .model import MJCF_FILE, ROBOT, CompiledModel, FreeJoint, ModelJoint, load_model
from .newton_mujoco.shapes import local_corners_m
from .solids import ConvexSolid, convex_solid

Array = NDArray[np.float64]

MARGIN_M = 0.03
"""Distances are measured up to here; beyond, the world is clear."""


class PlanningModel:
    """One compiled scene with one robot; links are named `<prop>/<link>` or `robot/<link>`."""

    def __init__(self, model_folder: Path, robot: Robot) -> None:
        self.robot = robot
        self.compiled = load_model(model_folder)
        self._model = copy.copy(kept("planning", model_folder / MJCF_FILE, _widened_model))
        self._colliding_geoms = (self._model.geom_contype | self._model.geom_conaffinity) != 0
        self.arm_joint_names = robot.arm.joints
        self._arm_at = _addresses(self.compiled, robot.arm.joints)
        self._finger_at = _addresses(self.compiled, robot.gripper.joints)
        self._mimics = _mimics(self._model)
        self._arm_dof_at = np.array([_joint(self.compiled, name).dof_address for name in robot.arm.joints])
        self._tool_body = self._model.body(f"{ROBOT}/{robot.tool.link}").id
        self._T_link_tcp = robot.tool.T_link_tcp.matrix()
        self._prepare_links()

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
