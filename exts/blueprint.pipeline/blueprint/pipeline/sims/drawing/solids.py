"""Which triangles belong to closed surfaces wound outwards: what a ray enters there it also leaves."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csgraph

Floats = NDArray[np.float64]
WELD_M = 1e-6
"""Vertices of one owner that round to the same place are one; meshes repeat them where textures or normals part."""


def solid_triangles(points_m: Floats, owners: NDArray[np.int32], corners: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return which triangles (F) are part of a closed surface that encloses a volume, of vertices (V, 3) by owner."""
    if not len(corners):
        return np.zeros(0, dtype=bool)
    places = np.column_stack([owners, np.round(points_m / WELD_M)])
    _, welded = np.unique(places, axis=0, return_inverse=True)
    triangles = welded.reshape(-1)[corners]
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    count = int(triangles.max()) + 1
    # Along every edge of a closed surface as many triangles run one way as the other.
    passed: Any = coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(count, count)).tocsr()
    parts, part_of = csgraph.connected_components(passed, directed=False)
    uneven = (passed - passed.T).tocoo()
    open_parts = np.unique(part_of[uneven.row[uneven.data != 0]])
    part = part_of[triangles[:, 0]]
    a, b, c = (points_m[corners[:, corner]] for corner in range(3))
    volume = np.bincount(part, weights=(a * np.cross(b, c)).sum(axis=1), minlength=parts)
    volume[open_parts] = 0.0
    return volume[part] > 0.0
