"""The painter: a scene's triangles on one device, and the passes that turn them into colour, depth, ids and normals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Pose

from .culling import Crowd, Framing
from .geometry import Floats, Geometry
from .shading import LEVELS, SHADES, Lights, Surfaces, View, meet_surfaces, put_light
from .shadows import (
    CELLS,
    bound_points,
    cast_shadows,
    count_points,
    divide_cells,
    lay_grid,
    rank_points,
    sort_points,
)
from .visibility import UNSEEN, Lens, draw_triangles, place_points

SKY_RGB, GROUND_RGB = (0.2, 0.2, 0.225), (0.05, 0.05, 0.06)
"""Linear light on what faces up and down; with the sun's share in shadow, the light of Newton's camera."""

MOST_COVERED = 64
"""Largest id whose hidden parts are known."""


@dataclass(frozen=True, slots=True)
class Sun:
    """A distant light: direction of its rays (unit, world) and linear light on what faces it."""

    direction: tuple[float, float, float]
    light_rgb: tuple[float, float, float]


@dataclass(frozen=True, eq=False, slots=True)
class Seen:
    """What N pixels show: sRGB (N, 3), planar depth (N) in m, 0 for nothing, id (N), normal (N, 3) in the world.

    Bit i - 1 of `covered` (N) tells whether the thing with id i would be seen if nothing hid it; None if not asked for.
    """

    rgb: NDArray[np.uint8]
    depth_m: NDArray[np.float32]
    instance: NDArray[np.int32]
    normal: NDArray[np.float32]
    covered: NDArray[np.uint64] | None


class Painter:
    """A scene on a device: place its bodies, choose the light, then look through cameras."""

    def __init__(
        self, geometry: Geometry, instances: NDArray[np.int32], background: Sequence[int], device: str
    ) -> None:
        self._device, self._background = device, wp.vec3ub(*background)
        self._vertices, self._triangles = len(geometry.points_m), len(geometry.corners)
        self._points, self._crowd = self._array(geometry.points_m, wp.vec3f), Crowd(geometry)
        self._surfaces, self._solid = self._upload(geometry, instances), self._array(geometry.solid, wp.bool)
        levels = np.arange(LEVELS) / (LEVELS - 1)
        self._encoding = self._array((encoded(levels) * 255).astype(np.uint8), wp.uint8)
        self._in_view = self._empty(self._vertices, wp.vec3f)
        self._in_light = self._empty(self._vertices, wp.vec3f)
        # More ids than bits are told apart in pictures, but not in what covers a pixel.
        bits = np.where(instances <= MOST_COVERED, np.uint64(1) << (instances - 1).clip(0, 63).astype(np.uint64), 0)
        self._bits = self._array(bits.astype(np.uint64)[geometry.shapes], wp.uint64)
        self._nearest = self._empty(0, wp.uint64)
        self._canvas = _Canvas(self, 0)
        self._rotations, self._offsets = np.eye(3)[None], np.zeros((1, 3))
        self._sun: Sun | None = None
        self._R_light_world, self._shadow_known = np.eye(3), False

    def dress(self, colors: Floats, picture_of: NDArray[np.int32]) -> None:
        """Give shapes linear colours (S, 3) and pictures (S), -1 for none."""
        self._surfaces.color = self._array(colors, wp.vec3f)
        self._surfaces.picture = self._array(picture_of, wp.int32)

    def place(self, rotations: Floats, offsets_m: Floats) -> None:
        """Put owners where they are in the world: rotations (N, 3, 3) and positions (N, 3), the world itself first."""
        self._rotations, self._offsets, self._shadow_known = rotations, offsets_m, False

    def illuminate(self, sun: Sun | None) -> None:
        """Choose the distant light; without one there is the light of sky and ground."""
        if sun != self._sun:
            self._sun, self._shadow_known = sun, False
            self._R_light_world = _across(np.array(sun.direction)) if sun is not None else np.eye(3)

    def look(
        self,
        framing: Framing,
        T_world_camera: Pose,
        pixels: NDArray[np.int32],
        exposure: float = 1.0,
        *,
        covered: bool = False,
    ) -> Seen:
        """Return what pixels (N), row by row numbered, show from a camera; `exposure` is a factor on all light."""
        R, eye = T_world_camera.rotation(), np.array(T_world_camera.position_m)
        lens, count = _lens(framing), len(pixels)
        canvas = self._canvas = self._canvas if self._canvas.room >= count else _Canvas(self, count)
        canvas.take(pixels)
        self._move(R.T @ self._rotations, (self._offsets - eye) @ R, self._in_view)
        in_view = self._crowd.triangles(framing, R.T @ self._rotations, (self._offsets - eye) @ R)
        nearest, cover = self._draw(lens, in_view, covered=covered)
        placed = [self._in_view, self._array(self._rotations, wp.mat33f), nearest, canvas.pixels]
        self._launch(meet_surfaces, count, [lens, self._view(R, eye), self._surfaces, *placed, *canvas.met()])
        if self._sun is not None:
            self._shade(canvas)
        lights = [_lights(self._sun, exposure), self._background, self._encoding]
        self._launch(put_light, count, [*lights, *canvas.lit()])
        return canvas.seen(cover.numpy()[pixels] if covered else None)

    def _draw(self, lens: Lens, listed: NDArray[np.int32], *, covered: bool) -> tuple[Any, Any]:
        """Return the nearest triangle of every pixel of the window, and what covers it where that is asked for."""
        size = lens.width * lens.height
        if self._nearest.shape[0] != size:
            self._nearest = self._empty(size, wp.uint64)
        self._nearest.fill_(UNSEEN)
        cover = wp.zeros(size if covered else 0, dtype=wp.uint64, device=self._device)
        corners, placed = self._surfaces.corners, self._in_view
        drawn = [self._array(listed, wp.int32), corners, placed, self._bits]
        self._launch(draw_triangles, len(listed), [lens, *drawn, self._nearest, cover])
        return self._nearest, cover

    def _shade(self, canvas: "_Canvas") -> None:
        """Find what lies in shadow among the pixels of the canvas."""
        placed = (self._R_light_world @ self._rotations, self._offsets @ self._R_light_world.T)
        if not self._shadow_known:
            self._move(*placed, self._in_light)
            self._shadow_known = True
        asking, sunlit = canvas.asking, canvas.sunlit
        grid = canvas.grid
        canvas.empty_cells()
        self._launch(bound_points, canvas.count, [asking, sunlit, canvas.bounds])
        self._launch(lay_grid, 2, [canvas.bounds, grid])
        self._launch(count_points, canvas.count, [grid, asking, sunlit, canvas.counts, canvas.lowest])
        self._launch(divide_cells, CELLS**2, [canvas.counts, canvas.sides, canvas.squares])
        wp.utils.array_scan(canvas.squares, canvas.starts, inclusive=False)
        chosen = [canvas.sides, canvas.starts, canvas.fine_counts, canvas.fine, canvas.rank]
        self._launch(rank_points, canvas.count, [grid, asking, sunlit, *chosen])
        wp.utils.array_scan(canvas.fine_counts, canvas.firsts, inclusive=False)
        where = [canvas.firsts, canvas.fine, canvas.rank, canvas.ordered]
        self._launch(sort_points, canvas.count, [asking, sunlit, *where])
        cells = [canvas.sides, canvas.starts, canvas.lowest, canvas.firsts, canvas.ordered, canvas.shaded]
        above = self._crowd.triangles_above(canvas.bounds.numpy() * (1, 1, -1, -1), *placed)
        thrown = [self._surfaces.corners, self._solid, self._in_light]
        self._launch(cast_shadows, len(above), [self._array(above, wp.int32), grid, *thrown, *cells])

    def _view(self, R: Floats, eye: Floats) -> View:
        view = View()
        view.R_light_camera, view.R_light_world = _mat33(self._R_light_world @ R), _mat33(self._R_light_world)
        view.camera_in_light = wp.vec3f(*(self._R_light_world @ eye).tolist())
        view.to_sun = wp.vec3f(*self._R_light_world[2].tolist()) if self._sun is not None else wp.vec3f(0.0)
        return view

    def _move(self, rotations: Floats, offsets: Floats, placed: Any) -> None:
        poses = [self._array(rotations, wp.mat33f), self._array(offsets, wp.vec3f)]
        self._launch(place_points, self._vertices, [self._points, self._surfaces.owner, *poses, placed])

    def _upload(self, geometry: Geometry, instances: NDArray[np.int32]) -> Surfaces:
        surfaces = Surfaces()
        surfaces.corners = self._array(geometry.corners, wp.vec3i)
        surfaces.shape, surfaces.owner = self._array(geometry.shapes, wp.int32), self._array(geometry.owners, wp.int32)
        surfaces.normal, surfaces.uv = self._array(geometry.normals, wp.vec3f), self._array(geometry.uvs, wp.vec2f)
        surfaces.color = self._array(linear(geometry.colors), wp.vec3f)
        surfaces.picture, surfaces.instance = (
            self._array(values, wp.int32) for values in (geometry.picture_of, instances)
        )
        sizes = [(picture.shape[1], picture.shape[0]) for picture in geometry.pictures]
        firsts = np.cumsum([0, *(width * height for width, height in sizes)])
        at = [(int(first), *size) for first, size in zip(firsts, sizes, strict=False)]
        surfaces.picture_at = self._array(np.array(at, dtype=np.int32).reshape(-1, 3), wp.vec3i)
        texels = [np.ascontiguousarray(picture).view(np.uint32).reshape(-1) for picture in geometry.pictures]
        surfaces.texels = self._array(np.concatenate(texels) if texels else np.zeros(0, np.uint32), wp.uint32)
        surfaces.linear = self._array(linear(np.arange(SHADES) / (SHADES - 1)), wp.float32)
        return surfaces

    def _launch(self, kernel: Any, count: int, inputs: list[Any]) -> None:
        wp.launch(kernel, dim=count, inputs=inputs, device=self._device)

    # Warp's array types carry their dimensions, which its own functions do not declare.
    def _array(self, values: NDArray[Any], dtype: Any) -> Any:
        plain = np.float32 if values.dtype == np.float64 else values.dtype
        return wp.array(np.ascontiguousarray(values, dtype=plain), dtype=dtype, device=self._device)

    def _empty(self, count: int, dtype: Any) -> Any:
        return wp.empty(count, dtype=dtype, device=self._device)


class _Canvas:
    """Arrays with room for a number of pixels, used again for the next picture that is no larger."""

    def __init__(self, painter: Painter, room: int) -> None:
        def empty(size: int, dtype: Any) -> Any:
            return painter._empty(size, dtype)

        self.room = self.count = room
        self.pixels, self.instance = empty(room, wp.int32), empty(room, wp.int32)
        self.depth_m, self.sunlit = empty(room, wp.float32), empty(room, wp.float32)
        self.normal, self.color = empty(room, wp.vec3f), empty(room, wp.vec3f)
        self.asking, self.ordered = empty(room, wp.vec3f), empty(room, wp.vec3f)
        self.fine, self.rank, self.shaded = (empty(room, wp.int32) for _ in range(3))
        self.rgb = empty(room, wp.vec3ub)
        self.counts, self.sides, self.squares, self.starts = (empty(CELLS**2, wp.int32) for _ in range(4))
        self.lowest, self.bounds, self.grid = (empty(size, wp.float32) for size in (CELLS**2, 4, 4))
        # So many fine cells there are at most, and one more, which says where the last one ends.
        self.fine_counts, self.firsts = (empty(room + 2 * CELLS**2 + 1, wp.int32) for _ in range(2))

    def take(self, pixels: NDArray[np.int32]) -> None:
        """Begin with other pixels."""
        self.count = len(pixels)
        wp.copy(self.pixels, wp.array(pixels, dtype=wp.int32, device="cpu"), count=self.count)

    def met(self) -> list[Any]:
        """Return what `meet_surfaces` fills."""
        return [self.depth_m, self.instance, self.normal, self.color, self.sunlit, self.asking]

    def lit(self) -> list[Any]:
        """Return what `put_light` reads and fills."""
        return [self.normal, self.color, self.sunlit, self.rank, self.shaded, self.rgb]

    def empty_cells(self) -> None:
        """Begin with cells without points."""
        self.counts.zero_()
        self.fine_counts.zero_()
        self.shaded.zero_()
        self.lowest.fill_(1e9)
        self.bounds.fill_(1e9)

    def seen(self, covered: NDArray[np.uint64] | None) -> Seen:
        """Return copies of what was found."""
        found = (self.rgb, self.depth_m, self.instance, self.normal)
        rgb, depth_m, instance, normal = (values.numpy()[: self.count].copy() for values in found)
        return Seen(rgb, depth_m, instance, normal, covered)


def linear(encoded_rgb: Floats) -> Floats:
    """Return the light of sRGB values between 0 and 1."""
    return np.where(encoded_rgb <= 0.04045, encoded_rgb / 12.92, ((encoded_rgb + 0.055) / 1.055) ** 2.4)


def encoded(light: Floats) -> Floats:
    """Return the sRGB values of light between 0 and 1."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def _across(direction: Floats) -> Floats:
    """Return a frame (rows: axes in the world) whose Z axis points towards the light."""
    up = -direction / np.linalg.norm(direction)
    aside = np.cross([1.0, 0.0, 0.0] if abs(up[0]) < 0.9 else [0.0, 1.0, 0.0], up)
    aside /= np.linalg.norm(aside)
    return np.stack([aside, np.cross(up, aside), up])


def _lens(framing: Framing) -> Lens:
    lens = Lens()
    lens.width, lens.height, lens.focal_px = framing.width_px, framing.height_px, framing.focal_px
    lens.first_column, lens.first_row, lens.last_column, lens.last_row = framing.window
    return lens


def _lights(sun: Sun | None, exposure: float) -> Lights:
    lights = Lights()
    given = (SKY_RGB, GROUND_RGB, (0.0, 0.0, 0.0) if sun is None else sun.light_rgb)
    lights.sky, lights.ground, lights.sun = (wp.vec3f(*(exposure * channel for channel in rgb)) for rgb in given)
    return lights


def _mat33(matrix: Floats) -> Any:
    return wp.mat33f(*matrix.reshape(-1).tolist())
