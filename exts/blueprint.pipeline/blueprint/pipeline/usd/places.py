"""Vertices at one place."""

import numpy as np
from numpy.typing import NDArray


def joined_places[Number: np.floating](vertices: NDArray[Number]) -> tuple[NDArray[Number], NDArray[np.int64]]:
    """Return the different places of vertices (V, 3), in the order of their first mention, and each vertex's place."""
    order = np.lexsort(vertices.T[::-1])
    ordered = vertices[order]
    begins = np.concatenate([[True], (ordered[1:] != ordered[:-1]).any(axis=1)])[: len(order)]
    # Sorting is stable, so that the first of each kind is the one mentioned first.
    first = np.sort(order[begins])
    number = np.zeros(len(vertices), dtype=np.int64)
    number[first] = np.arange(len(first))
    place = np.empty(len(vertices), dtype=np.int64)
    place[order] = number[order[begins]][np.cumsum(begins) - 1]
    return vertices[first], place
