"""Merge vertices into neighbours, the cheapest first, many far from each other at once.

A vertex is only ever merged into one that exists, so that place and texture coordinate of what is left are the scan's
own. Where a texture seam runs, both sides of it move along it together.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from .net import Net, listed_for
from .quadrics import Quadrics
from .shapes import area_vectors, lengths_m, longest_side_m
from .topology import Flags, Floats, Indices, in_order_of_keys

_CHEAPEST = 0.5
"""Share of the points that may go in one round, so that dear ones wait for what cheap ones leave."""

_PICKS = 4
"""Times that moves are picked in one round among those that the picked ones do not touch."""

_WORK = 60_000_000
"""Faces that all rounds together may look at: twice what four million need, some two minutes; then faces stay."""

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
    """Merging of point `lost` into `kept`: for both faces at their edge, which vertex becomes which."""

    lost: Indices
    kept: Indices
    from_vertex: tuple[Indices, Indices]
    to_vertex: tuple[Indices, Indices]

    @property
    def parted(self) -> Flags:
        """Whether a texture seam runs along the edge, at the lost point."""
        return self.from_vertex[0] != self.from_vertex[1]

    def take(self, chosen: Indices | Flags) -> "_Moves":
        """Return some of them."""
        (one, other), (end, other_end) = self.from_vertex, self.to_vertex
        return _Moves(
            self.lost[chosen], self.kept[chosen], (one[chosen], other[chosen]), (end[chosen], other_end[chosen])
        )

    def keys(self, point_count: int) -> Indices:
        """Return a number for each."""
        return self.lost * point_count + self.kept


def collapse(net: Net, costs: Quadrics, budget: int) -> Iterator[Indices]:
    """Yield ever fewer faces, by vertex, down to the budget or to where no vertex can go.

    Points that are fixed stay, and so do those on open rims and on edges of more than two faces.
    """
    name_of_vertex = np.arange(len(net.point_of_vertex))
    banned, before, work = np.zeros(0, dtype=np.int64), len(net.faces), 0
    while len(net.faces) > budget and work <= _WORK:
        work += len(net.faces)
        if 2 * int(net.vertices_at.sum()) < len(name_of_vertex):
            # Rounds take as long as there are numbers, so those no longer used are given up.
            used = np.flatnonzero(net.used)
            net, costs, name_of_vertex = _compact(net, used), costs.of(used), name_of_vertex[used]
            banned = banned[:0]
        moves = _best_moves(net, costs, banned)
        if not len(moves.lost):
            if len(net.faces) > _STUCK * before:
                return
            # What was refused may be possible by now.
            banned, before = banned[:0], len(net.faces)
            continue
        picked, refused = _picked(net, moves, (len(net.faces) - budget + 1) // 2)
        banned = np.concatenate([banned, refused.keys(net.point_count)])
        if len(picked.lost):
            net = replace(net, faces=_merged(net, picked, costs))
            yield name_of_vertex[net.faces]


def _compact(net: Net, used: Indices) -> Net:
    points, point_of_vertex = np.unique(net.point_of_vertex[used], return_inverse=True)
    number = np.zeros(len(net.point_of_vertex), dtype=np.int64)
    number[used] = np.arange(len(used))
    return Net(number[net.faces], net.places_m[used], point_of_vertex.reshape(-1), net.fixed[points])


def _best_moves(net: Net, costs: Quadrics, banned: Indices) -> _Moves:
    """Return for each point that can go its cheapest move; of these the cheaper part, the cheapest first."""
    moves = _possible(net)
    allowed = np.flatnonzero(_keeps_seams(net, moves) & ~_banned(net, moves, banned))
    if not len(allowed):
        return moves.take(allowed)
    cost = _costs(moves, allowed, costs)
    begins, order = in_order_of_keys(moves.lost[allowed], net.point_count)
    begins = begins[:-1][np.diff(begins) > 0]
    ordered = cost[order]
    least = np.minimum.reduceat(ordered, begins)
    hits = np.flatnonzero(ordered == np.repeat(least, np.diff(np.append(begins, len(order)))))
    best = order[hits[np.searchsorted(hits, begins)]]
    best = best[np.argsort(least, kind="stable")]
    return moves.take(allowed[best[: max(1, int(_CHEAPEST * len(best)))]])


def _possible(net: Net) -> _Moves:
    """Return the moves along edges of two faces wound alike, of points that may go."""
    topology = net.topology
    pairs = topology.pairs
    points = topology.faces.reshape(-1)
    pairs = pairs[points[pairs[:, 0]] != points[pairs[:, 1]]]
    # Each of the two sides stands for merging its start into its end.
    sides, twins = np.concatenate([pairs, pairs[:, ::-1]]).T
    able = net.free[points[sides]]
    sides, twins = sides[able], twins[able]
    starts, ends = net.faces.reshape(-1), np.roll(net.faces, -1, axis=1).reshape(-1)
    lost, kept = points[sides], points[twins]
    return _Moves(lost, kept, (starts[sides], ends[twins]), (ends[sides], starts[twins]))


def _costs(moves: _Moves, allowed: Indices, costs: Quadrics) -> Floats:
    lost, kept = moves.from_vertex[0][allowed], moves.to_vertex[0][allowed]
    cost = costs.cost(lost, kept) + _SHORT * costs.squared_gap(lost, kept)
    seam = np.flatnonzero(moves.parted[allowed])
    cost[seam] += costs.cost(moves.from_vertex[1][allowed[seam]], moves.to_vertex[1][allowed[seam]])
    return cost


def _banned(net: Net, moves: _Moves, banned: Indices) -> Flags:
    """Whether each move was refused before."""
    at_point = np.zeros(net.point_count, dtype=np.bool_)
    at_point[banned // net.point_count] = True
    found = at_point[moves.lost]
    some = np.flatnonzero(found)
    found[some] = np.isin(moves.take(some).keys(net.point_count), banned)
    return found


def _keeps_seams(net: Net, moves: _Moves) -> Flags:
    """Whether each vertex at the lost point has one to become: none or the one seam there runs along the edge."""
    vertices_at = net.vertices_at[moves.lost]
    same_end = moves.to_vertex[0] == moves.to_vertex[1]
    return np.where(moves.parted, vertices_at == 2, (vertices_at == 1) & same_end)


def _picked(net: Net, moves: _Moves, most: int) -> tuple[_Moves, _Moves]:
    """Pick sound moves that do not touch each other, the cheapest first; returns these and those that were refused.

    Two moves touch where one's lost point is, or is next to, the other's lost or kept point.
    """
    picked, refused = np.zeros((2, len(moves.lost)), dtype=np.bool_)
    waiting = np.arange(len(moves.lost))
    for _ in range(_PICKS):
        chosen = waiting[_before_all_touched(net, moves.take(waiting))]
        if not len(chosen):
            break
        tried = moves.take(chosen)
        sound = _keeps_surface(net, tried)
        sound[sound] = _keeps_sense(net, tried.take(sound))
        picked[chosen[sound]], refused[chosen[~sound]] = True, True
        waiting = waiting[~(picked | refused)[waiting]]
        waiting = waiting[~_touched(net, moves.take(waiting), tried.take(sound))]
    return moves.take(np.flatnonzero(picked)[:most]), moves.take(refused)


def _before_all_touched(net: Net, moves: _Moves) -> Flags:
    """Whether each move comes before all those that it touches."""
    own = np.arange(len(moves.lost))
    lost_rank, kept_rank = np.full((2, net.point_count), len(own))
    lost_rank[moves.lost] = own
    np.minimum.at(kept_rank, moves.kept, own)
    losing, keeping = net.least_around(lost_rank), net.least_around(kept_rank)
    return (losing[moves.lost] == own) & (losing[moves.kept] >= own) & (keeping[moves.lost] >= own)


def _touched(net: Net, moves: _Moves, others: _Moves) -> Flags:
    """Whether each move touches one of others."""
    near_lost, near_kept = net.around(others.lost), net.around(others.kept)
    return near_lost[moves.lost] | near_lost[moves.kept] | near_kept[moves.lost]


def _keeps_surface(net: Net, moves: _Moves) -> Flags:
    """Whether the two points have only those neighbours in common that lie across their edge."""
    begins, listed = net.neighbours
    move, at = listed_for(begins, moves.lost)
    common = np.bincount(move, net.adjacent(moves.kept[move], listed[at]), len(moves.lost))
    valence = np.diff(begins)
    return (common == 2) & ((valence[moves.lost] > 3) | (valence[moves.kept] > 3))


def _keeps_sense(net: Net, moves: _Moves) -> Flags:
    """Whether no face that stays is turned over or drawn into a needle."""
    begins, listed = net.corners
    move, at = listed_for(begins, moves.lost)
    corner = listed[at]
    face = corner // 3
    (a, b, c), end = net.topology.faces[face].T, moves.kept[move]
    stays = (a != end) & (b != end) & (c != end)
    move, corner, face = move[stays], corner[stays], face[stays]
    before = net.places_m[net.faces[face]]
    after = before.copy()
    after[np.arange(len(face)), corner % 3] = net.places_m[moves.to_vertex[0][move]]
    old, new = area_vectors(before), area_vectors(after)
    old_area, new_area = lengths_m(old), lengths_m(new)
    turns = np.einsum("ij,ij->i", old, new) < _TURN * old_area * new_area
    old_shape, new_shape = (
        2 * area / np.maximum(longest_side_m(corners) ** 2, 1e-30)
        for area, corners in ((old_area, before), (new_area, after))
    )
    needle = new_shape < np.minimum(_SLENDER, old_shape)
    return np.bincount(move, turns | needle, len(moves.lost)) == 0


def _merged(net: Net, moves: _Moves, costs: Quadrics) -> Indices:
    becomes = np.arange(len(net.point_of_vertex))
    lost, kept = np.concatenate(moves.from_vertex), np.concatenate(moves.to_vertex)
    becomes[lost] = kept
    both = np.concatenate([np.ones(len(moves.lost), dtype=np.bool_), moves.parted])
    costs.merge(lost[both], kept[both])
    faces = becomes[net.faces]
    a, b, c = net.point_of_vertex[faces].T
    return faces[(a != b) & (b != c) & (c != a)]
