"""The visible triangles of props, ready to be drawn."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from blueprint.pipeline.scene.meshes import TriangleMesh, load_mesh, texture_path
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.props import Appearance, Body, Joint, Prop, Visual

from .raycast import Floats, Image, Surface
from .textures import read_picture

_TEXTURE_PX = 1024

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


def bounds_of(surfaces: Sequence[Surface]) -> tuple[Floats, Floats]:
    """Return the lower and upper corner of surfaces."""
    lows = [each.triangles_m.min(axis=(0, 1)) for each in surfaces if len(each.triangles_m)]
    highs = [each.triangles_m.max(axis=(0, 1)) for each in surfaces if len(each.triangles_m)]
    return np.min(lows, axis=0), np.max(highs, axis=0)


def moved(triangles_m: Floats, T: Floats) -> Floats:
    """Return triangles (F, 3, 3) after a transform (4, 4)."""
    return triangles_m @ T[:3, :3].T + T[:3, 3]


def _visual_surface(visual: Visual, meshes: Meshes, T_world: Floats) -> Surface:
    return mesh_surface(load_mesh(meshes, visual.mesh), visual.appearance, meshes, T_world)


def mesh_surface(mesh: TriangleMesh, look: Appearance, meshes: Meshes, T_world: Floats) -> Surface:
    """Return a mesh after a transform (4, 4), with its texture where it has one."""
    triangles = moved(mesh.vertices_m[mesh.faces], T_world)
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
