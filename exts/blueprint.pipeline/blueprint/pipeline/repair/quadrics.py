"""What moving a vertex costs: squared distance to the planes of its faces, in space and on the texture at once.

After Garland and Heckbert, "Simplifying Surfaces with Color and Texture using Quadric Error Metrics" (1998).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .topology import Flags, Floats, Indices

_CHUNK = 250_000


@dataclass(frozen=True, eq=False)
class Quadrics:
    """One quadratic form per vertex: upper triangle of its matrix, its vector, its constant, shape (V, K)."""

    places: Floats
    terms: Floats

    def cost(self, lost: Indices, kept: Indices) -> Floats:
        """Return what it costs to merge vertices into others, which stay where they are."""
        costs = self._at_home[kept]
        for at in range(0, len(lost), _CHUNK):
            some = slice(at, at + _CHUNK)
            costs[some] += np.einsum("nk,nk->n", self.terms[lost[some]], self._monomials[kept[some]])
        return costs

    def squared_gap(self, one: Indices, other: Indices) -> Floats:
        """Return the squared distance between vertices, in the space of costs."""
        gaps = np.zeros(len(one))
        for axis in np.ascontiguousarray(self.places.T):
            gaps += (axis[one] - axis[other]) ** 2
        return gaps

    def merge(self, lost: Indices, kept: Indices) -> None:
        """Add the forms of lost vertices to those of the kept ones."""
        np.add.at(self.terms, kept, self.terms[lost])
        changed = np.unique(kept)
        self._at_home[changed] = np.einsum("nk,nk->n", self.terms[changed], self._monomials[changed])

    def of(self, chosen: Indices) -> "Quadrics":
        """Return the forms of some vertices."""
        return Quadrics(self.places[chosen], self.terms[chosen])

    @cached_property
    def _monomials(self) -> Floats:
        return _monomials(self.places)

    @cached_property
    def _at_home(self) -> Floats:
        """What each vertex costs where it is, shape (V,)."""
        return np.einsum("nk,nk->n", self.terms, self._monomials)


def quadrics(places: Floats, faces: Indices, on_seam: Flags) -> Quadrics:
    """Measure by faces, weighted by area, and by walls upright on seams (F, 3), weighted by the side's square.

    `places` (V, D) are in any number of dimensions.
    """
    terms = np.zeros((len(places), _monomials(places[:1]).shape[1]))
    for at in range(0, len(faces), _CHUNK):
        some, seams = faces[at : at + _CHUNK], on_seam[at : at + _CHUNK]
        first, second, area = _axes(places, some)
        _add(terms, some, _off_plane(places[some[:, 0]], (first, second), area))
        for side in range(3):
            chosen = np.flatnonzero(seams[:, side])
            ends = np.roll(some[chosen], -side, axis=1)
            _, across, _ = _axes(places, ends)
            length = ((places[ends[:, 1]] - places[ends[:, 0]]) ** 2).sum(axis=1)
            _add(terms, ends[:, :2], _off_point_along(places[ends[:, 0]], across, length))
    return Quadrics(places, terms)


def _axes(places: Floats, faces: Indices) -> tuple[Floats, Floats, Floats]:
    """Return two orthogonal unit vectors in each face, the first along its first side, and its area."""
    a, b, c = (places[faces[:, k]] for k in range(3))
    first, base = _unit(b - a)
    second, height = _unit((c - a) - np.einsum("ij,ij->i", c - a, first)[:, None] * first)
    return first, second, base * height / 2


def _unit(vectors: Floats) -> tuple[Floats, Floats]:
    lengths = np.linalg.norm(vectors, axis=1)
    return vectors / np.where(lengths > 0, lengths, 1.0)[:, None], lengths


def _off_plane(origin: Floats, axes: tuple[Floats, Floats], weight: Floats) -> Floats:
    """Return the form of the squared distance to the plane through a point that two axes span."""
    dimension = origin.shape[1]
    matrix = np.tile(np.eye(dimension), (len(origin), 1, 1))
    for axis in axes:
        matrix -= axis[:, :, None] * axis[:, None, :]
    return _form(matrix, origin, weight)


def _off_point_along(origin: Floats, axis: Floats, weight: Floats) -> Floats:
    """Return the form of the squared distance from a point along an axis."""
    return _form(axis[:, :, None] * axis[:, None, :], origin, weight)


def _form(matrix: Floats, origin: Floats, weight: Floats) -> Floats:
    """Write weight (x - origin)' matrix (x - origin) in the terms of `_monomials`."""
    rows, columns = np.triu_indices(origin.shape[1])
    twice = np.where(rows == columns, 1.0, 2.0)
    linear = np.einsum("nij,nj->ni", matrix, origin)
    constant = np.einsum("ni,ni->n", linear, origin)
    return weight[:, None] * np.column_stack([matrix[:, rows, columns] * twice, -2 * linear, constant])


def _monomials(places: Floats) -> Floats:
    rows, columns = np.triu_indices(places.shape[1])
    return np.column_stack([places[:, rows] * places[:, columns], places, np.ones(len(places))])


def _add(terms: Floats, corners: Indices, forms: Floats) -> None:
    """Give each corner of a face its share of the face's form."""
    for column in range(terms.shape[1]):
        values = np.repeat(forms[:, column], corners.shape[1])
        terms[:, column] += np.bincount(corners.reshape(-1), values, len(terms))
