"""Merge vertices into neighbours, the cheapest first, many far from each other at once.

A vertex is only ever merged into one that exists, so that place and texture coordinate of what is left are the scan's
own. Where a texture seam runs, both sides of it move along it together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .quadrics import Quadrics
from .shapes import area_vectors, side_lengths_m
from .topology import Flags, Floats, Indices, Topology

_CHEAPEST = 0.5
"""Share of the vertices that may be merged in one round, so that dear ones wait for what cheap ones leave."""

_TURN = 0.2
"""Cosine of the largest angle by which merging may turn a face."""

_SLENDER = 0.02
"""Height over longest side below which a face must not get, unless it was more slender before."""

_STUCK = 0.99
"""Share of the faces still there, since refused moves were last given another chance, at which there is no more."""

_SHORT = 1e-9
"""Cost of a square unit of length: in a plane, where nothing else counts, near vertices are merged first."""


@dataclass(frozen=True, eq=False)
class _Moves:
    """Merging of point `lost` into `kept`: for both faces at their edge, which vertex becomes which, shape (N, 2)."""

    lost: Indices
    kept: Indices
    from_vertex: Indices
    to_vertex: Indices
    cost: Floats

    def take(self, chosen: Indices | Flags) -> "_Moves":
        """Return some of them."""
        return _Moves(
            self.lost[chosen],
            self.kept[chosen],
            self.from_vertex[chosen],
            self.to_vertex[chosen],
            self.cost[chosen],
        )

    def keys(self, point_count: int) -> Indices:
        """Return a number for each."""
        return self.lost * point_count + self.kept


@dataclass(frozen=True, eq=False)
class _Net:
    """Faces by vertex (F, 3) with their points, and who is whose neighbour."""

    faces: Indices
    point_of_vertex: Indices
    point_count: int

    @cached_property
    def topology(self) -> Topology:
        return Topology(self.point_of_vertex[self.faces], self.point_count)

    @cached_property
    def neighbours(self) -> tuple[Indices, Indices]:
        """Where each point's neighbours begin in a list, shape (P + 1,), and that list."""
        starts, ends = self.topology.sides.T
        keys = np.sort(np.concatenate([starts * self.point_count + ends, ends * self.point_count + starts]))
        keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])]
        begins = np.searchsorted(keys, np.arange(self.point_count + 1) * self.point_count)
        return begins, keys % self.point_count

    @cached_property
    def corners(self) -> tuple[Indices, Indices]:
        """Where each point's face corners begin in a list, shape (P + 1,), and that list of corners 3 f + k."""
        points = self.topology.faces.reshape(-1)
        order = np.argsort(points, kind="stable")
        return np.searchsorted(points[order], np.arange(self.point_count + 1)), order

    def adjacent(self, one: Indices, other: Indices) -> Flags:
        """Whether points are neighbours."""
        begins, listed = self.neighbours
        keys = np.repeat(np.arange(self.point_count), np.diff(begins)) * self.point_count + listed
        wanted = one * self.point_count + other
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return keys[at] == wanted

    def least_around(self, values: Indices) -> Indices:
        """Return the least value at each point and its neighbours."""
        begins, listed = self.neighbours
        least = values.copy()
        some = np.flatnonzero(np.diff(begins))
        least[some] = np.minimum(values[some], np.minimum.reduceat(values[listed], begins[some]))
        return least


