"""Ways to spoil a mesh, and shapes to spoil."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray

from blueprint.pipeline.scene.meshes import TextureRef, TriangleMesh, save_mesh
from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.scene.props import Appearance, Body, Prop, Provenance, Role, Visual


def box(*sides_m: float) -> TriangleMesh:
    """Return a box with its base on z = 0."""
    return mesh_of(trimesh.creation.box(sides_m))


def ball(radius_m: float = 0.05, subdivisions: int = 3) -> TriangleMesh:
    """Return a ball of 20 x 4^subdivisions faces."""
    return mesh_of(trimesh.creation.icosphere(subdivisions=subdivisions, radius=radius_m))


def mesh_of(shape: trimesh.Trimesh) -> TriangleMesh:
    """Return a shape with its base centre at the origin."""
    vertices = np.array(shape.vertices, dtype=np.float64)
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    return TriangleMesh(vertices - [*(low + high)[:2] / 2, low[2]], np.asarray(shape.faces, dtype=np.int32))


def can(columns: int = 96, rows: int = 80, radius_m: float = 0.04, height_m: float = 0.12) -> TriangleMesh:
    """Return a closed can whose side is unrolled on the texture's upper half; lid and base lie in the lower one."""
    turn, rise = np.linspace(0, 1, columns + 1), np.linspace(0, 1, rows + 1)
    vertices, uv, faces = [], [], []
    for row in rise:
        for share in turn:
            angle = 2 * np.pi * (share % 1.0)
            vertices.append((radius_m * np.cos(angle), radius_m * np.sin(angle), height_m * row))
            uv.append((share, 0.5 + 0.5 * row))
    for row in range(rows):
        for column in range(columns):
            here, above = row * (columns + 1) + column, (row + 1) * (columns + 1) + column
            faces += [(here, here + 1, above + 1), (here, above + 1, above)]
    for level, middle in ((0.0, (0.2, 0.25)), (height_m, (0.7, 0.25))):
        hub = len(vertices)
        vertices.append((0.0, 0.0, level))
        uv.append(middle)
        for share in turn[:-1]:
            angle = 2 * np.pi * share
            x, y = np.cos(angle), np.sin(angle)
            vertices.append((radius_m * x, radius_m * y, level))
            uv.append((middle[0] + 0.2 * x, middle[1] + 0.2 * y))
        for at in range(columns):
            ring = (hub + 1 + at, hub + 1 + (at + 1) % columns)
            faces.append((hub, *(ring if level else ring[::-1])))
    return TriangleMesh(np.array(vertices), np.array(faces, dtype=np.int32), np.array(uv, dtype=np.float32))


def joined(*meshes: TriangleMesh) -> TriangleMesh:
    """Return meshes side by side in one."""
    offsets = np.cumsum([0, *(len(mesh.vertices_m) for mesh in meshes)])
    faces = [mesh.faces + offset for mesh, offset in zip(meshes, offsets, strict=False)]
    return TriangleMesh(np.concatenate([mesh.vertices_m for mesh in meshes]), np.concatenate(faces).astype(np.int32))


def moved(mesh: TriangleMesh, x_m: float = 0.0, y_m: float = 0.0, z_m: float = 0.0) -> TriangleMesh:
    """Return a shifted mesh."""
    return replace(mesh, vertices_m=mesh.vertices_m + np.array([x_m, y_m, z_m]))


def mirrored(mesh: TriangleMesh) -> TriangleMesh:
    """Return the mirror image, which is wound inwards."""
    return replace(mesh, vertices_m=mesh.vertices_m * [-1.0, 1.0, 1.0])


def unwelded(mesh: TriangleMesh) -> TriangleMesh:
    """Return a mesh in which every face has its own vertices."""
    corners = mesh.faces.reshape(-1)
    uv = None if mesh.uv is None else mesh.uv[corners]
    return TriangleMesh(mesh.vertices_m[corners], np.arange(len(corners), dtype=np.int32).reshape(-1, 3), uv)


def turned(mesh: TriangleMesh, chosen: NDArray[np.integer]) -> TriangleMesh:
    """Return a mesh with some faces wound the other way."""
    faces = mesh.faces.copy()
    faces[chosen] = faces[chosen, ::-1]
    return replace(mesh, faces=faces)


def without(mesh: TriangleMesh, chosen: NDArray[np.integer]) -> TriangleMesh:
    """Return a mesh that lacks some faces."""
    return replace(mesh, faces=np.delete(mesh.faces, chosen, axis=0))


def added(mesh: TriangleMesh, faces: NDArray[np.integer]) -> TriangleMesh:
    """Return a mesh with more faces over the same vertices."""
    return replace(mesh, faces=np.concatenate([mesh.faces, faces]).astype(np.int32))


def prop_of(folder: Path, *meshes: TriangleMesh, texture: TextureRef | None = None) -> Prop:
    """Return a prop of one link that shows meshes."""
    visuals = tuple(Visual(save_mesh(folder, mesh), Appearance(texture=texture)) for mesh in meshes)
    points = np.concatenate([mesh.vertices_m for mesh in meshes])
    return Prop(
        id="thing_1",
        label="thing",
        category="box",
        role=Role.MANIPULABLE,
        bodies=(Body("body", visuals),),
        joints=(),
        size_m=vec3(np.ptp(points, axis=0)),
        T_world_prop=Pose(),
        provenance=Provenance("made"),
    )
