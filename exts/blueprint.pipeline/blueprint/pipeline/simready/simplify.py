"""Coarsen a mesh by joining vertices that share a cell of a grid, so that a decomposition has bounded work."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Faces = NDArray[np.int64]

_FINEST_CELLS, _STEP = 400, 0.85
"""Cells along the longest side to start with, and the factor by which their number falls at each try."""


def clustered(vertices_m: Floats, faces: Faces, max_faces: int) -> tuple[Floats, Faces]:
    """Return the mesh with at most `max_faces` faces; one that has no more comes back as it is."""
    cells = float(_FINEST_CELLS)
    coarse_vertices, coarse_faces = vertices_m, faces
    while len(coarse_faces) > max_faces and cells > 4:
        coarse_vertices, coarse_faces = _cluster(vertices_m, faces, float(np.ptp(vertices_m, axis=0).max()) / cells)
        cells *= _STEP
    return coarse_vertices, coarse_faces


def _cluster(vertices: Floats, faces: Faces, cell_m: float) -> tuple[Floats, Faces]:
    grid = np.floor((vertices - vertices.min(axis=0)) / cell_m).astype(np.int64)
    index = np.unique(_row_numbers(grid), return_inverse=True)[1].reshape(-1)
    members = np.bincount(index)
    centres = np.stack([np.bincount(index, weights=vertices[:, axis]) / members for axis in range(3)], axis=1)
    joined = index[faces]
    distinct = (joined[:, 0] != joined[:, 1]) & (joined[:, 1] != joined[:, 2]) & (joined[:, 2] != joined[:, 0])
    # Two sheets that fall together would leave the same triangle twice.
    unique = np.unique(_row_numbers(np.sort(joined[distinct], axis=1)), return_index=True)[1]
    return centres, joined[distinct][np.sort(unique)]


def _row_numbers(rows: Faces) -> Faces:
    """Return one number for each row (N, 3), ascending as the rows are: numbers sort many times faster than rows.

    They fit into 64 bits up to two million different entries.
    """
    base = int(rows.max(initial=0)) + 1
    return (rows[:, 0] * base + rows[:, 1]) * base + rows[:, 2]
