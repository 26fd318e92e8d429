"""Cameras: Newton's ray tracer shows RGB, planar depth and instances of a scene whose bodies stand where one says."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import newton
import numpy as np
import warp as wp
from newton.sensors import SensorCamera
from numpy.typing import NDArray

from blueprint.pipeline.errors import InputError
from blueprint.pipeline.scene.manifests import Camera, Light
from blueprint.pipeline.scene.poses import Pose, vec3

from .instances import instance_names, instance_of
from .model import CompiledModel
from .protocols import Array, Frame, SceneFiles
from .redraw import CUBE, box_corners_m, changed_pixels

DEVICE = "cpu"
COMPILER_FLAGS = " -menable-no-nans -ffp-contract=fast"
"""Without answers for NaN the ray tracer takes a quarter less time, with fused multiply-add another 6 %."""

TILE_PX = 16

BACKGROUND_RGB = (186, 192, 198)
GRID = 1e-5
"""Step to which poses are rounded for a picture, in metres and in quaternion components."""

MISS = 0xFFFFFFFF
"""Newton's shape index where a ray meets nothing."""


class TooManyLights(InputError):
    """The ray tracer takes one distant light."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"the camera renders one distant light beside the sky, the scene has {', '.join(names)}")


@dataclass(frozen=True, eq=False, slots=True)
class _Shot:
    """One picture, and all that it depends on: camera, its pose, light, and the pose (N, 7) of every body."""

    subject: tuple[Camera, Pose, Light | None]
    body_q: Array
    frame: Frame


class SceneRenderer:
    """A scene's visible shapes on the ray tracer's side; all sims of the scene in this process share it."""

    def __init__(self, usd_path: Path, files: SceneFiles, maps: CompiledModel) -> None:
        self.path, self.manifest = usd_path, files.manifest
        self._model = _load_shapes(usd_path)
        self._state = self._model.state()
        self._ids = _instance_ids(self._model.shape_label, files, maps)
        rows = {body.prim_path: row for row, body in enumerate(maps.bodies)}
        self._rows = np.array([rows[label] for label in self._model.body_label], dtype=np.intp)
        self._boxes, self._lowest_m = _body_boxes(self._model)
        self._sensor = SensorCamera(self._model)
        config = self._sensor.default_render_config
        config.enable_textures = config.enable_shadows = True
        # A scan's shell is often open, and a culled first hit hides the rest of its mesh as well.
        config.enable_backface_culling = False
        red, green, blue = BACKGROUND_RGB
        self._clear = SensorCamera.ClearData(clear_color=red | green << 8 | blue << 16 | 255 << 24)
        self._rays: dict[tuple[int, int, float], Array] = {}
        self._shots: dict[str, _Shot] = {}
        self._light: Light | None = None

    @classmethod
    def of_scene(cls, files: SceneFiles, maps: CompiledModel) -> "SceneRenderer":
        """Return the renderer of a scene; the one used last in this process is kept, with what it loaded."""
        path = files.usd_path.resolve()
        if not _KEPT or (_KEPT[0].path, _KEPT[0].manifest) != (path, files.manifest):
            _KEPT[:] = [cls(path, files, maps)]
        return _KEPT[0]

    def render(
        self, position_m: Array, quat_wxyz: Array, views: Sequence[tuple[Camera, Pose]], lights: Sequence[Light]
    ) -> list[Frame]:
        """Render cameras at T_world_camera with bodies in the order of the compiled model; raises TooManyLights.

        A picture is a function of what is given; earlier ones only save tracing what cannot have changed.
        """
        if len(lights) > 1:
            raise TooManyLights([light.name for light in lights])
        light = lights[0] if lights else None
        self._illuminate(light)
        # Things at rest tremble by a millionth of a millimetre; on a grid they stand still.
        body_q = np.round(np.concatenate([position_m, quat_wxyz[:, [1, 2, 3, 0]]], axis=1)[self._rows] / GRID) * GRID
        self._state.body_q.assign(body_q.astype(np.float32))
        self._model.bvh_refit_shapes(self._state)
        return [self._shoot(camera, pose, light, body_q) for camera, pose in views]

    def _shoot(self, camera: Camera, pose: Pose, light: Light | None, body_q: Array) -> Frame:
        last, pixels = self._shots.get(camera.name), pixels_in_tiles(camera.width_px, camera.height_px)
        frame = _empty_frame(camera)
        if last is not None and last.subject == (camera, pose, light):
            moved = self._moved(last.body_q, body_q)
            mask = changed_pixels(camera, pose, moved, _direction(light), self._lowest_m)
            if mask is not None:
                frame, pixels = _copied(last.frame), pixels[mask.reshape(-1)[pixels]]
        if len(pixels):
            rgb, depth, instance = self._trace(pose, self._camera_rays(camera)[pixels].reshape(1, -1, 1, 2, 3))
            frame.rgb.reshape(-1, 3)[pixels] = rgb
            frame.depth_m.reshape(-1)[pixels] = depth
            frame.instance.reshape(-1)[pixels] = instance
        self._shots[camera.name] = _Shot((camera, pose, light), body_q, frame)
        return _copied(frame)

    def _moved(self, before: Array, after: Array) -> list[Array]:
        """Return the boxes of bodies that stand elsewhere than before, at both places."""
        moved: list[int] = np.flatnonzero((before != after).any(axis=1)).tolist()
        return [
            Pose(vec3(row[:3]), (row[6], row[3], row[4], row[5])).apply(self._boxes[body])
            for body in moved
            if body in self._boxes
            for row in (before[body], after[body])
        ]

    def _trace(self, T_world_camera: Pose, rays: Array) -> tuple[Any, Any, Any]:
        """Return colour (N, 3), planar depth (N) and instance (N) of rays (1, N, 1, 2, 3)."""
        # Warp's array types carry their dimensions, which its own functions do not declare.
        sensor: Any = self._sensor
        count = rays.shape[1]
        # A length off by 1e-4 would already move what is seen by a millimetre.
        w, x, y, z = np.asarray(T_world_camera.quat_wxyz) / np.linalg.norm(T_world_camera.quat_wxyz)
        color, shape = sensor.allocate_image_color(1, count, 1), sensor.allocate_image_shape_index(1, count, 1)
        depth = sensor.allocate_image_depth_forward(1, count, 1)
        sensor.update(
            self._state,
            wp.array([[*T_world_camera.position_m, x, y, z, w]], dtype=wp.transformf, device=DEVICE),
            wp.array(rays, dtype=wp.vec3f, device=DEVICE),
            color_image=color,
            forward_depth_image=depth,
            shape_index_image=shape,
            clear_data=self._clear,
        )
        hit = shape.numpy().reshape(-1)
        instance = self._ids[np.where(hit == MISS, len(self._ids) - 1, hit)]
        return color.numpy().view(np.uint8).reshape(-1, 4)[:, :3].copy(), depth.numpy().reshape(-1).copy(), instance

    def _illuminate(self, light: Light | None) -> None:
        if light == self._light:
            return
        direction = _direction(light)
        if light is None or direction is None:
            self._sensor.create_default_light(enable_shadows=False, color=(0.0, 0.0, 0.0))
        else:
            color = tuple(light.intensity * channel for channel in light.color_rgb)
            self._sensor.create_default_light(enable_shadows=True, direction=wp.vec3f(*direction), color=color)
        self._light = light

    def _camera_rays(self, camera: Camera) -> Array:
        width, height = camera.width_px, camera.height_px
        key = (width, height, camera.focal_px)
        if key not in self._rays:
            rays: Any = self._sensor.compute_camera_rays_pinhole(
                width,
                height,
                focal_length=camera.focal_px,
                horizontal_aperture=float(width),
                vertical_aperture=float(height),
                device=DEVICE,
            )
            self._rays[key] = rays.numpy().reshape(height * width, 2, 3)
        return self._rays[key]


_KEPT: list[SceneRenderer] = []


@lru_cache(maxsize=8)
def pixels_in_tiles(width_px: int, height_px: int) -> NDArray[np.intp]:
    """Return every pixel's index, tile by tile: rays that follow each other then meet the same things.

    Tracing them in this order takes 4 % less time than row by row.
    """
    rows, columns = np.divmod(np.arange(height_px * width_px), width_px)
    return np.lexsort((columns, rows, columns // TILE_PX, rows // TILE_PX))


def _empty_frame(camera: Camera) -> Frame:
    shape = (camera.height_px, camera.width_px)
    return Frame(np.empty((*shape, 3), np.uint8), np.empty(shape, np.float32), np.empty(shape, np.int32))


def _copied(frame: Frame) -> Frame:
    return Frame(frame.rgb.copy(), frame.depth_m.copy(), frame.instance.copy())


def _load_shapes(usd_path: Path) -> Any:
    wp.config.log_level = wp.LOG_ERROR
    if COMPILER_FLAGS not in (flags := wp.config.cpu_compiler_flags or ""):
        wp.config.cpu_compiler_flags = flags + COMPILER_FLAGS
    builder = newton.ModelBuilder()
    builder.add_usd(str(usd_path), skip_mesh_approximation=True)
    return builder.finalize(device=DEVICE)


def _direction(light: Light | None) -> Array | None:
    return None if light is None else np.asarray(light.direction) / np.linalg.norm(light.direction)


def _body_boxes(model: Any) -> tuple[dict[int, Array], float]:
    """Return the box (8, 3) around every body's visible shapes in its frame, and the height of the lowest fixed one."""
    points: dict[int, list[Array]] = {}
    bodies, flags, types = model.shape_body.numpy(), model.shape_flags.numpy(), model.shape_type.numpy()
    placed, scales = model.shape_transform.numpy().astype(np.float64), model.shape_scale.numpy().astype(np.float64)
    for shape in np.flatnonzero(flags & int(newton.ShapeFlags.VISIBLE)):
        source = model.shape_source[shape]
        if source is not None:
            local = np.asarray(source.vertices, dtype=np.float64) * scales[shape]
        else:
            # Radius and half length of a round shape add up to more than it ever extends.
            boxy = types[shape] == int(newton.GeoType.BOX)
            local = CUBE * (scales[shape] if boxy else scales[shape].sum())
        x, y, z, w = placed[shape, 3:].tolist()
        pose = Pose(vec3(placed[shape, :3]), (w, x, y, z))
        points.setdefault(int(bodies[shape]), []).append(pose.apply(local))
    fixed = points.pop(-1, [np.zeros((1, 3))])
    boxes = {body: box_corners_m(np.concatenate(parts)) for body, parts in points.items()}
    return boxes, min(float(part[:, 2].min()) for part in fixed)


def _instance_ids(shape_paths: Sequence[str], files: SceneFiles, maps: CompiledModel) -> NDArray[np.int32]:
    """Return the instance id of every shape, and 0 for a miss in the last place."""
    names = instance_names(files.manifest)
    number = {name: index + 1 for index, name in enumerate(names)}
    owners = {f"{body.prim_path}/": instance_of(body.name) for body in maps.bodies}
    room = names[-1]
    found = [next((name for root, name in owners.items() if path.startswith(root)), room) for path in shape_paths]
    return np.array([*(number[name] for name in found), 0], dtype=np.int32)
