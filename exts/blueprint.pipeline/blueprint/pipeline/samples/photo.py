"""The photo: rays cast into the textured room, lit by a window's worth of soft light, and what each pixel shows."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import trimesh
from numpy.typing import NDArray
from trimesh.ray.ray_pyembree import RayMeshIntersector

from .environment import Environment
from .shape import Floats, Ints, face_normals

FLOOR, WALL = -1, -2

_SUBPIXELS = ((-0.25, -0.125), (0.125, -0.25), (0.25, 0.125), (-0.125, 0.25))
# One place on a lamp per sub-pixel: four samples of an extended light soften its shadows.
_KEY_LIGHTS_M = ((-1.5, -1.6, 2.5), (-1.1, -1.6, 2.5), (-1.1, -1.3, 2.6), (-1.5, -1.3, 2.6))
_FILL_LIGHTS_M = ((0.6, -0.5, 2.6), (1.1, -0.5, 2.6), (1.1, -0.1, 2.6), (0.6, -0.1, 2.6))
_KEY, _FILL, _AMBIENT_ABOVE, _AMBIENT_BELOW = 0.55, 0.33, 0.36, 0.28
_CREASE_COSINE = np.cos(np.radians(50.0))
# A reconstruction takes pure white for "not this object", so the photo must not contain any.
_BRIGHTEST = 250


@dataclass(frozen=True, eq=False)
class Photo:
    """The picture with what lies behind each pixel's centre."""

    rgb: NDArray[np.uint8]
    """Shape (H, W, 3)."""
    owner: Ints
    """Index of the item seen, `FLOOR` or `WALL`, shape (H, W)."""
    points_m: Floats
    """The point seen, in the world, shape (H, W, 3)."""


@dataclass(frozen=True, eq=False)
class _Surface:
    """Everything visible as one triangle soup with per-corner normals and texture coordinates."""

    triangles_m: Floats
    corner_normals: Floats
    corner_uv: Floats
    owner: Ints


def take_photo(room: Environment) -> Photo:
    """Cast the photo of `room` with four rays per pixel; ownership comes from a fifth through the centre."""
    surface = _gather(room)
    mesh = trimesh.Trimesh(
        surface.triangles_m.reshape(-1, 3), np.arange(len(surface.owner) * 3).reshape(-1, 3), process=False
    )
    caster = RayMeshIntersector(mesh, scale_to_box=False)
    eye = np.asarray(room.viewpoint.position_m)
    width, height = room.viewpoint.size_px
    light = np.zeros((width * height, 3))
    for shift, key_m, fill_m in zip(_SUBPIXELS, _KEY_LIGHTS_M, _FILL_LIGHTS_M, strict=True):
        triangle, points = _first_hits(caster, surface, eye, room.viewpoint.ray_directions(shift))
        light += _shaded(caster, surface, room, triangle, points, np.array([key_m, fill_m]))
    rgb = np.round(255.0 * np.clip(light / len(_SUBPIXELS), 0.0, 1.0) ** (1.0 / 2.2)).clip(0, _BRIGHTEST)
    triangle, points = _first_hits(caster, surface, eye, room.viewpoint.ray_directions())
    return Photo(
        rgb.astype(np.uint8).reshape(height, width, 3),
        surface.owner[triangle].reshape(height, width),
        points.reshape(height, width, 3),
    )


def _gather(room: Environment) -> _Surface:
    soups = list(_soups(room))
    return _Surface(*(np.concatenate(column) for column in zip(*soups, strict=True)))


def _soups(room: Environment) -> Iterator[tuple[Floats, Floats, Floats, Ints]]:
    for number, item in enumerate(room.items):
        vertices, faces = item.world_vertices_m, item.shape.faces
        normals = smooth_corner_normals(vertices, faces)
        yield vertices[faces], normals, item.shape.uv[faces], np.full(len(faces), number)
    far, wall = 6.0, room.wall_y_m
    floor = np.array([[-far, -far, 0.0], [far, -far, 0.0], [far, wall, 0.0], [-far, wall, 0.0]])
    panel = np.array([[-far, wall, 0.0], [far, wall, 0.0], [far, wall, 3.0], [-far, wall, 3.0]])
    halves = np.array([[0, 1, 2], [0, 2, 3]])
    for quad, owner, normal in ((floor, FLOOR, (0.0, 0.0, 1.0)), (panel, WALL, (0.0, -1.0, 0.0))):
        uv = quad[:, :2] / room.floor_repeat_m
        yield quad[halves], np.tile(normal, (2, 3, 1)), uv[halves], np.full(2, owner)


