"""Which faces meet where: a mesh by points, where vertices at one place are one point whatever their texture says."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from blueprint.pipeline.scene.meshes import TriangleMesh

WELD_M = 1e-6
"""Vertices nearer than this are at one place: float32 keeps no more of a thing of some metres."""

UV_WELD = 1e-6
"""Texture coordinates nearer than this are one: a two-hundredth of a pixel of the widest texture."""

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Topology:
    """Faces (F, 3) by point; side k of a face goes from its corner k to the next, and has the number 3 f + k."""

    faces: Indices
    point_count: int

    @cached_property
    def sides(self) -> Indices:
        """The start and end point of each side, shape (3 F, 2)."""
        return np.stack([self.faces, np.roll(self.faces, -1, axis=1)], axis=2).reshape(-1, 2)

    @cached_property
    def _along_edges(self) -> tuple[Indices, Flags]:
        """The sides in the order of their edges, shape (3 F,), and whether each is the first on its edge."""
        starts, ends = self.sides.T
        low, high = np.minimum(starts, ends), np.maximum(starts, ends)
        by_high = in_order_of_keys(high, self.point_count)[1]
        order = by_high[in_order_of_keys(low[by_high], self.point_count)[1]]
        low, high = low[order], high[order]
        return order, np.concatenate([[True], (low[1:] != low[:-1]) | (high[1:] != high[:-1])])[: len(order)]

    @cached_property
    def edges(self) -> Indices:
        """The lower and the higher point of each undirected edge, ascending, shape (E, 2)."""
        order, first = self._along_edges
        starts, ends = self.sides[order[first]].T
        return np.column_stack([np.minimum(starts, ends), np.maximum(starts, ends)])

    @cached_property
    def edge_of_side(self) -> Indices:
        """The number of the undirected edge that a side lies on, shape (3 F,)."""
        order, first = self._along_edges
        edge = np.empty(len(order), dtype=np.int64)
        edge[order] = np.cumsum(first) - 1
        return edge

    @cached_property
    def sides_on_edge(self) -> Indices:
        """How many sides lie on the edge of each side, shape (3 F,)."""
        return np.bincount(self.edge_of_side)[self.edge_of_side]

    @cached_property
    def pairs(self) -> Indices:
        """The sides that meet another one and no third, in pairs, shape (N, 2)."""
        order, _ = self._along_edges
        return order[self.sides_on_edge[order] == 2].reshape(-1, 2)

    @cached_property
    def shell_of_face(self) -> Indices:
        """The number of the connected piece of each face; faces are connected where they share an edge."""
        order, first = self._along_edges
        same = ~first[1:]
        return connected(len(self.faces), order[:-1][same] // 3, order[1:][same] // 3)

    def edge_counts(self) -> tuple[int, int]:
        """Return how many edges have one face, and how many more than two."""
        counts = np.bincount(self.edge_of_side)
        return int((counts == 1).sum()), int((counts > 2).sum())

    def balanced(self) -> bool:
        """Whether each edge is passed as often one way as the other, so that the surface bounds a volume."""
        way = np.where(self.sides[:, 0] < self.sides[:, 1], 1, -1) * (self.sides[:, 0] != self.sides[:, 1])
        return not np.bincount(self.edge_of_side, way).any()


@lru_cache(maxsize=1)
def topology_of(mesh: TriangleMesh) -> Topology:
    """Return a mesh's faces by point; the last one is kept, since step after step asks for that of the same mesh."""
    point_of_vertex = places(mesh.vertices_m, WELD_M)
    return Topology(point_of_vertex[mesh.faces].astype(np.int64), int(point_of_vertex.max(initial=-1)) + 1)


def places(points: Floats, reach: float) -> Indices:
    """Number the places at which points lie, in the order of their first points; those within reach share one.

    Nearness passes from point to point, so that places are farther apart than the reach.
    """
    if not len(points):
        return np.zeros(0, dtype=np.int64)
    first, index = _equal_rows(points)
    near = KDTree(points[first]).query_pairs(reach, p=np.inf, output_type="ndarray")
    return in_order_of_mention(connected(len(first), near[:, 0], near[:, 1])[index])


def in_order_of_keys(keys: Indices, count: int) -> tuple[Indices, Indices]:
    """Sort things by keys below `count`, equal ones as they come: where each key begins (count + 1,), and the order.

    A matrix with one entry a row, read by columns, is sorted in linear time.
    """
    rows = csr_array((np.ones(len(keys), dtype=np.int8), keys, np.arange(len(keys) + 1)), shape=(len(keys), count))
    columns = rows.tocsc()
    return columns.indptr.astype(np.int64), columns.indices.astype(np.int64)


def in_order_of_mention(labels: Indices) -> Indices:
    """Renumber labels from 0 in the order in which they first occur."""
    _, first, index = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[index.reshape(-1)]


def connected(count: int, one: Indices, other: Indices) -> Indices:
    """Number the groups of things 0 to `count` that the links between `one` and `other` connect."""
    graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(count, count))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _equal_rows(points: Floats) -> tuple[Indices, Indices]:
    """Return the first row of each kind, and the kind of each row."""
    order = np.lexsort(points.T[::-1])
    ordered = points[order]
    begins = np.ones(len(points), dtype=np.bool_)
    begins[1:] = False
    for axis in ordered.T:
        begins[1:] |= axis[1:] != axis[:-1]
    kinds = np.empty(len(points), dtype=np.int64)
    kinds[order] = np.cumsum(begins) - 1
    return order[begins], kinds
