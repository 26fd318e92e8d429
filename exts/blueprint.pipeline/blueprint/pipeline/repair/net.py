"""Who is whose neighbour in a mesh that loses faces round by round."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .topology import Flags, Floats, Indices, Topology, in_order_of_keys


@dataclass(frozen=True, eq=False)
class Net:
    """Faces by vertex (F, 3), the place (V, 3) and the point (V,) of each vertex, and the points that stay (P,)."""

    faces: Indices
    places_m: Floats
    point_of_vertex: Indices
    fixed: Flags

    @cached_property
    def topology(self) -> Topology:
        """Return the faces by point."""
        return Topology(self.point_of_vertex[self.faces], self.point_count)

    @property
    def point_count(self) -> int:
        """Return how many points are numbered, used or not."""
        return len(self.fixed)

    @cached_property
    def neighbours(self) -> tuple[Indices, Indices]:
        """Where each point's neighbours begin in a list, shape (P + 1,), and that list, ascending for each point."""
        low, high = self.topology.edges.T
        starts, ends = np.concatenate([low, high]), np.concatenate([high, low])
        by_end = in_order_of_keys(ends, self.point_count)[1]
        begins, by_start = in_order_of_keys(starts[by_end], self.point_count)
        return begins, ends[by_end[by_start]]

    @cached_property
    def corners(self) -> tuple[Indices, Indices]:
        """Where each point's face corners begin in a list, shape (P + 1,), and that list of corners 3 f + k."""
        return in_order_of_keys(self.topology.faces.reshape(-1), self.point_count)

    @cached_property
    def used(self) -> Flags:
        """Whether each vertex has faces, shape (V,)."""
        used = np.zeros(len(self.point_of_vertex), dtype=np.bool_)
        used[self.faces] = True
        return used

    @cached_property
    def vertices_at(self) -> Indices:
        """How many vertices with faces lie at each point, shape (P,)."""
        return np.bincount(self.point_of_vertex[self.used], minlength=self.point_count)

    @cached_property
    def free(self) -> Flags:
        """Whether each point may go: not fixed, and on no open rim and no edge of more than two faces."""
        free = ~self.fixed
        free[self.topology.sides[self.topology.sides_on_edge != 2].reshape(-1)] = False
        return free

    @cached_property
    def _edge_keys(self) -> Indices:
        return self.topology.edges[:, 0] * self.point_count + self.topology.edges[:, 1]

    def adjacent(self, one: Indices, other: Indices) -> Flags:
        """Whether points are neighbours."""
        wanted = np.minimum(one, other) * self.point_count + np.maximum(one, other)
        at = np.minimum(np.searchsorted(self._edge_keys, wanted), len(self._edge_keys) - 1)
        return self._edge_keys[at] == wanted

    def around(self, chosen: Indices) -> Flags:
        """Whether each point is one of the chosen or next to one, shape (P,)."""
        begins, listed = self.neighbours
        near = np.zeros(self.point_count, dtype=np.bool_)
        near[chosen] = True
        near[listed[listed_for(begins, chosen)[1]]] = True
        return near

    def least_around(self, values: Indices) -> Indices:
        """Return the least value at each point and its neighbours."""
        begins, listed = self.neighbours
        least = values.copy()
        some = np.flatnonzero(np.diff(begins))
        least[some] = np.minimum(values[some], np.minimum.reduceat(values[listed], begins[some]))
        return least


def listed_for(begins: Indices, chosen: Indices) -> tuple[Indices, Indices]:
    """List the entries of chosen rows one after the other: the row's number among the chosen, and the entry's place."""
    counts = begins[chosen + 1] - begins[chosen]
    row = np.repeat(np.arange(len(chosen)), counts)
    ramp = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    return row, begins[chosen][row] + ramp
