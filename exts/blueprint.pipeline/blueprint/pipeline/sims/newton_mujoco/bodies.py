"""Where links and cameras are, from MuJoCo's kinematics."""

import mujoco
import numpy as np

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.manifests import WORLD, Camera, SceneManifest
from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.sims.model import CompiledModel
from blueprint.pipeline.sims.protocols import Array


class Bodies:
    """The links of a compiled model; rows follow `CompiledModel.bodies`."""

    def __init__(self, maps: CompiledModel, model: mujoco.MjModel) -> None:
        self.moving = [(row, model.body(body.name).id) for row, body in enumerate(maps.bodies) if not body.fixed]
        self._moving_rows = np.array([row for row, _ in self.moving], dtype=np.intp)
        self._moving_ids = np.array([body for _, body in self.moving], dtype=np.intp)
        self._roots = model.body_rootid[self._moving_ids]
        self._rows = {body.prim_path: row for row, body in enumerate(maps.bodies)}
        self._position = np.array([body.T_world_body.position_m for body in maps.bodies])
        self._quat = np.array([body.T_world_body.quat_wxyz for body in maps.bodies])

    def poses(self, data: mujoco.MjData) -> tuple[Array, Array]:
        """Return positions (N, 3) and quaternions wxyz (N, 4) in the world."""
        position, quat = self._position.copy(), self._quat.copy()
        position[self._moving_rows], quat[self._moving_rows] = data.xpos[self._moving_ids], data.xquat[self._moving_ids]
        return position, quat

    def velocities(self, data: mujoco.MjData) -> tuple[Array, Array]:
        """Return linear velocities of the links' origins and angular velocities, world axes, (N, 3) each.

        MuJoCo's `cvel` is a spin, then the velocity of what is now at the kinematic tree's centre of mass.
        """
        velocity, spin = np.zeros_like(self._position), np.zeros_like(self._position)
        twist = data.cvel[self._moving_ids]
        arm = data.xpos[self._moving_ids] - data.subtree_com[self._roots]
        spin[self._moving_rows], velocity[self._moving_rows] = twist[:, :3], twist[:, 3:] + _cross(twist[:, :3], arm)
        return velocity, spin

    def mount(self, camera: Camera) -> tuple[int | None, Pose]:
        """Return the row of the link that carries a camera, None for the world, and the camera's pose in it."""
        if camera.mount == WORLD:
            return None, camera.T_mount_camera
        if camera.mount not in self._rows:
            raise UnknownName("mount", camera.mount, self._rows, where=f"camera {camera.name}")
        return self._rows[camera.mount], camera.T_mount_camera

    def camera_pose(self, camera: Camera, position_m: Array, quat_wxyz: Array) -> Pose:
        """Return T_world_camera for links standing as given; raises UnknownName for a mount that is no link."""
        row, T_mount_camera = self.mount(camera)
        if row is None:
            return T_mount_camera
        w, x, y, z = quat_wxyz[row].tolist()
        return Pose(vec3(position_m[row]), (w, x, y, z)) @ T_mount_camera


def _cross(first: Array, second: Array) -> Array:
    """Return cross products of rows; numpy's own takes ten times as long for a handful of them."""
    a, b, c = first.T
    x, y, z = second.T
    return np.stack([b * z - c * y, c * x - a * z, a * y - b * x], axis=1)


def camera_named(manifest: SceneManifest, name: str) -> Camera:
    """Return a camera of a scene; raises UnknownName."""
    cameras = {camera.name: camera for camera in manifest.cameras}
    if name not in cameras:
        raise UnknownName("camera", name, cameras)
    return cameras[name]
