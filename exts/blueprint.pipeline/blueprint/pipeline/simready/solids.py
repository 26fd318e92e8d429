"""One solid per link: its visible meshes joined, welded, and closed where the scan left holes."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from blueprint.pipeline.scene.meshes import TriangleMesh, directed_edges

WELD_M = 1e-6
"""Vertices nearer than this are one: scans repeat a vertex along every texture seam."""

PATCHED_AT_MOST = 0.25
"""Share of the closed surface that patches may make up; a larger one is a guess, not a repair."""

PATCHED_AT_MOST_OF_A_LINK = 0.5
"""The same for a link cut out of a fused shell: a door's back is as large as its front."""

Floats = NDArray[np.float64]
Faces = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Solid:
    """A welded triangle mesh in the prop's frame; `closed` says whether its surface encloses a volume.

    `patched_m2` is the area of the patches that closed its holes; they are the last `patch_faces` of `faces`.
    """

    vertices_m: Floats
    faces: Faces
    closed: bool
    patched_m2: float = 0.0
    patch_faces: int = 0

    @cached_property
    def mesh(self) -> trimesh.Trimesh:
        """The same surface with trimesh's queries."""
        return trimesh.Trimesh(self.vertices_m, self.faces, process=False)

    @cached_property
    def volume_m3(self) -> float:
        """The enclosed volume; meaningful only when `closed`."""
        corners = self.vertices_m[self.faces]
        return float(np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6)

    @cached_property
    def area_m2(self) -> float:
        """The area of the surface."""
        corners = self.vertices_m[self.faces]
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        return float(np.linalg.norm(normals, axis=1).sum() / 2)

    def components(self) -> list["Solid"]:
        """Return the connected pieces of the surface, largest area first."""
        count, label = _face_components(len(self.vertices_m), self.faces)
        pieces = [_compact(self.vertices_m, self.faces[label == index], self.closed) for index in range(count)]
        return sorted(pieces, key=lambda piece: -piece.area_m2)


def solid_of(meshes: Iterable[TriangleMesh], patched_at_most: float = PATCHED_AT_MOST) -> Solid:
    """Join and weld meshes; holes are closed by fans, and a surface wound inwards is turned."""
    vertices, faces = _welded(list(meshes))
    loops = _boundary_loops(faces)
    patched, patch_faces = 0.0, 0
    if loops:
        candidate = _with_fans(vertices, faces, loops)
        patched = candidate.area_m2 - Solid(vertices, faces, False).area_m2
        if patched > patched_at_most * candidate.area_m2:
            return Solid(vertices, faces, False)
        patch_faces = len(candidate.faces) - len(faces)
        vertices, faces = candidate.vertices_m, candidate.faces
    solid = Solid(vertices, faces, _is_closed(faces), patched, patch_faces)
    if solid.closed and solid.volume_m3 < 0:
        solid = Solid(vertices, np.ascontiguousarray(faces[:, ::-1]), True, patched, patch_faces)
    return solid


def _welded(meshes: list[TriangleMesh]) -> tuple[Floats, Faces]:
    offsets = np.cumsum([0, *(len(mesh.vertices_m) for mesh in meshes)])
    points = np.concatenate([mesh.vertices_m for mesh in meshes])
    faces = np.concatenate([mesh.faces + offset for mesh, offset in zip(meshes, offsets, strict=False)])
    _, first, index = np.unique(
        np.round(points / WELD_M).astype(np.int64), axis=0, return_index=True, return_inverse=True
    )
    return _without_slivers(points[first], index.ravel()[faces])


def _without_slivers(vertices: Floats, faces: Faces) -> tuple[Floats, Faces]:
    """Drop faces that weld to a line or a point, and vertices that no face uses."""
    distinct = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    used, compact = np.unique(faces[distinct], return_inverse=True)
    return vertices[used], compact.reshape(-1, 3)


def _compact(vertices: Floats, faces: Faces, closed: bool) -> Solid:
    used, index = np.unique(faces, return_inverse=True)
    return Solid(vertices[used], index.reshape(-1, 3), closed)


def _face_components(vertex_count: int, faces: Faces) -> tuple[int, NDArray[np.int32]]:
    rows, columns = faces[:, [0, 1]].T.ravel(), faces[:, [1, 2]].T.ravel()
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(vertex_count, vertex_count))
    count, label = connected_components(graph, directed=False)
    return count, label[faces[:, 0]]


def _is_closed(faces: Faces) -> bool:
    """Whether every directed edge is met exactly once by its opposite, so that the surface bounds a volume."""
    edges = directed_edges(faces)
    ours, theirs = np.sort(_edge_keys(edges)), np.sort(_edge_keys(edges[:, ::-1]))
    return bool(len(faces)) and np.array_equal(ours, theirs)


def _edge_keys(edges: Faces) -> Faces:
    return edges[:, 0] * (1 << 32) + edges[:, 1]


def _boundary_loops(faces: Faces) -> list[list[int]]:
    """Return the closed walks along edges that have no opposite, each against the direction of its faces."""
    edges = directed_edges(faces)
    keys, opposite = _edge_keys(edges), _edge_keys(edges[:, ::-1])
    open_edges = edges[~np.isin(keys, opposite)]
    following: dict[int, list[int]] = {}
    for start, end in open_edges.tolist():
        following.setdefault(end, []).append(start)
    loops: list[list[int]] = []
    for origin in sorted(following):
        while following[origin]:
            loop, at = [origin], following[origin].pop()
            while at != origin and following.get(at):
                loop.append(at)
                at = following[at].pop()
            if at == origin and len(loop) > 2:
                loops.append(loop)
    return loops


def _with_fans(vertices: Floats, faces: Faces, loops: list[list[int]]) -> Solid:
    """Close each loop by triangles to its middle."""
    points, triangles = [vertices], [faces]
    for at, loop in enumerate(loops):
        hub = len(vertices) + at
        points.append(vertices[loop].mean(axis=0, keepdims=True))
        triangles.append(np.array([[here, there, hub] for here, there in zip(loop, [*loop[1:], loop[0]], strict=True)]))
    return Solid(np.concatenate(points), np.concatenate(triangles), False)
