"""The triangles of colliders and rooms, ready to be drawn."""

import colorsys
from collections.abc import Iterable

from blueprint.pipeline.scene.colliders import ConvexPiece, HullPiece
from blueprint.pipeline.scene.meshes import load_mesh
from blueprint.pipeline.scene.poses import Pose, Vec3
from blueprint.pipeline.scene.props import Appearance
from blueprint.pipeline.scene.room_meshes import room_box_mesh
from blueprint.pipeline.scene.rooms import RoomBox
from blueprint.pipeline.scene.shapes import primitive_triangles
from blueprint.pipeline.sims.raycast import Floats, Surface
from blueprint.pipeline.sims.surfaces import Meshes, mesh_surface, moved

_GOLDEN = 0.618033988749895


def piece_surfaces(
    pieces: Iterable[ConvexPiece], meshes: Meshes, T_world_prop: Pose, *, first: int = 0
) -> list[Surface]:
    """Return convex pieces in the world, each in a colour of its own; `first` is the number of the first colour."""
    T = T_world_prop.matrix()
    return [
        Surface(moved(_piece_triangles(piece, meshes), T), piece_color(number))
        for number, piece in enumerate(pieces, first)
    ]


def room_surfaces(room: Iterable[RoomBox], meshes: Meshes, eye_m: Floats) -> list[Surface]:
    """Return the visible boxes of the room that show a point their inner side, with their textures."""
    return [
        mesh_surface(room_box_mesh(box), box.appearance or Appearance(box.color_rgb), meshes, box.T_world_box.matrix())
        for box in room
        if box.visible and box.T_world_box.inverse().apply(eye_m)[2] > 0
    ]


def piece_color(number: int) -> Vec3:
    """Return an sRGB colour that differs from those of its neighbours; hues step by the golden section."""
    return colorsys.hls_to_rgb((0.58 + number * _GOLDEN) % 1.0, 0.58, 0.55)


def _piece_triangles(piece: ConvexPiece, meshes: Meshes) -> Floats:
    if not isinstance(piece, HullPiece):
        return primitive_triangles(piece)
    mesh = load_mesh(meshes, piece.mesh)
    return mesh.vertices_m[mesh.faces]
