"""Make meshes light: visual parts by colour within a triangle budget, hulls within a vertex budget."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.spatial import ConvexHull
from trimesh.graph import smooth_shade

Color = tuple[int, int, int]
CREASE_RAD = np.radians(35.0)
WELD_M = 1e-5


@dataclass(frozen=True)
class Part:
    """The triangles of one sRGB colour, with unit normals per vertex."""

    color: Color
    mesh: trimesh.Trimesh
    normals: NDArray[np.float64]


def visual_parts(path: Path, triangles: int, palette: tuple[Color, ...]) -> list[Part]:
    """Read a COLLADA file and return its parts by colour, about `triangles` in all."""
    groups: dict[Color, list[trimesh.Trimesh]] = {}
    scene = trimesh.load_scene(path)
    for node in sorted(scene.graph.nodes_geometry):
        matrix, name = scene.graph[node]
        mesh = scene.geometry[name].copy()
        mesh.apply_transform(matrix)
        color = _nearest(mesh.visual.material.baseColorFactor[:3], palette)
        groups.setdefault(color, []).append(trimesh.Trimesh(mesh.vertices, mesh.faces))
    merged = {color: _weld(meshes) for color, meshes in groups.items()}
    ratio = triangles / sum(len(mesh.faces) for mesh in merged.values())
    lighter = {color: _lighten(merged[color], ratio) for color in sorted(merged)}
    return [Part(color, mesh, _normals(mesh)) for color, mesh in lighter.items()]


def hull(path: Path, vertices: int) -> tuple[NDArray[np.float64], NDArray[np.int64], float]:
    """Return points and outward triangles of a hull within `vertices`, and how deep it cuts (m).

    Each step adds the point that the hull so far leaves out the farthest, so the budget goes
    where the shape needs it.
    """
    cloud = np.asarray(trimesh.load_mesh(path).convex_hull.vertices)
    cloud = cloud[np.lexsort(cloud.T)]
    chosen = sorted({int(i) for axis in range(3) for i in _extremes(cloud, axis)})
    while True:
        shape = ConvexHull(cloud[chosen])
        outside_m = (shape.equations[:, :3] @ cloud.T + shape.equations[:, 3:]).max(axis=0)
        farthest = int(outside_m.argmax())
        if len(chosen) == vertices or outside_m[farthest] < 1e-7:
            break
        chosen.append(farthest)
    points = cloud[chosen][shape.vertices]
    mesh = trimesh.Trimesh(points, ConvexHull(points).simplices, process=False)
    mesh.fix_normals()
    return points, np.asarray(mesh.faces, dtype=np.int64), float(outside_m[farthest])


def _extremes(cloud: NDArray[np.float64], axis: int) -> tuple[np.intp, np.intp]:
    return cloud[:, axis].argmin(), cloud[:, axis].argmax()


def _nearest(color: NDArray[np.uint8], palette: tuple[Color, ...]) -> Color:
    return min(palette, key=lambda known: np.abs(np.subtract(known, color, dtype=float)).sum())


def _weld(meshes: list[trimesh.Trimesh]) -> trimesh.Trimesh:
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    faces = [mesh.faces + start for mesh, start in zip(meshes, starts[:-1], strict=True)]
    mesh = trimesh.Trimesh(np.vstack([mesh.vertices for mesh in meshes]), np.vstack(faces))
    # The files split vertices along every normal; welded, the simplifier sees one surface.
    mesh.merge_vertices(merge_norm=True, merge_tex=True, digits_vertex=int(-np.log10(WELD_M)))
    mesh.update_faces(mesh.nondegenerate_faces())
    mesh.update_faces(mesh.unique_faces())
    mesh.remove_unreferenced_vertices()
    return mesh


def _lighten(mesh: trimesh.Trimesh, ratio: float) -> trimesh.Trimesh:
    target = max(int(len(mesh.faces) * ratio), min(len(mesh.faces), 80))
    if target < len(mesh.faces):
        mesh = mesh.simplify_quadric_decimation(face_count=target)
        mesh.update_faces(mesh.nondegenerate_faces())
        mesh.remove_unreferenced_vertices()
    return smooth_shade(mesh, angle=float(CREASE_RAD))


def _normals(mesh: trimesh.Trimesh) -> NDArray[np.float64]:
    # Weighted by area, so that a large flat face stays flat up to its rounded edge.
    sums = np.zeros((len(mesh.vertices), 3))
    for corner in range(3):
        np.add.at(sums, mesh.faces[:, corner], mesh.face_normals * mesh.area_faces[:, None])
    return sums / np.linalg.norm(sums, axis=1, keepdims=True).clip(1e-30)
