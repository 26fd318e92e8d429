"""Small closed shapes with known physics, each standing on z = 0."""

from pathlib import Path

import numpy as np
import trimesh

from blueprint.pipeline.scene.meshes import TriangleMesh, save_mesh
from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.scene.props import Appearance, Body, Prop, Provenance, Role, Visual


def mesh_of(shape: trimesh.Trimesh, *, lift: bool = True) -> TriangleMesh:
    """Return a trimesh shape as our noun, standing on z = 0."""
    vertices = np.array(shape.vertices, dtype=np.float64)
    if lift:
        vertices[:, 2] -= vertices[:, 2].min()
    return TriangleMesh(vertices, np.asarray(shape.faces, dtype=np.int32))


def box(x_m: float, y_m: float, z_m: float) -> TriangleMesh:
    """Return a box centred over the origin."""
    return mesh_of(trimesh.creation.box((x_m, y_m, z_m)))


def moved(mesh: TriangleMesh, x_m: float = 0.0, y_m: float = 0.0, z_m: float = 0.0) -> TriangleMesh:
    """Return a shifted mesh."""
    return TriangleMesh(mesh.vertices_m + np.array([x_m, y_m, z_m]), mesh.faces)


def joined(*meshes: TriangleMesh) -> TriangleMesh:
    """Return meshes side by side in one, as separate components."""
    offsets = np.cumsum([0, *(len(mesh.vertices_m) for mesh in meshes)])
    faces = [mesh.faces + offset for mesh, offset in zip(meshes, offsets, strict=False)]
    return TriangleMesh(np.concatenate([mesh.vertices_m for mesh in meshes]), np.concatenate(faces).astype(np.int32))


def ball(radius_m: float, subdivisions: int = 3) -> TriangleMesh:
    """Return a sphere, of 1280 faces unless told otherwise."""
    return mesh_of(trimesh.creation.icosphere(subdivisions=subdivisions, radius=radius_m))


def cylinder(radius_m: float, height_m: float) -> TriangleMesh:
    """Return an upright cylinder."""
    return mesh_of(trimesh.creation.cylinder(radius_m, height_m, sections=48))


def cup(radius_m: float = 0.04, height_m: float = 0.09, wall_m: float = 0.004) -> TriangleMesh:
    """Return an open vessel with a wall and a bottom, one closed surface."""
    profile = [
        (0.0, 0.0),
        (radius_m, 0.0),
        (radius_m, height_m),
        (radius_m - wall_m, height_m),
        (radius_m - wall_m, wall_m),
        (0.0, wall_m),
    ]
    return mesh_of(trimesh.creation.revolve(np.array(profile), sections=20))


def table(length_m: float = 1.2, width_m: float = 0.7, height_m: float = 0.75, board_m: float = 0.03) -> TriangleMesh:
    """Return a table of five overlapping boxes."""
    board = moved(box(length_m, width_m, board_m), z_m=height_m - board_m)
    leg = box(0.05, 0.05, height_m - board_m / 2)
    x, y = length_m / 2 - 0.05, width_m / 2 - 0.05
    return joined(board, *(moved(leg, sx * x, sy * y) for sx in (-1, 1) for sy in (-1, 1)))


def corner_piece() -> TriangleMesh:
    """Return an L-shaped closed solid, which no single hull fits."""
    outline = [(0.0, 0.0), (0.1, 0.0), (0.1, 0.02), (0.02, 0.02), (0.02, 0.1), (0.0, 0.1)]
    triangles = [(0, 1, 2), (0, 2, 3), (0, 3, 4), (0, 4, 5)]
    low = np.array([(x, y, 0.0) for x, y in outline])
    high = low + np.array([0.0, 0.0, 0.05])
    count = len(outline)
    faces = [(c, b, a) for a, b, c in triangles] + [(a + count, b + count, c + count) for a, b, c in triangles]
    for at in range(count):
        after = (at + 1) % count
        faces += [(at, after, after + count), (at, after + count, at + count)]
    return TriangleMesh(np.concatenate([low, high]), np.array(faces, dtype=np.int32))


def prop_of(
    folder: Path, mesh: TriangleMesh, category: str, *, prop_id: str = "thing", role: Role = Role.MANIPULABLE
) -> Prop:
    """Store a mesh below a folder and return a prop of one link with it."""
    visual = Visual(save_mesh(folder, mesh), Appearance())
    size = vec3(np.ptp(mesh.vertices_m, axis=0))
    label = category.replace("_", " ")
    bodies = (Body("body", (visual,)),)
    return Prop(prop_id, label, category, role, bodies, (), size, Pose(), Provenance(f"{prop_id}.glb"))