def smooth_corner_normals(vertices: Floats, faces: Ints) -> Floats:
    """Return a unit normal per face corner, averaged over faces that meet at a blunt angle, shape (F, 3, 3)."""
    flat = face_normals(vertices, faces)
    unit = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    _, place = np.unique(np.round(vertices, 7), axis=0, return_inverse=True)
    place_of_corner = place.reshape(-1)[faces].reshape(-1)
    order = np.argsort(place_of_corner, kind="stable")
    summed = np.zeros((len(order), 3))
    for group in np.split(order, np.flatnonzero(np.diff(place_of_corner[order])) + 1):
        around = group // 3
        blunt = unit[around] @ unit[around].T > _CREASE_COSINE
        summed[group] = blunt.astype(np.float64) @ flat[around]
    return (summed / np.linalg.norm(summed, axis=1, keepdims=True)).reshape(-1, 3, 3)


def _first_hits(caster: RayMeshIntersector, surface: _Surface, eye: Floats, rays: Floats) -> tuple[Ints, Floats]:
    origins = np.broadcast_to(eye, rays.shape)
    triangle = np.asarray(caster.intersects_first(origins, rays))
    # The room has no far side; what leaves it upwards or sideways shows the wall's end.
    triangle[triangle < 0] = len(surface.owner) - 1
    a, b, c = (surface.triangles_m[triangle, corner] for corner in range(3))
    normal = np.cross(b - a, c - a)
    distance = np.einsum("ij,ij->i", a - eye, normal) / np.einsum("ij,ij->i", rays, normal)
    return triangle, eye + distance[:, None] * rays


def _shaded(
    caster: RayMeshIntersector, surface: _Surface, room: Environment, triangle: Ints, points: Floats, lights_m: Floats
) -> Floats:
    weights = _barycentric(surface.triangles_m[triangle], points)
    normal = np.einsum("ij,ijk->ik", weights, surface.corner_normals[triangle])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    uv = np.einsum("ij,ijk->ik", weights, surface.corner_uv[triangle])
    above = 0.5 + 0.5 * normal[:, 2]
    brightness = _AMBIENT_BELOW + (_AMBIENT_ABOVE - _AMBIENT_BELOW) * above
    for light_m, strength in zip(lights_m, (_KEY, _FILL), strict=True):
        towards = light_m - points
        towards /= np.linalg.norm(towards, axis=1, keepdims=True)
        facing = np.clip(np.einsum("ij,ij->i", normal, towards), 0.0, None)
        lit = facing > 0.0
        lit[lit] = ~np.asarray(caster.intersects_any(points[lit] + 1e-3 * normal[lit], towards[lit]))
        brightness = brightness + strength * facing * lit
    return brightness[:, None] * _albedo(room, surface.owner[triangle], uv)


def _barycentric(triangles: Floats, points: Floats) -> Floats:
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    normal = np.cross(b - a, c - a)
    square = np.einsum("ij,ij->i", normal, normal)
    share_b = np.einsum("ij,ij->i", np.cross(points - a, c - a), normal) / square
    share_c = np.einsum("ij,ij->i", np.cross(b - a, points - a), normal) / square
    return np.stack([1.0 - share_b - share_c, share_b, share_c], axis=1)


def _albedo(room: Environment, owner: Ints, uv: Floats) -> Floats:
    colour = np.empty((len(owner), 3))
    for number in np.unique(owner):
        seen = owner == number
        if number == WALL:
            colour[seen] = (np.array(room.wall_colour) / 255.0) ** 2.2
        elif number == FLOOR:
            colour[seen] = _looked_up(room.floor_texture, uv[seen] % 1.0)
        else:
            colour[seen] = _looked_up(room.items[number].texture, uv[seen])
    return colour


def _looked_up(texture: NDArray[np.uint8], uv: Floats) -> Floats:
    """Linear colours at `uv` by bilinear interpolation between texel centres, edges held."""
    linear = (texture / 255.0) ** 2.2
    height, width = linear.shape[:2]
    x = np.clip(uv[:, 0] * width - 0.5, 0.0, width - 1.0)
    y = np.clip(uv[:, 1] * height - 0.5, 0.0, height - 1.0)
    left, top = np.minimum(x.astype(int), width - 2), np.minimum(y.astype(int), height - 2)
    fx, fy = (x - left)[:, None], (y - top)[:, None]
    upper = (1.0 - fx) * linear[top, left] + fx * linear[top, left + 1]
    lower = (1.0 - fx) * linear[top + 1, left] + fx * linear[top + 1, left + 1]
    return (1.0 - fy) * upper + fy * lower
