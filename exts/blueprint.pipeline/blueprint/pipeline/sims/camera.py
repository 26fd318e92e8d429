"""Cameras: RGB, planar depth, instances and normals of a scene whose bodies stand where one says.

Newton reads the scene; what its cameras would trace ray by ray is drawn triangle by triangle, which shows the same and
takes a quarter of the time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import newton
import numpy as np
import warp as wp
from numpy.typing import NDArray

from blueprint.pipeline.errors import InputError, UnknownName
from blueprint.pipeline.scene.manifests import Camera, Light
from blueprint.pipeline.scene.poses import Pose, Vec3

from .drawing.culling import Framing
from .drawing.geometry import WORLD, Geometry, gather_geometry
from .drawing.painter import Painter, Seen, Sun, linear
from .instances import instance_names, instance_of
from .model import CompiledModel
from .protocols import Array, Frame, SceneFiles
from .redraw import box_corners_m, changed_pixels
from .warp_start import start_warp

DEVICE = "cpu"
BACKGROUND_RGB = (186, 192, 198)
GRID = 1e-5
"""Step to which poses are rounded for a picture, in metres and in quaternion components."""


class TooManyLights(InputError):
    """There is one distant light beside the sky."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"the camera renders one distant light beside the sky, the scene has {', '.join(names)}")


class NoSuchDevice(InputError):
    """Pictures were to be drawn where nothing can draw them."""

    def __init__(self, device: str) -> None:
        known = ", ".join(str(known.alias) for known in wp.get_devices())
        super().__init__(
            f"cameras cannot draw on {device!r}: Warp finds {known}. generate.device: cpu works everywhere"
        )


@dataclass(frozen=True, slots=True)
class Look:
    """How a prop differs from what was authored: linear factors on its colours, and whose picture it wears."""

    tint_rgb: Vec3 = (1.0, 1.0, 1.0)
    texture_of: str = ""


Looks = tuple[tuple[str, Look], ...]


@dataclass(frozen=True, slots=True)
class Scenery:
    """What all pictures of a variant depend on beside poses: lights, looks of props, exposure of cameras in stops."""

    lights: tuple[Light, ...] = ()
    looks: Looks = ()
    exposure_stops: tuple[tuple[str, float], ...] = ()

    @property
    def light(self) -> Light | None:
        """The distant light; raises TooManyLights."""
        if len(self.lights) > 1:
            raise TooManyLights([light.name for light in self.lights])
        return self.lights[0] if self.lights else None


@dataclass(frozen=True, eq=False, slots=True)
class _Bodies:
    """Poses (N, 7) of all bodies, and the boxes (N, 8, 3) around their visible shapes in the world, nan for none."""

    poses: Array
    boxes_m: Array

    def moved(self, since: "_Bodies") -> list[Array]:
        """Return the boxes of bodies that stand elsewhere than before, at both places."""
        elsewhere = (self.poses != since.poses).any(axis=1) & np.isfinite(self.boxes_m[:, 0, 0])
        return [*since.boxes_m[elsewhere], *self.boxes_m[elsewhere]]


@dataclass(frozen=True, eq=False, slots=True)
class _Shot:
    """One picture, and all that it depends on: camera, its pose, scenery, extent, and the bodies."""

    subject: tuple[Camera, Pose, Scenery, bool]
    bodies: "_Bodies"
    frame: Frame


