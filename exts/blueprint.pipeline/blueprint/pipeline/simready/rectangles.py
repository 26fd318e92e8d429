"""The largest rectangle that fits into a flat patch of triangles, with its edges along the patch's own."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

Floats = NDArray[np.float64]
Mask = NDArray[np.uint8]

_FINEST_CELL_M, _CELLS = 0.004, 250
_SUBPIXEL_BITS = 4


@dataclass(frozen=True)
class Rectangle:
    """A rectangle in the plane: centre, heading of its longer edge, and half sizes (longer first), in metres."""

    center_m: tuple[float, float]
    yaw_rad: float
    half_size_m: tuple[float, float]

    @property
    def area_m2(self) -> float:
        """Its area."""
        return 4 * self.half_size_m[0] * self.half_size_m[1]


def largest_rectangle(triangles_m: Floats) -> Rectangle | None:
    """Return the largest rectangle inside the union of triangles (N, 3, 2), or None where nothing fits."""
    yaw = edge_heading_rad(triangles_m.reshape(-1, 2))
    turn = np.array([[np.cos(yaw), np.sin(yaw)], [-np.sin(yaw), np.cos(yaw)]])
    local = triangles_m @ turn.T
    low = local.reshape(-1, 2).min(axis=0)
    cell = max(_FINEST_CELL_M, float(np.ptp(local.reshape(-1, 2), axis=0).max()) / _CELLS)
    row, column, height, width = _largest_block(_raster((local - low) / cell))
    # A cell counts when an outline touches it, so the rectangle ends at the middle of its outer cells.
    size = cell * (np.array([width, height], dtype=np.float64) - 1)
    if (size <= 0).any():
        return None
    middle = low + cell * np.array([column + (width - 1) / 2, row + (height - 1) / 2])
    if size[1] > size[0]:
        size, yaw = size[::-1], yaw + np.pi / 2
    x, y = (middle @ turn).tolist()
    heading = float((yaw + np.pi / 2) % np.pi - np.pi / 2)
    return Rectangle((x, y), heading, (float(size[0] / 2), float(size[1] / 2)))


def edge_heading_rad(points: Floats) -> float:
    """Return the heading of the edges of the smallest rectangle around points; it lies along an edge of their hull."""
    corners = points[ConvexHull(points).vertices]
    edges = np.roll(corners, -1, axis=0) - corners
    headings = np.unique(np.round(np.arctan2(edges[:, 1], edges[:, 0]) % (np.pi / 2), 6))

    def box_area(yaw: float) -> float:
        turned = corners @ np.array([[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]])
        return float(np.prod(np.ptp(turned, axis=0)))

    return float(min(headings.tolist(), key=box_area))


def _raster(triangles: Floats) -> Mask:
    """Draw triangles (N, 3, 2), given in cells, into a mask."""
    width, height = np.ceil(triangles.reshape(-1, 2).max(axis=0)).astype(int) + 1
    mask = np.zeros((int(height), int(width)), dtype=np.uint8)
    for corners in np.round(triangles * (1 << _SUBPIXEL_BITS)).astype(np.int32):
        cv2.fillConvexPoly(mask, corners, 1, shift=_SUBPIXEL_BITS)
    return mask


def _largest_block(mask: Mask) -> tuple[int, int, int, int]:
    """Return row, column, height and width of the largest block of set cells.

    Row by row, the set cells above form a histogram, in which the largest rectangle is found with a stack of bars.
    """
    best, best_area = (0, 0, 0, 0), 0
    heights = np.zeros(mask.shape[1] + 1, dtype=np.int64)
    for row, cells in enumerate(mask):
        heights[:-1] = np.where(cells > 0, heights[:-1] + 1, 0)
        open_bars: list[tuple[int, int]] = []
        for column, height in enumerate(heights.tolist()):
            start = column
            while open_bars and open_bars[-1][1] >= height:
                start, tall = open_bars.pop()
                if tall * (column - start) > best_area:
                    best_area = tall * (column - start)
                    best = (row - tall + 1, start, tall, column - start)
            open_bars.append((start, height))
    return best
