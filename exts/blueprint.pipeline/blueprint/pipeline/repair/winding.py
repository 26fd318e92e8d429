"""Wind faces alike within a piece of surface, and each piece outwards."""

from dataclasses import dataclass, replace

import numpy as np
import trimesh

from blueprint.pipeline.scene.meshes import TriangleMesh

from .deeds import Mended, deed
from .shapes import area_vectors, areas_m2, volumes_m3
from .topology import Flags, Floats, Indices, Topology, connected, topology_of

_HOLLOW = 0.01
"""Volume over area to the power 1.5 from which a surface has an inside; a ball's is 0.094, a sheet's 0."""

_OPENNESS = 0.2
"""Length of the summed area vector over the area up to which an open surface has an inside; a half ball's is 0.5."""

_RAYS = np.array([(0.4, 0.6, 0.7), (-0.7, 0.3, -0.6), (0.1, -0.9, 0.4)])
"""Directions that no flat face or symmetry axis of a household thing is likely to share."""


@dataclass(frozen=True, eq=False)
class Turning:
    """Which faces must be turned round, and which belong to surfaces that have no two sides (Möbius bands)."""

    flips: Flags
    one_sided: Flags


@dataclass(frozen=True, eq=False)
class _Pieces:
    """Pieces of surface whose faces are wound alike; `sign` is that of the volume they enclose, 0 where none."""

    of_face: Indices
    sign: Indices
    low_m: Floats
    high_m: Floats

    def inside_box(self, outer: int) -> Flags:
        """Whether each piece's box lies within that of one."""
        return (self.low_m >= self.low_m[outer]).all(axis=1) & (self.high_m <= self.high_m[outer]).all(axis=1)


def wind_outwards(mesh: TriangleMesh) -> Mended:
    """Turn the faces that are wound against the outside of their piece of surface."""
    flips = wrongly_wound(mesh, topology_of(mesh)).flips
    if not flips.any():
        return Mended(mesh)
    faces = mesh.faces.copy()
    faces[flips] = faces[flips, ::-1]
    return Mended(replace(mesh, faces=faces), deed(int(flips.sum()), "face", "faces", "turned outwards"))


def wrongly_wound(mesh: TriangleMesh, topology: Topology) -> Turning:
    """Find the faces to turn: first so that neighbours agree, then so that each piece encloses its inside.

    A piece within another keeps its sense against the outermost one: a cavity is wound the other way round. An open
    surface follows its majority, unless it is so nearly closed that it has an inside.
    """
    flips, piece_of_face, one_sided = _agreeing(mesh, topology)
    faces = np.where(flips[:, None], mesh.faces[:, ::-1], mesh.faces)
    pieces = _pieces(mesh.vertices_m[faces], piece_of_face, topology)
    inverted = _inverted(pieces, mesh.vertices_m, faces)
    return Turning(flips ^ (inverted[piece_of_face] & ~one_sided), one_sided)


def _agreeing(mesh: TriangleMesh, topology: Topology) -> tuple[Flags, Indices, Flags]:
    """Return the fewest flips (by area) after which neighbours agree, the piece of each face, and one-sided faces.

    Every face stands for two nodes, as it is and turned; where a piece's two senses are connected it has one side.
    """
    count, (first, second) = len(mesh.faces), topology.pairs.T
    agree = (topology.sides[first, 0] != topology.sides[second, 0]).astype(np.int64)
    one, other = first // 3, second // 3
    linked = connected(2 * count, np.r_[one, one + count], np.r_[other + count * (1 - agree), other + count * agree])
    as_it_is, turned = linked[:count], linked[count:]
    one_sided = as_it_is == turned
    piece = np.unique(np.minimum(as_it_is, turned), return_inverse=True)[1].reshape(-1)
    flips = as_it_is > turned
    signed = np.where(flips, -1.0, 1.0) * areas_m2(mesh.vertices_m[mesh.faces])
    minority = np.bincount(piece, signed) < 0
    return (flips ^ minority[piece]) & ~one_sided, piece, one_sided


def _pieces(corners: Floats, piece: Indices, topology: Topology) -> _Pieces:
    count = int(piece.max(initial=-1)) + 1
    centres = corners.mean(axis=1)
    # Seen from the middle of its rim, a surface with one flat opening encloses what it would if that were closed.
    rim = np.flatnonzero(topology.sides_on_edge != 2) // 3
    rims = np.bincount(piece[rim], minlength=count)
    weight = np.where(rims[piece] > 0, np.bincount(rim, minlength=len(piece)), 1)
    origins = _sums(piece, centres * weight[:, None], count) / np.maximum(np.bincount(piece, weight, count), 1)[:, None]
    volume = np.bincount(piece, volumes_m3(corners, origins[piece]), count)
    area = np.bincount(piece, areas_m2(corners), count)
    openness = np.linalg.norm(_sums(piece, area_vectors(corners), count), axis=1)
    has_inside = (rims == 0) | ((openness <= _OPENNESS * area) & (np.abs(volume) >= _HOLLOW * area**1.5))
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    np.minimum.at(low, piece, corners.min(axis=1))
    np.maximum.at(high, piece, corners.max(axis=1))
    # Below a millionth of what a ball of that area holds, the sign is one of rounding.
    sure = np.abs(volume) > 1e-7 * area**1.5
    return _Pieces(piece, np.where(has_inside & sure, np.sign(volume), 0).astype(np.int64), low, high)


def _inverted(pieces: _Pieces, vertices_m: Floats, faces: Indices) -> Flags:
    """Whether each piece must be turned: where the outermost piece around it, or itself, is wound inwards."""
    if not (pieces.sign < 0).any():
        return np.zeros(len(pieces.sign), dtype=np.bool_)
    size = np.prod(pieces.high_m - pieces.low_m, axis=1)
    inverted, unsettled = pieces.sign < 0, pieces.sign != 0
    for outer in np.argsort(-size, kind="stable").tolist():
        if unsettled[outer]:
            unsettled[outer] = False
            inner = np.flatnonzero(unsettled & (inverted != inverted[outer]) & pieces.inside_box(outer))
            inner = inner[_enclosed(inner, outer, pieces, vertices_m, faces)] if len(inner) else inner
            inverted[inner], unsettled[inner] = inverted[outer], False
    return inverted


def _enclosed(inner: Indices, outer: int, pieces: _Pieces, vertices_m: Floats, faces: Indices) -> Flags:
    """Whether pieces lie within another: most of three rays from each cross it an odd number of times."""
    starts = np.array([vertices_m[faces[int(np.argmax(pieces.of_face == at))]].mean(axis=0) for at in inner])
    shell = trimesh.Trimesh(vertices_m, faces[pieces.of_face == outer], process=False)
    votes = np.zeros(len(inner), dtype=np.int64)
    for direction in _RAYS:
        _, rays = shell.ray.intersects_id(starts, np.tile(direction, (len(inner), 1)), multiple_hits=True)[:2]
        votes += np.bincount(rays, minlength=len(inner)) % 2
    return votes >= 2


def _sums(group: Indices, values: Floats, count: int) -> Floats:
    return np.stack([np.bincount(group, values[:, axis], count) for axis in range(3)], axis=1)