class SceneRenderer:
    """A scene's visible shapes, ready to be drawn; all sims of the scene in this process share it."""

    def __init__(self, usd_path: Path, files: SceneFiles, maps: CompiledModel, device: str = DEVICE) -> None:
        if device != DEVICE and not wp.is_cuda_available():
            raise NoSuchDevice(device)
        self.path, self.manifest, self.device = usd_path, files.manifest, device
        geometry, labels = _load(usd_path)
        rows = {body.prim_path: row for row, body in enumerate(maps.bodies)}
        self._rows = np.array([rows[label] for label in labels], dtype=np.intp)
        self._geometry, self._owners = geometry, _owners(geometry.labels, files, maps)
        number = {name: index + 1 for index, name in enumerate(instance_names(files.manifest))}
        instances = np.array([number[name] for name in self._owners], dtype=np.int32)
        self._painter = Painter(geometry, instances, BACKGROUND_RGB, device)
        self._boxes, self._lowest_m = _boxes(geometry, len(labels))
        self._shots: dict[str, _Shot] = {}
        self._looks: Looks = ()

    @classmethod
    def of_scene(cls, files: SceneFiles, maps: CompiledModel, device: str = DEVICE) -> "SceneRenderer":
        """Return the renderer of a scene; the one used last in this process is kept, with what it loaded.

        `device` is `cpu` or `cuda`; raises NoSuchDevice.
        """
        path = files.usd_path.resolve()
        wanted = (path, files.manifest, device)
        if not _KEPT or (_KEPT[0].path, _KEPT[0].manifest, _KEPT[0].device) != wanted:
            _KEPT[:] = [cls(path, files, maps, device)]
        return _KEPT[0]

    def render(
        self,
        position_m: Array,
        quat_wxyz: Array,
        views: Sequence[tuple[Camera, Pose]],
        scenery: Scenery,
        *,
        covered: bool = False,
    ) -> list[Frame]:
        """Render cameras at T_world_camera with bodies in the order of the compiled model.

        With `covered`, frames also tell what hidden things a pixel would show.

        A picture is a function of what is given; earlier ones only save drawing what cannot have changed. Raises
        TooManyLights, and UnknownName for the look of a prop that is not seen or has no picture.
        """
        self._painter.illuminate(_sun(scenery.light))
        self._dress(scenery.looks)
        # Things at rest tremble by a millionth of a millimetre; on a grid they stand still.
        poses = np.round(np.concatenate([position_m, quat_wxyz], axis=1)[self._rows] / GRID) * GRID
        rotations = _rotations(poses[:, 3:])
        bodies = _Bodies(poses, np.einsum("nij,nkj->nki", rotations, self._boxes) + poses[:, None, :3])
        self._painter.place(
            np.concatenate([np.eye(3)[None], rotations]), np.concatenate([np.zeros((1, 3)), poses[:, :3]])
        )
        return [self._shoot(camera, pose, scenery, bodies, covered=covered) for camera, pose in views]

    def _shoot(self, camera: Camera, pose: Pose, scenery: Scenery, bodies: _Bodies, *, covered: bool) -> Frame:
        last, pixels = self._shots.get(camera.name), _all_pixels(camera.width_px, camera.height_px)
        frame, subject = None, (camera, pose, scenery, covered)
        if last is not None and last.subject == subject:
            moved = bodies.moved(last.bodies)
            mask = changed_pixels(camera, pose, moved, _direction(scenery.light), self._lowest_m)
            if mask is not None:
                frame, pixels = last.frame, np.flatnonzero(mask).astype(np.int32)
        if len(pixels):
            stops = dict(scenery.exposure_stops).get(camera.name, 0.0)
            seen = self._painter.look(_framing(camera, pixels), pose, pixels, 2.0**stops, covered=covered)
            frame = _whole(camera, seen) if frame is None else _redrawn(frame, pixels, seen)
        assert frame is not None, "without a picture to redraw all pixels are drawn"
        self._shots[camera.name] = _Shot(subject, bodies, frame)
        return _copied(frame)

    def _dress(self, looks: Looks) -> None:
        if looks == self._looks:
            return
        colors, picture_of = linear(self._geometry.colors), self._geometry.picture_of.copy()
        # The first shape of a prop that has a picture says what its picture is.
        pictures = {owner: picture for owner, picture in self._pictures() if picture >= 0}
        for prop, look in looks:
            shapes = [shape for shape, owner in enumerate(self._owners) if owner == prop]
            if not shapes:
                raise UnknownName("visible prop", prop, sorted(set(self._owners)))
            colors[shapes] *= look.tint_rgb
            if look.texture_of not in ("", prop):
                if look.texture_of not in pictures:
                    raise UnknownName("prop with a picture", look.texture_of, sorted(pictures))
                worn = [shape for shape in shapes if picture_of[shape] >= 0]
                picture_of[worn] = pictures[look.texture_of]
        self._painter.dress(colors, picture_of)
        self._looks = looks

    def _pictures(self) -> list[tuple[str, int]]:
        return list(zip(self._owners, self._geometry.picture_of.tolist(), strict=True))[::-1]


