"""The triangles of colliders and rooms, ready to be drawn."""

import colorsys
from collections.abc import Iterable

import numpy as np

from blueprint.pipeline.scene.colliders import BoxPiece, ConvexPiece
from blueprint.pipeline.scene.meshes import load_mesh
from blueprint.pipeline.scene.poses import Pose, Vec3
from blueprint.pipeline.scene.rooms import RoomBox
from blueprint.pipeline.sims.raycast import Floats, Surface
from blueprint.pipeline.sims.surfaces import Meshes, moved

_GOLDEN = 0.618033988749895
_BOX_QUADS = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))


def piece_surfaces(
    pieces: Iterable[ConvexPiece], meshes: Meshes, T_world_prop: Pose, *, first: int = 0
) -> list[Surface]:
    """Return convex pieces in the world, each in a colour of its own; `first` is the number of the first colour."""
    T = T_world_prop.matrix()
    return [
        Surface(moved(_piece_triangles(piece, meshes), T), piece_color(number))
        for number, piece in enumerate(pieces, first)
    ]


def room_surfaces(room: Iterable[RoomBox]) -> list[Surface]:
    """Return the boxes of the room."""
    return [
        Surface(moved(_box_triangles(np.asarray(box.half_extents_m)), box.T_world_box.matrix()), box.color_rgb)
        for box in room
    ]


def piece_color(number: int) -> Vec3:
    """Return an sRGB colour that differs from those of its neighbours; hues step by the golden section."""
    return colorsys.hls_to_rgb((0.58 + number * _GOLDEN) % 1.0, 0.58, 0.55)


def _piece_triangles(piece: ConvexPiece, meshes: Meshes) -> Floats:
    if isinstance(piece, BoxPiece):
        return moved(_box_triangles(np.asarray(piece.half_extents_m)), piece.T_prop_box.matrix())
    mesh = load_mesh(meshes, piece.mesh)
    return mesh.vertices_m[mesh.faces]


def _box_triangles(half_extents_m: Floats) -> Floats:
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * half_extents_m
    faces = [triangle for a, b, c, d in _BOX_QUADS for triangle in ((a, b, c), (a, c, d))]
    return corners[np.array(faces)]
