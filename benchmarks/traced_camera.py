"""Newton's own camera, which traces every ray, as the yardstick for what is drawn."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import newton
import numpy as np
import warp as wp
from newton.sensors import SensorCamera
from numpy.typing import NDArray

from blueprint.pipeline.scene.manifests import Camera, Light
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.sims.camera import BACKGROUND_RGB, GRID

FASTER = " -menable-no-nans -ffp-contract=fast"
"""Without answers for NaN the tracer takes a quarter less time."""


class TracedCamera:
    """A scene on the ray tracer's side."""

    def __init__(self, usd_path: Path) -> None:
        wp.config.cpu_compiler_flags = (wp.config.cpu_compiler_flags or "") + FASTER
        builder = newton.ModelBuilder()
        builder.add_usd(str(usd_path), skip_mesh_approximation=True)
        self._model: Any = builder.finalize(device="cpu")
        self._state, self._sensor = self._model.state(), SensorCamera(self._model)
        config = self._sensor.default_render_config
        config.enable_textures = config.enable_shadows = True
        config.enable_backface_culling = False
        red, green, blue = BACKGROUND_RGB
        self._clear = SensorCamera.ClearData(clear_color=red | green << 8 | blue << 16 | 255 << 24)

    def place(self, poses: Mapping[str, tuple[NDArray[Any], NDArray[Any]]], light: Light) -> None:
        """Put bodies (prim path to position and quaternion) where they are, and the light."""
        placed = [poses[label] for label in self._model.body_label]
        rows = [np.concatenate([position, quat[[1, 2, 3, 0]]]) for position, quat in placed]
        self._state.body_q.assign((np.round(np.array(rows) / GRID) * GRID).astype(np.float32))
        self._model.bvh_refit_shapes(self._state)
        towards = np.asarray(light.direction) / np.linalg.norm(light.direction)
        color = tuple(light.intensity * channel for channel in light.color_rgb)
        self._sensor.create_default_light(enable_shadows=True, direction=wp.vec3f(*towards.tolist()), color=color)

    def look(self, camera: Camera, T_world_camera: Pose) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Return colour (H, W, 3) and planar depth (H, W)."""
        sensor: Any = self._sensor
        width, height = camera.width_px, camera.height_px
        color, depth = (
            sensor.allocate_image_color(1, width, height),
            sensor.allocate_image_depth_forward(1, width, height),
        )
        rays = sensor.compute_camera_rays_pinhole(
            width,
            height,
            focal_length=camera.focal_px,
            horizontal_aperture=float(width),
            vertical_aperture=float(height),
            device="cpu",
        )
        w, x, y, z = T_world_camera.quat_wxyz
        pose = wp.array([[*T_world_camera.position_m, x, y, z, w]], dtype=wp.transformf, device="cpu")
        sensor.update(self._state, pose, rays, color_image=color, forward_depth_image=depth, clear_data=self._clear)
        return color.numpy().view(np.uint8).reshape(height, width, 4)[..., :3], depth.numpy().reshape(height, width)