_KEPT: list[SceneRenderer] = []


@lru_cache(maxsize=8)
def _all_pixels(width_px: int, height_px: int) -> NDArray[np.int32]:
    return np.arange(width_px * height_px, dtype=np.int32)


def _framing(camera: Camera, pixels: NDArray[np.int32]) -> Framing:
    """Return the camera's framing with the window that holds the pixels, which are in order."""
    columns = pixels % camera.width_px
    rows = (int(pixels[0]) // camera.width_px, int(pixels[-1]) // camera.width_px)
    window = (int(columns.min()), rows[0], int(columns.max()), rows[1])
    return Framing(camera.width_px, camera.height_px, camera.focal_px, window)


def _whole(camera: Camera, seen: Seen) -> Frame:
    shape = (camera.height_px, camera.width_px)
    rgb, normal = seen.rgb.reshape(*shape, 3), seen.normal.reshape(*shape, 3)
    covered = None if seen.covered is None else seen.covered.reshape(shape)
    return Frame(rgb, seen.depth_m.reshape(shape), seen.instance.reshape(shape), normal, covered)


def _redrawn(frame: Frame, pixels: NDArray[np.int32], seen: Seen) -> Frame:
    """Return a copy of a frame in which pixels are drawn anew."""
    redrawn = _copied(frame)
    assert redrawn.normal is not None
    redrawn.rgb.reshape(-1, 3)[pixels] = seen.rgb
    redrawn.depth_m.reshape(-1)[pixels] = seen.depth_m
    redrawn.instance.reshape(-1)[pixels] = seen.instance
    redrawn.normal.reshape(-1, 3)[pixels] = seen.normal
    if redrawn.covered is not None and seen.covered is not None:
        redrawn.covered.reshape(-1)[pixels] = seen.covered
    return redrawn


def _copied(frame: Frame) -> Frame:
    normal = None if frame.normal is None else frame.normal.copy()
    covered = None if frame.covered is None else frame.covered.copy()
    return Frame(frame.rgb.copy(), frame.depth_m.copy(), frame.instance.copy(), normal, covered)


def _load(usd_path: Path) -> tuple[Geometry, list[str]]:
    """Return what is visible of a scene, and the prim paths of its bodies in the order in which they own shapes."""
    start_warp()
    builder = newton.ModelBuilder()
    builder.add_usd(str(usd_path), skip_mesh_approximation=True)
    model: Any = builder.finalize(device="cpu")
    return gather_geometry(model), list(model.body_label)


def _sun(light: Light | None) -> Sun | None:
    direction = _direction(light)
    if light is None or direction is None:
        return None
    red, green, blue = (light.intensity * channel for channel in light.color_rgb)
    x, y, z = direction.tolist()
    return Sun((x, y, z), (red, green, blue))


def _direction(light: Light | None) -> Array | None:
    return None if light is None else np.asarray(light.direction) / np.linalg.norm(light.direction)


def _rotations(quat_wxyz: Array) -> Array:
    """Return the rotation matrices (N, 3, 3) of quaternions (N, 4)."""
    w, x, y, z = (quat_wxyz / np.linalg.norm(quat_wxyz, axis=1, keepdims=True)).T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(rows), 2, 0)


def _boxes(geometry: Geometry, bodies: int) -> tuple[Array, float]:
    """Return the box (N, 8, 3) around every body's visible shapes, nan for none, and the lowest fixed height."""
    boxes = np.full((bodies, 8, 3), np.nan)
    for body in range(bodies):
        points = geometry.points_of(body + 1)
        if len(points):
            boxes[body] = box_corners_m(points)
    fixed = geometry.points_of(WORLD)
    return boxes, float(fixed[:, 2].min()) if len(fixed) else 0.0


def _owners(shape_paths: Sequence[str], files: SceneFiles, maps: CompiledModel) -> list[str]:
    """Return the instance that every shape belongs to."""
    owners = {f"{body.prim_path}/": instance_of(body.name) for body in maps.bodies}
    room = instance_names(files.manifest)[-1]
    return [next((name for root, name in owners.items() if path.startswith(root)), room) for path in shape_paths]