def collapse(
    places_m: Floats, faces: Indices, point_of_vertex: Indices, costs: Quadrics, budget: int, fixed: Flags
) -> Iterator[Indices]:
    """Yield ever fewer faces, by vertex, down to the budget or to where no vertex can go.

    Points that are `fixed` stay, and so do those on open rims and on edges of more than two faces.
    """
    banned, before = np.zeros(0, dtype=np.int64), len(faces)
    while len(faces) > budget:
        net = _Net(faces, point_of_vertex, len(fixed))
        moves = _best_moves(net, costs, fixed, banned)
        if not len(moves.lost):
            if len(faces) > _STUCK * before:
                return
            # What was refused may be possible by now.
            banned, before = banned[:0], len(faces)
            continue
        sound = _keeps_surface(net, moves) & _keeps_sense(net, moves, places_m)
        apart = _apart(net, moves.take(sound), (len(faces) - budget + 1) // 2)
        if len(apart.lost):
            faces = _merged(net, apart, costs)
            yield faces
        banned = np.concatenate([banned, moves.take(~sound).keys(len(fixed))])


def _best_moves(net: _Net, costs: Quadrics, fixed: Flags, banned: Indices) -> _Moves:
    """Return for each point that can go its cheapest move; of these, the cheaper part."""
    topology = net.topology
    pairs = topology.pairs
    ends = np.stack([net.faces.reshape(-1), np.roll(net.faces, -1, axis=1).reshape(-1)], axis=1)
    first, second = ends[pairs[:, 0]], ends[pairs[:, 1]]
    turned = topology.sides[pairs[:, 0], 0] != topology.sides[pairs[:, 1], 0]
    second = np.where(turned[:, None], second[:, ::-1], second)
    from_vertex = np.stack([np.r_[first[:, 0], first[:, 1]], np.r_[second[:, 0], second[:, 1]]], axis=1)
    to_vertex = np.stack([np.r_[first[:, 1], first[:, 0]], np.r_[second[:, 1], second[:, 0]]], axis=1)
    lost, kept = net.point_of_vertex[from_vertex[:, 0]], net.point_of_vertex[to_vertex[:, 0]]
    moves = _Moves(lost, kept, from_vertex, to_vertex, np.zeros(len(lost)))
    free = ~fixed
    free[topology.sides[topology.sides_on_edge != 2].reshape(-1)] = False
    moves = moves.take(free[lost] & _keeps_seams(net, moves) & ~np.isin(moves.keys(net.point_count), banned))
    cost = costs.cost(moves.from_vertex[:, 0], moves.to_vertex[:, 0])
    seam = np.flatnonzero(moves.from_vertex[:, 0] != moves.from_vertex[:, 1])
    cost[seam] += costs.cost(moves.from_vertex[seam, 1], moves.to_vertex[seam, 1])
    gap = costs.places[moves.from_vertex[:, 0]] - costs.places[moves.to_vertex[:, 0]]
    cost = cost + _SHORT * (gap**2).sum(axis=1)
    order = np.lexsort((moves.kept, cost, moves.lost))
    order = order[np.unique(moves.lost[order], return_index=True)[1]]
    order = order[np.argsort(cost[order], kind="stable")]
    chosen = order[: max(1, int(_CHEAPEST * len(order)))]
    return _Moves(moves.lost, moves.kept, moves.from_vertex, moves.to_vertex, cost).take(chosen)


def _keeps_seams(net: _Net, moves: _Moves) -> Flags:
    """Whether each vertex at the lost point has one to become: none or the one seam there runs along the edge."""
    used = np.zeros(len(net.point_of_vertex), dtype=np.bool_)
    used[net.faces] = True
    vertices_at = np.bincount(net.point_of_vertex[used], minlength=net.point_count)[moves.lost]
    parted = moves.from_vertex[:, 0] != moves.from_vertex[:, 1]
    same_end = moves.to_vertex[:, 0] == moves.to_vertex[:, 1]
    return np.where(parted, vertices_at == 2, (vertices_at == 1) & same_end)


def _keeps_surface(net: _Net, moves: _Moves) -> Flags:
    """Whether the two points have only those neighbours in common that lie across their edge."""
    begins, listed = net.neighbours
    move, at = _ragged(begins, moves.lost)
    common = np.bincount(move, net.adjacent(moves.kept[move], listed[at]), len(moves.lost))
    valence = np.diff(begins)
    return (common == 2) & ((valence[moves.lost] > 3) | (valence[moves.kept] > 3))


def _keeps_sense(net: _Net, moves: _Moves, places_m: Floats) -> Flags:
    """Whether no face that stays is turned over or drawn into a needle."""
    begins, listed = net.corners
    move, at = _ragged(begins, moves.lost)
    corner = listed[at]
    face = corner // 3
    stays = ~(net.topology.faces[face] == moves.kept[move][:, None]).any(axis=1)
    move, corner, face = move[stays], corner[stays], face[stays]
    before = places_m[net.faces[face]]
    after = before.copy()
    after[np.arange(len(face)), corner % 3] = places_m[moves.to_vertex[move, 0]]
    old, new = area_vectors(before), area_vectors(after)
    old_area, new_area = np.linalg.norm(old, axis=1), np.linalg.norm(new, axis=1)
    turns = np.einsum("ij,ij->i", old, new) < _TURN * old_area * new_area
    old_shape, new_shape = (
        2 * area / np.maximum(side_lengths_m(corners).max(axis=1) ** 2, 1e-30)
        for area, corners in ((old_area, before), (new_area, after))
    )
    needle = new_shape < np.minimum(_SLENDER, old_shape)
    return np.bincount(move, turns | needle, len(moves.lost)) == 0


def _apart(net: _Net, moves: _Moves, most: int) -> _Moves:
    """Return the moves, cheapest first, that no other one touches: neither its faces nor where it merges."""
    rank = np.full(net.point_count, np.iinfo(np.int64).max)
    rank[moves.lost] = np.arange(len(moves.lost))
    arrives = np.full(net.point_count, np.iinfo(np.int64).max)
    np.minimum.at(arrives, moves.kept, np.arange(len(moves.lost)))
    own = np.arange(len(moves.lost))
    around, arriving = net.least_around(rank), net.least_around(arrives)
    alone = (around[moves.lost] == own) & (around[moves.kept] == own) & (arriving[moves.lost] == own)
    return moves.take(np.flatnonzero(alone)[:most])


def _merged(net: _Net, moves: _Moves, costs: Quadrics) -> Indices:
    becomes = np.arange(len(net.point_of_vertex))
    becomes[moves.from_vertex.reshape(-1)] = moves.to_vertex.reshape(-1)
    parted = moves.from_vertex[:, 0] != moves.from_vertex[:, 1]
    costs.merge(
        np.concatenate([moves.from_vertex[:, 0], moves.from_vertex[parted, 1]]),
        np.concatenate([moves.to_vertex[:, 0], moves.to_vertex[parted, 1]]),
    )
    faces = becomes[net.faces]
    points = net.point_of_vertex[faces]
    return faces[(points != np.roll(points, 1, axis=1)).all(axis=1)]


def _ragged(begins: Indices, chosen: Indices) -> tuple[Indices, Indices]:
    """List the entries of chosen rows one after the other: the row's number among the chosen, and the entry's place."""
    counts = begins[chosen + 1] - begins[chosen]
    row = np.repeat(np.arange(len(chosen)), counts)
    ramp = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    return row, begins[chosen][row] + ramp
