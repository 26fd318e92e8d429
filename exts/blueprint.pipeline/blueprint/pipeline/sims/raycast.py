"""Pictures of triangles by casting rays: enough for a look at things, without a simulator's start-up of seconds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from embreex.mesh_construction import TriangleMesh as EmbreeMesh
from embreex.rtcore_scene import EmbreeScene
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Vec3

Floats = NDArray[np.float64]
Image = NDArray[np.uint8]

_SUBPIXELS = ((-0.25, -0.125), (0.125, -0.25), (0.25, 0.125), (-0.125, 0.25))
_GAMMA = 2.2
_CREASE_COSINE = np.cos(np.radians(40.0))
_LIFT = 1e-3


@dataclass(frozen=True, eq=False)
class Surface:
    """Triangles (F, 3, 3) in the world with one look: an sRGB colour, or a factor on a texture (H, W, 3), 0 to 1.

    `uv` (F, 3, 2) has v upwards.
    """

    triangles_m: Floats
    color_rgb: Vec3
    uv: Floats | None = None
    texture: Image | None = None


@dataclass(frozen=True, eq=False)
class View:
    """A pinhole camera that looks along -Z of its frame with +Y up; square pixels."""

    T_world_camera: Floats
    focal_px: float
    width_px: int
    height_px: int

    def rays(self, shift: tuple[float, float] = (0.0, 0.0)) -> Floats:
        """Return a unit direction in the world per pixel, row by row, shape (H * W, 3)."""
        x = np.arange(self.width_px) + 0.5 + shift[0] - self.width_px / 2
        y = self.height_px / 2 - np.arange(self.height_px) - 0.5 - shift[1]
        grid = np.stack(np.broadcast_arrays(x[None, :], y[:, None], np.float64(-self.focal_px)), axis=-1)
        directions = grid.reshape(-1, 3) @ self.T_world_camera[:3, :3].T
        return directions / np.linalg.norm(directions, axis=1, keepdims=True)

    def pixels(self, points_m: Floats) -> Floats:
        """Return where points (N, 3) of the world appear, in pixels from the upper left, shape (N, 2)."""
        T = np.linalg.inv(self.T_world_camera)
        seen = np.atleast_2d(points_m) @ T[:3, :3].T + T[:3, 3]
        scale = self.focal_px / -seen[:, 2]
        return np.stack([self.width_px / 2 + seen[:, 0] * scale, self.height_px / 2 - seen[:, 1] * scale], axis=1)


@dataclass(frozen=True, eq=False)
class _Hits:
    triangle: NDArray[np.int64]
    """Index of the triangle that each ray meets first, -1 for none."""
    weights: Floats
    distance: Floats


def view_of(
    lower_m: Floats,
    upper_m: Floats,
    *,
    width_px: int,
    height_px: int,
    azimuth_rad: float = -1.1,
    elevation_rad: float = 0.45,
) -> View:
    """Return a view in which a box of the world fills the picture; azimuth -pi/2 looks along +Y."""
    corners = np.array(np.meshgrid(*zip(lower_m, upper_m, strict=True))).reshape(3, -1).T
    flat = np.cos(elevation_rad)
    back = np.array([flat * np.cos(azimuth_rad), flat * np.sin(azimuth_rad), np.sin(elevation_rad)])
    right = np.cross([0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right)
    T = np.eye(4)
    T[:3, :3] = np.stack([right, np.cross(back, right), back], axis=1)
    # A long lens: little perspective, so that sizes within one picture compare.
    focal_px = 3.0 * max(width_px, height_px)
    local = (corners - corners.mean(axis=0)) @ T[:3, :3]
    half = np.array([width_px, height_px]) / 2 * 0.94
    needed = np.abs(local[:, :2]) * focal_px / half + local[:, 2:]
    T[:3, 3] = corners.mean(axis=0) + back * needed.max()
    return View(T, focal_px, width_px, height_px)


def render(surfaces: Sequence[Surface], view: View, *, shadows: bool = False) -> Image:
    """Return a picture (H, W, 4) with straight alpha: four rays per pixel, one lamp and soft light from above."""
    scene = _Scene(surfaces)
    light = np.zeros((view.height_px * view.width_px, 3))
    covered = np.zeros(len(light))
    for shift in _SUBPIXELS:
        rays = view.rays(shift)
        hits = scene.first(view.T_world_camera[:3, 3], rays)
        seen = hits.triangle >= 0
        light[seen] += scene.shade(view, rays, hits, seen, shadows=shadows)
        covered += seen
    color = light / np.maximum(covered, 1)[:, None]
    picture = np.concatenate([_to_srgb(color), 255 * covered[:, None] / len(_SUBPIXELS)], axis=1)
    return picture.round().astype(np.uint8).reshape(view.height_px, view.width_px, 4)


def lamp_direction(view: View) -> Floats:
    """Return the unit direction, in the world, in which a view's lamp stands: over the left shoulder."""
    lamp = view.T_world_camera[:3, :3] @ np.array([-0.45, 0.75, 0.6]) + np.array([0.0, 0.0, 0.5])
    return lamp / np.linalg.norm(lamp)


