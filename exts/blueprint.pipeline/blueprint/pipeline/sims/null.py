"""The `null` engine: the compiled model moved without physics, for tests of everything around a simulator.

Robot joints follow their commands with a lag. A movable prop moves with the tool while the fingers are closed around it
and drops onto what is below when they open. There are no forces, efforts or contacts, and pictures are sketches; what
it makes is test data and says so by the engine's name.
"""

from collections.abc import Mapping, Sequence

import mujoco
import numpy as np

from blueprint.pipeline.errors import InputError, UnknownName
from blueprint.pipeline.scene.edits import Edit
from blueprint.pipeline.scene.manifests import Camera
from blueprint.pipeline.scene.poses import Pose, Vec3, vec3
from blueprint.pipeline.scene.robots import load_robot

from .instances import instance_names, instance_of
from .model import ROBOT, FreeJoint
from .newton_mujoco.bodies import Bodies, camera_named
from .newton_mujoco.load import load_mujoco
from .newton_mujoco.shapes import corners_m
from .newton_mujoco.variation import Variation, remember
from .protocols import Array, Contacts, Frame, Observation, SceneFiles
from .sensing import sensed
from .sketch import Outline, sketch

LAG_S = 0.05
REACH_M = 0.03
"""How far a prop's centre may be from the point between the fingers to be taken along."""
SLACK_M = 0.0005
NO_PROP = -1


