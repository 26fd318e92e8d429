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
        self._rows = {body.prim_path: row for row, body in enumerate(maps.bodies)}
        self._position = np.array([body.T_world_body.position_m for body in maps.bodies])
        self._quat = np.array([body.T_world_body.quat_wxyz for body in maps.bodies])

    def poses(self, data: mujoco.MjData) -> tuple[Array, Array]:
        """Return positions (N, 3) and quaternions wxyz (N, 4) in the world."""
        position, quat = self._position.copy(), self._quat.copy()
        for row, body in self.moving:
            position[row], quat[row] = data.xpos[body], data.xquat[body]
        return position, quat

    def velocities(self, model: mujoco.MjModel, data: mujoco.MjData) -> tuple[Array, Array]:
        """Return linear velocities of the links' origins and angular velocities, world axes, (N, 3) each."""
        velocity, spin = np.zeros_like(self._position), np.zeros_like(self._position)
        twist = np.zeros(6)
        for row, body in self.moving:
            mujoco.mj_objectVelocity(model, data, mujoco.mjtObj.mjOBJ_XBODY, body, twist, 0)
            spin[row], velocity[row] = twist[:3], twist[3:]
        return velocity, spin

    def camera_pose(self, camera: Camera, position_m: Array, quat_wxyz: Array) -> Pose:
        """Return T_world_camera for links standing as given; raises UnknownName for a mount that is no link."""
        if camera.mount == WORLD:
            return camera.T_mount_camera
        if camera.mount not in self._rows:
            raise UnknownName("mount", camera.mount, self._rows, where=f"camera {camera.name}")
        row = self._rows[camera.mount]
        w, x, y, z = quat_wxyz[row].tolist()
        return Pose(vec3(position_m[row]), (w, x, y, z)) @ camera.T_mount_camera


def camera_named(manifest: SceneManifest, name: str) -> Camera:
    """Return a camera of a scene; raises UnknownName."""
    cameras = {camera.name: camera for camera in manifest.cameras}
    if name not in cameras:
        raise UnknownName("camera", name, cameras)
    return cameras[name]
