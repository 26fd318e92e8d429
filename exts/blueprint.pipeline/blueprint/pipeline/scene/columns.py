"""Where parallel lines meet a mesh: exact crossings of its triangles with a grid of upright columns. Pure numpy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

_PAIRS_AT_ONCE = 1 << 21
_EDGE = 1e-9
# Columns at the very middle of cells would run along the edges of symmetric meshes.
_OFF_CENTRE = 0.4871


@dataclass(frozen=True, eq=False)
class Columns:
    """Lines along +Z through a grid of points; `low` is the first one, `pitch` the distance along x and along y."""

    low: Array
    pitch: Array
    shape: tuple[int, int]

    @property
    def count(self) -> int:
        """Number of columns."""
        return self.shape[0] * self.shape[1]

    def xy(self) -> Array:
        """Return where the columns stand, shape (count, 2), in the order of their numbers."""
        rows, columns = np.divmod(np.arange(self.count), self.shape[1])
        return self.low + np.stack([rows, columns], axis=1) * self.pitch


@dataclass(frozen=True, eq=False)
class Crossings:
    """Heights at which columns meet a mesh; `column` (N,) numbers the columns, `height` (N,) is along their axis."""

    column: Indices
    height: Array

    def lowest(self, count: int) -> Array:
        """Return each column's lowest crossing, shape (count,); infinite where it meets nothing."""
        lowest = np.full(count, np.inf)
        np.minimum.at(lowest, self.column, self.height)
        return lowest

    def highest(self, count: int) -> Array:
        """Return each column's highest crossing, shape (count,); minus infinity where it meets nothing."""
        highest = np.full(count, -np.inf)
        np.maximum.at(highest, self.column, self.height)
        return highest

    def nearest(self, heights: Array) -> Array:
        """Return how far above its nearest crossing each of the heights (count,) lies; infinite without one."""
        gaps = heights[self.column] - self.height
        order = np.argsort(-np.abs(gaps), kind="stable")
        nearest = np.full(len(heights), np.inf)
        nearest[self.column[order]] = gaps[order]
        return nearest


def columns_over(low: Array, high: Array, per_side: int) -> Columns:
    """Return columns over a rectangle with corners of shape (2,)."""
    pitch = np.maximum((high - low) / per_side, 1e-9)
    return Columns(low + _OFF_CENTRE * pitch, pitch, (per_side, per_side))


def cross(columns: Columns, vertices: Array, faces: NDArray[np.int32]) -> Crossings:
    """Return every crossing of the columns with a mesh: vertices (V, 3), faces (F, 3)."""
    flat = vertices[:, :2][faces]
    first = np.ceil((flat.min(axis=1) - columns.low) / columns.pitch)
    last = np.floor((flat.max(axis=1) - columns.low) / columns.pitch)
    limits = np.asarray(columns.shape) - 1
    # A small triangle mostly lies between the columns, so that few pairs remain even of fine meshes.
    first = np.clip(first, 0, limits + 1).astype(np.int64)
    last = np.clip(last, -1, limits).astype(np.int64)
    spans = np.maximum(last - first + 1, 0)
    counts = spans[:, 0] * spans[:, 1]
    hit = np.flatnonzero(counts)
    found: list[tuple[Indices, Array]] = []
    for block in _blocks(hit, counts[hit]):
        found.append(_cross_block(columns, vertices[faces[block]], first[block], spans[block], counts[block]))
    if not found:
        return Crossings(np.empty(0, dtype=np.int64), np.empty(0))
    return Crossings(np.concatenate([entry[0] for entry in found]), np.concatenate([entry[1] for entry in found]))


def _blocks(faces: Indices, counts: Indices) -> list[Indices]:
    """Cut a list of faces so that no block has many more pairs with columns than memory should hold."""
    if not len(faces):
        return []
    number = np.cumsum(counts) // _PAIRS_AT_ONCE
    return np.split(faces, np.flatnonzero(np.diff(number)) + 1)


def _cross_block(
    columns: Columns, corners: Array, first: Indices, spans: Indices, counts: Indices
) -> tuple[Indices, Array]:
    face = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(face)) - np.repeat(np.cumsum(counts) - counts, counts)
    row = first[face, 0] + place // spans[face, 1]
    column = first[face, 1] + place % spans[face, 1]
    point = columns.low + np.stack([row, column], axis=1) * columns.pitch
    a, b, c = (corners[face, number] for number in range(3))
    u, v, w = b[:, :2] - a[:, :2], c[:, :2] - a[:, :2], point - a[:, :2]
    area = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    upright = area == 0.0
    area = np.where(upright, 1.0, area)
    s = (w[:, 0] * v[:, 1] - w[:, 1] * v[:, 0]) / area
    t = (u[:, 0] * w[:, 1] - u[:, 1] * w[:, 0]) / area
    inside = (s >= -_EDGE) & (t >= -_EDGE) & (s + t <= 1 + _EDGE) & ~upright
    height = a[:, 2] + s * (b[:, 2] - a[:, 2]) + t * (c[:, 2] - a[:, 2])
    return (row * columns.shape[1] + column)[inside], height[inside]
