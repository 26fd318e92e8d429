"""The visible triangles of the room's boxes. Pure numpy."""

import numpy as np

from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.poses import Vec2, Vec3
from blueprint.pipeline.scene.rooms import RoomBox
from blueprint.pipeline.scene.shapes import Array

_CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64)
_QUADS = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
_TOP = 5
# Inside the texture's outermost texel, whose colour is that of all that the texture does not cover.
_RIM = 1e-4


def room_box_mesh(box: RoomBox) -> TriangleMesh:
    """Return a box about the origin, with texture coordinates where it has a texture."""
    if box.appearance is None or box.appearance.texture is None:
        return box_mesh(box.half_extents_m)
    return textured_box_mesh(box.half_extents_m, box.texture_half_m)


def box_mesh(half_extents_m: Vec3) -> TriangleMesh:
    """Return a box about the origin as twelve triangles wound outwards."""
    faces = [triangle for a, b, c, d in _QUADS for triangle in ((a, b, c), (a, c, d))]
    return TriangleMesh(_CORNERS * np.asarray(half_extents_m), np.array(faces, dtype=np.int32))


def textured_box_mesh(half_extents_m: Vec3, texture_half_m: Vec2 | None = None) -> TriangleMesh:
    """Return a box whose +Z face shows a texture, u along x and v along y, and its rim's colour all around it.

    `texture_half_m` limits the texture to a rectangle about the face's middle.
    """
    half = np.asarray(half_extents_m)
    inner = half[:2] if texture_half_m is None else np.minimum(texture_half_m, half[:2])
    sides = [_CORNERS[list(quad)] * half for number, quad in enumerate(_QUADS) if number != _TOP]
    quads = [*((corners, np.full((4, 2), _RIM)) for corners in sides), *_top_quads(half, inner)]
    vertices = np.concatenate([corners for corners, _ in quads])
    uv = np.concatenate([st for _, st in quads]).astype(np.float32)
    first = 4 * np.arange(len(quads), dtype=np.int32)[:, None]
    faces = np.concatenate([first + np.array([0, 1, 2]), first + np.array([0, 2, 3])]).astype(np.int32)
    return TriangleMesh(vertices, faces, uv)


def _top_quads(half: Array, inner: Array) -> list[tuple[Array, Array]]:
    """Return the +Z face as a rectangle with the texture and up to four strips around it: corners and coordinates."""
    (x, y), (X, Y), z = inner, half[:2], half[2]
    rectangles = [(-x, -y, x, y), (-X, -Y, X, -y), (-X, y, X, Y), (-X, -y, -x, y), (x, -y, X, y)]
    found: list[tuple[Array, Array]] = []
    for number, (left, low, right, high) in enumerate(rectangles):
        if right > left and high > low:
            corners = np.array([[left, low, z], [right, low, z], [right, high, z], [left, high, z]])
            whole = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
            found.append((corners, np.clip(whole, _RIM, 1 - _RIM) if number == 0 else np.full((4, 2), _RIM)))
    return found