class NoPhysics(InputError):
    """Something was asked of the `null` engine that only physics can answer."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the engine 'null' computes no physics, so it cannot {what}; use the engine 'mujoco'")


class NullSim:
    """One scene without physics; implements `Sim`."""

    engine = "null"

    def __init__(self, files: SceneFiles) -> None:
        self.maps, self._model = load_mujoco(files.model_folder)
        self._data, self._files = mujoco.MjData(self._model), files
        self._robot = load_robot(files.manifest.robot.name)
        self.dt_s = self.maps.timestep_s
        self.joint_names = tuple(joint.name for joint in self.maps.joints)
        self.body_names = tuple(body.name for body in self.maps.bodies)
        self.instance_names = instance_names(files.manifest)
        self.raw_columns: Mapping[str, int] = {}
        self._bodies, self._pristine = Bodies(self.maps, self._model), remember(self._model)
        self._driven = np.array([self.maps.joint(servo.joint).qpos_address for servo in self.maps.actuators])
        fingers = {f"{ROBOT}/{name}" for name in self._robot.gripper.joints}
        self._fingers = np.array([servo.joint in fingers for servo in self.maps.actuators])
        self.reset()

    def reset(self, edits: Sequence[Edit] = ()) -> None:
        """Go to the authored state with edits applied; those of physics, servos, light and looks do nothing here."""
        self._variation = Variation(self.maps, self._files.manifest, self._model, self._pristine)
        self._variation.apply(edits)
        self._data.time = 0.0
        self._data.qpos[:], self._data.qvel[:] = self._variation.qpos, 0.0
        self._command = self._data.qpos[self._driven]
        self._held, self._grip_m = NO_PROP, 0.0
        self._T_tcp_body = Pose()
        mujoco.mj_kinematics(self._model, self._data)

    def save_state(self) -> Array:
        """Return time, coordinates, command and what is held."""
        grip = (self._held, self._grip_m, *self._T_tcp_body.position_m, *self._T_tcp_body.quat_wxyz)
        return np.concatenate([[self._data.time], self._data.qpos, self._data.qvel, self._command, grip])

    def restore_state(self, state: Array) -> None:
        """Return to a saved state."""
        sizes = np.cumsum([1, self._model.nq, self._model.nv, len(self._command)])
        time_s, qpos, qvel, command, grip = np.split(state, sizes)
        self._data.time, self._data.qpos[:], self._data.qvel[:] = float(time_s[0]), qpos, qvel
        self._command, self._held, self._grip_m = command.copy(), int(grip[0]), float(grip[1])
        w, x, y, z = grip[5:9].tolist()
        self._T_tcp_body = Pose(vec3(grip[2:5]), (w, x, y, z))
        mujoco.mj_kinematics(self._model, self._data)

    def set_command(self, command: Array) -> None:
        """Set the position targets of the robot's joints."""
        self._command = np.array(command, dtype=np.float64)

    def set_joint(self, joint: str, position: float) -> None:
        """Put a joint of furniture somewhere else at once; raises UnknownName."""
        if joint not in self.joint_names:
            raise UnknownName("joint", joint, self.joint_names)
        self._data.qpos[self.maps.joint(joint).qpos_address] = position
        mujoco.mj_kinematics(self._model, self._data)

    def drive(self, commands: Array) -> None:
        """Send one command per step (S, n) and advance; there is no engine whose state could be kept."""
        for command in commands:
            self.set_command(command)
            self._step()

    def log_forces(self) -> None:
        """There are no forces to note."""

    def set_force(self, body: str, force_n: Vec3) -> None:
        """Refuse: there are no forces here."""
        raise NoPhysics(f"push {body!r}")

    def set_effort(self, joint: str, effort: float) -> None:
        """Refuse: there are no forces here."""
        raise NoPhysics(f"drive {joint!r} with an effort")

    def step(self, count: int = 1) -> None:
        """Advance `count` steps."""
        for _ in range(count):
            self._step()

    def observe(self) -> Observation:
        """Measure the present instant; velocities of links, efforts and contacts are zero."""
        joints = [joint.qpos_address for joint in self.maps.joints]
        speeds = [joint.dof_address for joint in self.maps.joints]
        position, quat = self._bodies.poses(self._data)
        still, none = np.zeros_like(position), np.zeros((0, 3))
        effort = np.zeros(len(joints))
        contacts = Contacts((), (), none, none.copy(), none.copy(), np.zeros(0))
        joint_position, joint_velocity = self._data.qpos[joints], self._data.qvel[speeds]
        time_s = float(self._data.time)
        return Observation(
            time_s, joint_position, joint_velocity, effort, position, quat, still, still.copy(), contacts
        )

    def render(self, cameras: Sequence[str], *, covered: bool = False) -> Mapping[str, Frame]:
        """Sketch cameras by name; what is hidden in a sketch is not known."""
        numbers = {name: index + 1 for index, name in enumerate(self.instance_names)}
        owners = {geom.name: numbers[instance_of(geom.body)] for geom in self.maps.geoms}
        outlines = [
            Outline(corners_m(self._model, self._data, geom), owners[self._model.geom(geom).name])
            for geom in range(self._model.ngeom)
        ]
        step = round(float(self._data.time) / self.dt_s)
        sketches = {
            name: sketch(camera_named(self._variation.manifest, name), self.camera_pose(name), outlines)
            for name in cameras
        }
        return {name: sensed(frame, self._variation.sensing_of(name), step) for name, frame in sketches.items()}

    def camera(self, name: str) -> Camera:
        """Return a camera as the present variant has it."""
        return camera_named(self._variation.manifest, name)

    def camera_pose(self, camera: str) -> Pose:
        """Return T_world_camera at the present instant."""
        position, quat = self._bodies.poses(self._data)
        return self._bodies.camera_pose(camera_named(self._variation.manifest, camera), position, quat)

    def camera_mount(self, camera: str) -> tuple[int | None, Pose]:
        """Return the row of the link that carries a camera, None for the world, and the camera's pose in it."""
        return self._bodies.mount(camera_named(self._variation.manifest, camera))

    def close(self) -> None:
        """There is nothing to free."""

    def _step(self) -> None:
        data = self._data
        target = np.where(
            self._fingers & (self._held != NO_PROP), np.maximum(self._command, self._grip_m), self._command
        )
        before = data.qpos[self._driven]
        data.qpos[self._driven] = before + (target - before) * (1 - np.exp(-self.dt_s / LAG_S))
        for joint, value in zip(self.maps.actuators, data.qpos[self._driven] - before, strict=True):
            data.qvel[self.maps.joint(joint.joint).dof_address] = value / self.dt_s
        data.time += self.dt_s
        mujoco.mj_kinematics(self._model, data)
        if self._held == NO_PROP:
            self._try_grip()
        elif self._command[self._fingers].min() > self._grip_m + SLACK_M:
            self._drop(self.maps.free_joints[self._held])
            self._held = NO_PROP
        else:
            self._place(self.maps.free_joints[self._held], self._tcp() @ self._T_tcp_body)

    def _tcp(self) -> Pose:
        return self._pose(f"{ROBOT}/{self._robot.tool.link}") @ self._robot.tool.T_link_tcp

    def _pose(self, body: str) -> Pose:
        row = self._data.body(body)
        w, x, y, z = row.xquat.tolist()
        return Pose(vec3(row.xpos), (w, x, y, z))

    def _try_grip(self) -> None:
        T_tcp_world = self._tcp().inverse()
        opening = self._data.qpos[self._driven][self._fingers].min()
        for index, joint in enumerate(self.maps.free_joints):
            points = T_tcp_world.apply(self._points(joint))
            half_width = float(np.ptp(points[:, 1])) / 2
            centred = np.abs((points.min(axis=0) + points.max(axis=0))[:2] / 2).max() < REACH_M
            around = points[:, 2].min() < 0 < points[:, 2].max()
            if (
                centred
                and around
                and opening <= half_width + SLACK_M
                and self._command[self._fingers].max() < half_width
            ):
                self._held, self._grip_m = index, half_width
                self._T_tcp_body = T_tcp_world @ self._pose(joint.body)

    def _drop(self, joint: FreeJoint) -> None:
        points = self._points(joint)
        start = np.array([*(points.min(axis=0) + points.max(axis=0))[:2] / 2, points[:, 2].min() + SLACK_M])
        body, hit = self._model.body(joint.body).id, np.full(1, -1, dtype=np.int32)
        distance = mujoco.mj_ray(self._model, self._data, start, np.array([0.0, 0.0, -1.0]), None, 1, body, hit, None)
        if hit[0] >= 0:
            self._data.qpos[joint.qpos_address + 2] -= distance - SLACK_M
            mujoco.mj_kinematics(self._model, self._data)

    def _place(self, joint: FreeJoint, pose: Pose) -> None:
        self._data.qpos[joint.qpos_address : joint.qpos_address + 7] = (*pose.position_m, *pose.quat_wxyz)
        mujoco.mj_kinematics(self._model, self._data)

    def _points(self, joint: FreeJoint) -> Array:
        body = self._model.body(joint.body)
        geoms = range(int(body.geomadr[0]), int(body.geomadr[0] + body.geomnum[0]))
        return np.concatenate([corners_m(self._model, self._data, geom) for geom in geoms])
