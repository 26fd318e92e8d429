"""The triangles of props and colliders, ready to be drawn."""

import colorsys
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from blueprint.pipeline.scene.colliders import BoxPiece, ConvexPiece
from blueprint.pipeline.scene.meshes import load_mesh, texture_path
from blueprint.pipeline.scene.poses import Pose, Vec3
from blueprint.pipeline.scene.props import Body, Joint, Prop, Visual
from blueprint.pipeline.scene.rooms import RoomBox

from .pictures import Image, read_picture
from .raycast import Floats, Surface

_TEXTURE_PX = 1024
_GOLDEN = 0.618033988749895
_BOX_QUADS = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))

Meshes = Sequence[Path]
"""The record folders in which meshes and textures are found by digest."""


def prop_surfaces(
    prop: Prop, meshes: Meshes, T_world_prop: Pose, positions: Mapping[str, float] | None = None
) -> list[Surface]:
    """Return every visible mesh of a prop in the world, its joints at given positions (rad or m) or at rest."""
    T_world = T_world_prop.matrix()
    return [
        _visual_surface(visual, meshes, T_world @ link_motion(prop, body, positions or {}))
        for body in prop.bodies
        for visual in body.visuals
    ]


def link_motion(prop: Prop, body: Body, positions: Mapping[str, float]) -> Floats:
    """Return how a link has moved in its prop's frame (4, 4) when joints stand at given positions."""
    joint = next((each for each in prop.joints if each.child == body.name), None)
    if joint is None:
        return np.eye(4)
    return link_motion(prop, prop.body(joint.parent), positions) @ _joint_motion(joint, positions.get(joint.name, 0.0))


def piece_surfaces(
    pieces: Iterable[ConvexPiece], meshes: Meshes, T_world_prop: Pose, *, first: int = 0
) -> list[Surface]:
    """Return convex pieces in the world, each in a colour of its own; `first` is the number of the first colour."""
    T = T_world_prop.matrix()
    return [
        Surface(_moved(_piece_triangles(piece, meshes), T), piece_color(number))
        for number, piece in enumerate(pieces, first)
    ]


def room_surfaces(room: Iterable[RoomBox]) -> list[Surface]:
    """Return the boxes of the room."""
    return [
        Surface(_moved(_box_triangles(np.asarray(box.half_extents_m)), box.T_world_box.matrix()), box.color_rgb)
        for box in room
    ]


def bounds_of(surfaces: Sequence[Surface]) -> tuple[Floats, Floats]:
    """Return the lower and upper corner of surfaces."""
    lows = [each.triangles_m.min(axis=(0, 1)) for each in surfaces if len(each.triangles_m)]
    highs = [each.triangles_m.max(axis=(0, 1)) for each in surfaces if len(each.triangles_m)]
    return np.min(lows, axis=0), np.max(highs, axis=0)


def piece_color(number: int) -> Vec3:
    """Return an sRGB colour that differs from those of its neighbours; hues step by the golden section."""
    return colorsys.hls_to_rgb((0.58 + number * _GOLDEN) % 1.0, 0.58, 0.55)


def _visual_surface(visual: Visual, meshes: Meshes, T_world: Floats) -> Surface:
    mesh = load_mesh(meshes, visual.mesh)
    look = visual.appearance
    triangles = _moved(mesh.vertices_m[mesh.faces], T_world)
    if look.texture is None or mesh.uv is None:
        return Surface(triangles, look.base_color_rgb)
    uv = mesh.uv.astype(np.float64)[mesh.faces]
    return Surface(triangles, look.base_color_rgb, uv, _texture(texture_path(meshes, look.texture)))


@lru_cache(maxsize=64)
def _texture(path: Path) -> Image:
    return read_picture(path, most_px=_TEXTURE_PX)


def _joint_motion(joint: Joint, position: float) -> Floats:
    T = np.eye(4)
    axis = np.asarray(joint.axis)
    if joint.kind == "prismatic":
        T[:3, 3] = position * axis
        return T
    half = position / 2
    x, y, z = (np.sin(half) * axis).tolist()
    R = Pose(quat_wxyz=(float(np.cos(half)), x, y, z)).rotation()
    T[:3, :3] = R
    T[:3, 3] = np.asarray(joint.origin_m) - R @ np.asarray(joint.origin_m)
    return T


def _piece_triangles(piece: ConvexPiece, meshes: Meshes) -> Floats:
    if isinstance(piece, BoxPiece):
        return _moved(_box_triangles(np.asarray(piece.half_extents_m)), piece.T_prop_box.matrix())
    mesh = load_mesh(meshes, piece.mesh)
    return mesh.vertices_m[mesh.faces]


def _box_triangles(half_extents_m: Floats) -> Floats:
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * half_extents_m
    faces = [triangle for a, b, c, d in _BOX_QUADS for triangle in ((a, b, c), (a, c, d))]
    return corners[np.array(faces)]


def _moved(triangles_m: Floats, T: Floats) -> Floats:
    return triangles_m @ T[:3, :3].T + T[:3, 3]