def openness(surfaces: Sequence[Surface], points_m: Floats, towards: Floats) -> Floats:
    """Return for points (N, 3) the share of directions (K, 3) in which no surface is in the way, shape (N,)."""
    scene = _Scene(surfaces)
    return 1.0 - np.mean([scene.blocked(points_m, direction) for direction in towards], axis=0)


def outlines(surfaces: Sequence[Surface], view: View) -> NDArray[np.bool_]:
    """Return the pixels (H, W) where the depth of surfaces jumps: silhouettes and steps."""
    hits = _Scene(surfaces).first(view.T_world_camera[:3, 3], view.rays())
    depth = hits.distance.reshape(view.height_px, view.width_px)
    size = float(np.nanmax(depth, initial=0.0) - np.nanmin(depth, initial=np.inf)) if np.isfinite(depth).any() else 0.0
    filled = np.nan_to_num(depth, nan=1e3)
    edge = np.zeros(depth.shape, dtype=bool)
    edge[:, 1:] |= np.abs(np.diff(filled, axis=1)) > 0.05 * size
    edge[1:, :] |= np.abs(np.diff(filled, axis=0)) > 0.05 * size
    return edge


class _Scene:
    """Surfaces gathered for ray casting."""

    def __init__(self, surfaces: Sequence[Surface]) -> None:
        self._surfaces = tuple(surface for surface in surfaces if len(surface.triangles_m))
        self._triangles = np.concatenate([np.zeros((0, 3, 3)), *(each.triangles_m for each in self._surfaces)])
        self._owner = np.repeat(np.arange(len(self._surfaces)), [len(each.triangles_m) for each in self._surfaces])
        self._first = np.cumsum([0, *(len(each.triangles_m) for each in self._surfaces)])
        smooth = [smooth_corner_normals(each.triangles_m) for each in self._surfaces]
        self._normals = np.concatenate([np.zeros((0, 3, 3)), *smooth])
        self._caster = EmbreeScene(robust=True)
        if len(self._triangles):
            EmbreeMesh(self._caster, self._triangles.astype(np.float32))

    def first(self, eye_m: Floats, rays: Floats) -> _Hits:
        """Find what each ray from a point meets first."""
        if not len(self._triangles):
            return _Hits(np.full(len(rays), -1), np.zeros((len(rays), 3)), np.full(len(rays), np.nan))
        origins = np.broadcast_to(eye_m, rays.shape).astype(np.float32)
        found = self._caster.run(origins, rays.astype(np.float32), query="INTERSECT", output=True)
        u, v = found["u"].astype(np.float64), found["v"].astype(np.float64)
        triangle = found["primID"].astype(np.int64)
        distance = np.where(triangle >= 0, found["tfar"].astype(np.float64), np.nan)
        return _Hits(triangle, np.stack([1 - u - v, u, v], axis=1), distance)

    def shade(self, view: View, rays: Floats, hits: _Hits, seen: NDArray[np.bool_], *, shadows: bool) -> Floats:
        """Return linear colours of the rays that meet something."""
        triangle, weights, rays = hits.triangle[seen], hits.weights[seen], rays[seen]
        normal = np.einsum("ij,ijk->ik", weights, self._normals[triangle])
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
        normal *= -np.sign(np.einsum("ij,ij->i", normal, rays))[:, None]
        lamp = lamp_direction(view)
        direct = np.clip(normal @ lamp, 0.0, None)
        if shadows:
            points = view.T_world_camera[:3, 3] + hits.distance[seen, None] * rays
            direct *= 1 - 0.75 * self.blocked(points + _LIFT * normal, lamp)
        brightness = 0.42 + 0.18 * normal[:, 2] + 0.62 * direct
        return brightness[:, None] * self._albedo(triangle, weights)

    def blocked(self, points: Floats, towards: Floats) -> Floats:
        """Return 1 for each point from which something is in the way in a direction, 0 else."""
        if not len(self._triangles):
            return np.zeros(len(points))
        rays = np.broadcast_to(towards, points.shape).astype(np.float32)
        return (self._caster.run(points.astype(np.float32), rays, query="OCCLUDED") >= 0).astype(np.float64)

    def _albedo(self, triangle: NDArray[np.int64], weights: Floats) -> Floats:
        color = np.empty((len(triangle), 3))
        owner = self._owner[triangle]
        for number in np.unique(owner):
            surface, at = self._surfaces[number], owner == number
            if surface.texture is None or surface.uv is None:
                color[at] = np.asarray(surface.color_rgb) ** _GAMMA
                continue
            local = triangle[at] - self._first[number]
            uv = np.einsum("ij,ijk->ik", weights[at], surface.uv[local])
            # A factor on a texture is linear.
            color[at] = _looked_up(surface.texture, uv) * np.asarray(surface.color_rgb)
        return color


