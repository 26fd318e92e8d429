"""Close small holes; large openings are meant."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from blueprint.pipeline.scene.meshes import TriangleMesh

from .deeds import Mended, deed
from .shapes import areas_m2, without_area
from .topology import Floats, Indices, Topology, topology_of

_RIM_OF_FACES = 0.1
"""Sides on a rim per face above which a shell is in tatters, and its holes are no exceptions."""


@dataclass(frozen=True, eq=False)
class _Cap:
    """Faces over old and new vertices, their corners (F, 3, 3), and the new vertices with texture coordinates."""

    faces: Indices
    corners_m: Floats
    vertices_m: Floats
    uv: Floats

    @property
    def area_m2(self) -> float:
        """The area of the cap."""
        return float(areas_m2(self.corners_m).sum())

    @property
    def sound(self) -> bool:
        """Whether it has no face without area; a single triangle may, since it is cut into its neighbour."""
        return len(self.faces) == 1 or not without_area(self.corners_m, self.faces).any()


def close_holes(mesh: TriangleMesh, largest_share: float) -> Mended:
    """Cap each hole whose cap is at most a share of its shell's area.

    Caps show the colours of their rim, drawn to the middle: what the texture holds between its rims was not seen.
    """
    topology = topology_of(mesh)
    shell_area = np.bincount(topology.shell_of_face, areas_m2(mesh.vertices_m[mesh.faces]))
    caps: list[_Cap] = []
    vertex_count = len(mesh.vertices_m)
    for rim in _hole_rims(topology):
        cap = _cap(mesh, np.array(rim), vertex_count)
        if cap.sound and cap.area_m2 <= largest_share * shell_area[topology.shell_of_face[rim[0] // 3]]:
            caps.append(cap)
            vertex_count += len(cap.vertices_m)
    return Mended(_capped(mesh, caps), deed(len(caps), "small hole", "small holes", "closed")) if caps else Mended(mesh)


def _hole_rims(topology: Topology) -> Iterator[list[int]]:
    """List the sides around each hole that touches itself nowhere, in the order of the faces' winding."""
    rim = np.flatnonzero(topology.sides_on_edge == 1)
    shells = topology.shell_of_face
    tattered = np.bincount(shells[rim // 3], minlength=int(shells.max(initial=-1)) + 1) > np.maximum(
        _RIM_OF_FACES * np.bincount(shells), 4
    )
    rim = rim[~tattered[shells[rim // 3]]]
    starts, ends = topology.sides[rim].T
    once = (np.bincount(starts, minlength=topology.point_count) == 1) & (
        np.bincount(ends, minlength=topology.point_count) == 1
    )
    side_from = dict(zip(starts[once[starts]].tolist(), rim[once[starts]].tolist(), strict=True))
    while side_from:
        origin, side = next(iter(side_from.items()))
        loop: list[int] = []
        at = origin
        while at in side_from:
            side = side_from.pop(at)
            loop.append(side)
            at = int(topology.sides[side, 1])
        if at == origin and len(loop) > 2:
            yield loop


def _cap(mesh: TriangleMesh, sides: Indices, next_vertex: int) -> _Cap:
    """Return a triangle for three sides, else a fan to the middle; each face is wound against its side."""
    start, end = mesh.faces[sides // 3, sides % 3], mesh.faces[sides // 3, (sides + 1) % 3]
    if len(sides) == 3:
        faces = start[None, ::-1].astype(np.int64)
        return _Cap(faces, mesh.vertices_m[faces], np.zeros((0, 3)), np.zeros((0, 2)))
    middle = mesh.vertices_m[start].mean(axis=0)
    if mesh.uv is None:
        hub_of_side, uv = np.zeros(len(sides), dtype=np.int64), np.zeros((1, 2))
    else:
        hub_of_side, uv = np.arange(len(sides)), (mesh.uv[start].astype(np.float64) + mesh.uv[end]) / 2
    faces = np.stack([end, start, next_vertex + hub_of_side], axis=1).astype(np.int64)
    hubs = np.tile(middle, (len(sides), 1))
    corners = np.stack([mesh.vertices_m[end], mesh.vertices_m[start], hubs], axis=1)
    return _Cap(faces, corners, hubs[: len(uv)], uv)


def _capped(mesh: TriangleMesh, caps: list[_Cap]) -> TriangleMesh:
    uv = None if mesh.uv is None else np.concatenate([mesh.uv, *(cap.uv for cap in caps)]).astype(np.float32)
    return replace(
        mesh,
        vertices_m=np.concatenate([mesh.vertices_m, *(cap.vertices_m for cap in caps)]),
        faces=np.concatenate([mesh.faces, *(cap.faces for cap in caps)]).astype(np.int32),
        uv=uv,
    )
