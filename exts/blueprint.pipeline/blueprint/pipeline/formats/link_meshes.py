"""Shapes of a robot's links as triangles in the link's frame: mesh files, boxes and cylinders.

Mesh files are foreign: call this in a process that may die.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.robot_trees import GREY, Block, Color, Drum, LinkShape, ShapeFile

from .collada import read_collada

Array = NDArray[np.float64]

_SEGMENTS = 24
_WELD_DIGITS = 5
_GRID_ROUNDS = 14


@dataclass(frozen=True, eq=False)
class Surface:
    """Triangles of one colour: vertices (V, 3) in metres, faces (F, 3)."""

    vertices_m: Array
    faces: NDArray[np.int64]
    color: Color


def read_surfaces(shape: LinkShape) -> list[Surface]:
    """Return a shape's surfaces in its link's frame; raises ScanError for a file without triangles."""
    geometry = shape.geometry
    if isinstance(geometry, ShapeFile):
        found = _read_file(geometry, shape.color)
    elif isinstance(geometry, Block):
        found = [_surface(trimesh.creation.box(geometry.size_m), shape.color or GREY)]
    else:
        found = [_surface(_drum(geometry), shape.color or GREY)]
    T = shape.T_link_shape
    return [Surface(T.apply(each.vertices_m), each.faces, each.color) for each in found]


def lighter(surface: Surface, triangles: int) -> Surface:
    """Return a surface within a budget of triangles: vertices that share a cell of a grid become one.

    The finest grid that keeps the budget is found by bisection.
    """
    if len(surface.faces) <= triangles:
        return surface
    size = float(np.ptp(surface.vertices_m, axis=0).max())
    fine, coarse = size / 2000, size / 4
    for _ in range(_GRID_ROUNDS):
        middle = float(np.sqrt(fine * coarse))
        if len(_gathered(surface, middle).faces) > triangles:
            fine = middle
        else:
            coarse = middle
    return _gathered(surface, coarse)


def hull(points_m: Array, vertices: int) -> tuple[Array, NDArray[np.int64], float]:
    """Return corners and outward triangles of a hull within a budget, and how deep it cuts the full one, in metres.

    Each step adds the point that the hull so far leaves out the farthest, so the budget goes where the shape needs it.
    """
    cloud = points_m[ConvexHull(points_m).vertices]
    cloud = cloud[np.lexsort(cloud.T)]
    chosen = sorted({int(i) for axis in range(3) for i in (cloud[:, axis].argmin(), cloud[:, axis].argmax())})
    chosen = _spread_out(cloud, chosen)
    while True:
        shape = ConvexHull(cloud[chosen])
        outside_m = (shape.equations[:, :3] @ cloud.T + shape.equations[:, 3:]).max(axis=0)
        farthest = int(outside_m.argmax())
        if len(chosen) >= vertices or outside_m[farthest] < 1e-7:
            break
        chosen.append(farthest)
    corners = cloud[chosen][shape.vertices]
    return corners, _outward(corners), float(outside_m[farthest])


def slabs(surfaces: list[Surface], heights_m: tuple[float, ...]) -> list[Array]:
    """Return the points of surfaces cut at heights along z, one array per piece that is not flat."""
    if not heights_m:
        return [np.concatenate([each.vertices_m for each in surfaces])]
    edges = (-np.inf, *sorted(heights_m), np.inf)
    pieces: list[Array] = []
    for low, high in pairwise(edges):
        parts = [_between(each, low, high) for each in surfaces]
        points = np.concatenate(parts) if parts else np.empty((0, 3))
        if len(points) >= 4 and np.ptp(points, axis=0).min() > 1e-4:
            pieces.append(points)
    return pieces


def _between(surface: Surface, low: float, high: float) -> Array:
    """Return the vertices within two heights, with the points where edges cross them."""
    points, z = surface.vertices_m, surface.vertices_m[:, 2]
    kept = [points[(z >= low) & (z <= high)]]
    edges = np.sort(np.concatenate([surface.faces[:, [0, 1]], surface.faces[:, [1, 2]], surface.faces[:, [2, 0]]]))
    for height in (low, high):
        if np.isfinite(height):
            first, second = np.unique(edges, axis=0).T
            crosses = (z[first] < height) != (z[second] < height)
            first, second = first[crosses], second[crosses]
            share = ((height - z[first]) / (z[second] - z[first]))[:, None]
            kept.append(points[first] + share * (points[second] - points[first]))
    return np.concatenate(kept)


def _outward(corners: Array) -> NDArray[np.int64]:
    """Return the triangles of a convex hull, counterclockwise seen from outside."""
    faces = ConvexHull(corners).simplices.astype(np.int64)
    a, b, c = (corners[faces[:, at]] for at in range(3))
    inward = np.einsum("fd,fd->f", np.cross(b - a, c - a), a - corners.mean(axis=0)) < 0
    faces[inward] = faces[inward][:, ::-1]
    return faces


def _read_file(file: ShapeFile, color: Color | None) -> list[Surface]:
    try:
        if file.path.suffix.lower() == ".dae":
            return [_scaled(Surface(*each), file, color) for each in read_collada(file.path)]
        scene = trimesh.load_scene(file.path, process=False)
    except (ValueError, KeyError, IndexError, OSError, NotImplementedError) as error:
        raise ScanError(
            file.path.name, f"cannot be read as a mesh: {error}", expected="STL, OBJ, PLY, GLB or DAE"
        ) from error
    found: list[Surface] = []
    for node in sorted(scene.graph.nodes_geometry):
        matrix, name = scene.graph[node]
        mesh = scene.geometry[name]
        if isinstance(mesh, trimesh.Trimesh) and len(mesh.faces):
            moved = mesh.copy()
            moved.apply_transform(matrix)
            found.append(_scaled(_surface(moved, _own_color(mesh) or GREY), file, color))
    if not found:
        raise ScanError(file.path.name, "has no triangles", expected="a mesh with faces")
    return found


def _scaled(surface: Surface, file: ShapeFile, color: Color | None) -> Surface:
    return Surface(surface.vertices_m * np.asarray(file.scale), surface.faces, color or surface.color)


def _surface(mesh: trimesh.Trimesh, color: Color) -> Surface:
    welded = trimesh.Trimesh(np.asarray(mesh.vertices), np.asarray(mesh.faces), process=False)
    # Files split vertices along every normal; welded, a surface can be made lighter as one.
    welded.merge_vertices(merge_norm=True, merge_tex=True, digits_vertex=_WELD_DIGITS)
    welded.update_faces(welded.nondegenerate_faces())
    welded.remove_unreferenced_vertices()
    return Surface(np.asarray(welded.vertices, dtype=np.float64), np.asarray(welded.faces, dtype=np.int64), color)


def _own_color(mesh: trimesh.Trimesh) -> Color | None:
    material = getattr(mesh.visual, "material", None)
    color = getattr(material, "main_color", None)
    if color is None:
        return None
    red, green, blue = (float(value) / 255 for value in color[:3])
    return (red, green, blue)


def _drum(drum: Drum) -> trimesh.Trimesh:
    if drum.length_m > 0:
        return trimesh.creation.cylinder(drum.radius_m, drum.length_m, sections=_SEGMENTS)
    return trimesh.creation.icosphere(subdivisions=2, radius=drum.radius_m)


def _gathered(surface: Surface, cell_m: float) -> Surface:
    cells = np.floor((surface.vertices_m - surface.vertices_m.min(axis=0)) / cell_m).astype(np.int64)
    _, owner, counts = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    owner = owner.reshape(-1)
    sums = np.zeros((len(counts), 3))
    np.add.at(sums, owner, surface.vertices_m)
    faces = owner[surface.faces]
    whole = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 0] != faces[:, 2])
    return Surface(sums / counts[:, None], faces[whole], surface.color)


def _spread_out(cloud: Array, chosen: list[int]) -> list[int]:
    """Add points until the start has a volume: flat starts have no hull."""
    extra = [int(np.linalg.norm(cloud - cloud[i], axis=1).argmax()) for i in chosen]
    corners = [
        int((cloud @ np.array(sign)).argmax()) for sign in np.ndindex(2, 2, 2) for sign in [2 * np.array(sign) - 1]
    ]
    return sorted({*chosen, *extra, *corners})