def smooth_corner_normals(triangles_m: Floats) -> Floats:
    """Return a unit normal per corner (F, 3, 3): the mean over faces at the corner that meet at a blunt angle.

    The mean is over all faces at the corner; a face that deviates from it by more than 40 degrees keeps its own normal.
    """
    flat = np.cross(triangles_m[:, 1] - triangles_m[:, 0], triangles_m[:, 2] - triangles_m[:, 0])
    if not len(flat):
        return np.zeros((0, 3, 3))
    own = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-30)
    scale = max(float(np.ptp(triangles_m.reshape(-1, 3), axis=0).max()), 1e-9)
    grid = np.round((triangles_m.reshape(-1, 3) / scale) * 1e6).astype(np.int64)
    _, place = np.unique(grid, axis=0, return_inverse=True)
    place = place.reshape(-1)
    summed = np.stack([np.bincount(place, weights=np.repeat(flat[:, axis], 3)) for axis in range(3)], axis=1)
    mean = summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-30)
    corner = mean[place].reshape(-1, 3, 3)
    blunt = np.einsum("ijk,ik->ij", corner, own) > _CREASE_COSINE
    return np.where(blunt[:, :, None], corner, own[:, None, :])


def _looked_up(texture: Image, uv: Floats) -> Floats:
    height, width = texture.shape[:2]
    x = np.clip((uv[:, 0] % 1.0) * width, 0, width - 1).astype(int)
    y = np.clip((1.0 - uv[:, 1] % 1.0) * height, 0, height - 1).astype(int)
    return (texture[y, x] / 255.0) ** _GAMMA


def _to_srgb(linear: Floats) -> Floats:
    return 255.0 * np.clip(linear, 0.0, 1.0) ** (1 / _GAMMA)
