"""Take out faces that show nothing: without area, twice the same, or both sides of a wall that nobody sees."""

from dataclasses import replace

import numpy as np

from blueprint.pipeline.scene.meshes import TriangleMesh

from .deeds import Mended, deed
from .topology import Flags, Indices, Topology, connected, in_order_of_keys, topology_of


def without_collapsed(mesh: TriangleMesh) -> Mended:
    """Drop faces two corners of which are at one place; their neighbours meet once they are gone."""
    a, b, c = topology_of(mesh).faces.T
    collapsed = (a == b) | (b == c) | (c == a)
    return _without(mesh, collapsed, "face", "faces", "without area removed")


def without_copies(mesh: TriangleMesh) -> Mended:
    """Of faces with the same corners in the same sense keep the first."""
    topology = topology_of(mesh)
    kind = _kinds(_turned_to_lowest(topology.faces), topology.point_count)
    # Written from the last to the first, so that the first of each kind is the one that is left.
    first = np.empty(int(kind.max(initial=-1)) + 1, dtype=np.int64)
    first[kind[::-1]] = np.arange(len(kind))[::-1]
    copies = first[kind] != np.arange(len(kind))
    return _without(mesh, copies, "duplicate face", "duplicate faces", "removed")


def without_inner_walls(mesh: TriangleMesh) -> Mended:
    """Drop pairs of faces back to back that close nothing off: walls with other faces all around their rim."""
    topology = topology_of(mesh)
    paired = back_to_back(topology)
    if not paired.any():
        return Mended(mesh)
    wall = _patch_of_face(topology, paired)
    on_wall = np.repeat(paired, 3)
    sides_of_walls = np.bincount(topology.edge_of_side[on_wall], minlength=int(topology.edge_of_side.max()) + 1)
    free = on_wall & (topology.sides_on_edge == 2)
    crossed = on_wall & (sides_of_walls[topology.edge_of_side] < topology.sides_on_edge)
    with_free_rim = np.bincount(wall, free.reshape(-1, 3).any(axis=1)) > 0
    touching = np.bincount(wall, crossed.reshape(-1, 3).any(axis=1)) > 0
    doomed = paired & (touching & ~with_free_rim)[wall]
    return _without(mesh, doomed, "face", "faces", "of inner walls removed")


def back_to_back(topology: Topology) -> Flags:
    """Whether each face has exactly one other with its corners, and that in the opposite sense."""
    ascending = np.sort(topology.faces, axis=1)
    same = _kinds(ascending, topology.point_count)
    turned = _turned_to_lowest(topology.faces)[:, 1] == ascending[:, 1]
    return (np.bincount(same) == 2)[same] & (np.bincount(same, turned) == 1)[same]


def _patch_of_face(topology: Topology, chosen: Flags) -> Indices:
    """Number the connected patches of the chosen faces; every other face is a patch of its own."""
    sides = np.flatnonzero(np.repeat(chosen, 3))
    sides = sides[np.argsort(topology.edge_of_side[sides], kind="stable")]
    edges = topology.edge_of_side[sides]
    same = edges[1:] == edges[:-1]
    return connected(len(topology.faces), sides[:-1][same] // 3, sides[1:][same] // 3)


def _kinds(rows: Indices, count: int) -> Indices:
    """Number rows of three points each so that equal ones have one number."""
    order = np.arange(len(rows))
    for column in (2, 1, 0):
        order = order[in_order_of_keys(rows[order, column], count)[1]]
    a, b, c = rows[order].T
    begins = np.ones(len(order), dtype=np.bool_)
    begins[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1]) | (c[1:] != c[:-1])
    kinds = np.empty(len(order), dtype=np.int64)
    kinds[order] = np.cumsum(begins) - 1
    return kinds


def _turned_to_lowest(faces: Indices) -> Indices:
    """Return faces that begin with their lowest point, in the same sense."""
    start = np.argmin(faces, axis=1)
    return np.take_along_axis(faces, (start[:, None] + np.arange(3)) % 3, axis=1)


def _without(mesh: TriangleMesh, doomed: Flags, noun: str, nouns: str, participle: str) -> Mended:
    count = int(doomed.sum())
    if not count:
        return Mended(mesh)
    return Mended(replace(mesh, faces=mesh.faces[~doomed]), deed(count, noun, nouns, participle))
