"""Find the boards of a front in its depth map: flat rectangles that gaps, grooves or ledges set apart."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_fill_holes
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from .depth_map import DepthMap
from .fronts import Rectangle

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_STEP_M = 0.0015
"""Neighbouring pixels whose heights differ by more are not one surface; scans are uneven by 0.6 mm to either side."""
GROOVE_M = 0.002
"""What lies deeper than this beside a board is a gap or a groove."""
_KERNEL_M = 0.045
_SMALLEST_SIDE_M = 0.06
_FLAT_M = 0.0025
_MOST_TILT = np.radians(6.0)
_LEAST_FILL = 0.85
_LOOK_M = 0.03
"""How far beside a board a gap, groove or ledge is looked for."""
_FINE_M = 0.00025
_LINES = 41
_LEDGE_M = (0.003, 0.08)
_LEDGE_SLOPE = 0.3
_NARROWEST_LEDGE_M = 0.0012

Border = Literal["groove", "ledge", "edge", "rise", "none"]


@dataclass(frozen=True, slots=True)
class Side:
    """What lies beside one side of a board: the kind, and the groove's width and depth in metres."""

    kind: Border
    width_m: float = 0.0
    depth_m: float = 0.0


@dataclass(frozen=True, eq=False)
class Board:
    """A flat rectangle of a front, its plane (height = a right + b up + c), and its left, right, bottom, top side."""

    rectangle: Rectangle
    plane: Floats
    sides: tuple[Side, ...]
    fill: float
    rows: tuple[int, int]
    columns: tuple[int, int]

    @property
    def face_m(self) -> float:
        """Return how far outward the middle of the board's face is."""
        right, up = self.rectangle.centre
        return float(self.plane @ [right, up, 1.0])

    def cut_off_sides(self) -> int:
        """Return at how many sides a gap, groove or ledge sets the board apart."""
        return sum(side.kind in ("groove", "ledge") for side in self.sides)

    def grooves(self) -> int:
        """Return at how many sides a groove with something beyond it runs."""
        return sum(side.kind == "groove" for side in self.sides)


def find_boards(depth: DepthMap) -> list[Board]:
    """Return flat, upright rectangles of at least 6 cm, in reading order: top to bottom, left to right."""
    labels = _flat_regions(depth)
    seen = int(np.isfinite(depth.height_m).sum())
    least = max(0.004 * seen, (_SMALLEST_SIDE_M / depth.pixel_m) ** 2)
    counts = np.bincount(labels[labels >= 0].reshape(-1)) if (labels >= 0).any() else np.zeros(0, dtype=int)
    found = (_board(depth, labels == label) for label in np.flatnonzero(counts >= least))
    boards = [board for board in found if board is not None]
    return sorted(boards, key=lambda each: (-round(each.rectangle.centre[1], 2), each.rectangle.left))


def _flat_regions(depth: DepthMap) -> NDArray[np.int64]:
    """Label pixels (H, W) that hang together without a step; -1 beside the mesh and in grooves."""
    height = depth.height_m
    lowest = float(np.nanmin(height))
    filled = np.nan_to_num(height, nan=lowest - 1.0).astype(np.float32)
    reach = 2 * (int(_KERNEL_M / depth.pixel_m) // 2) + 1
    closed = cv2.morphologyEx(filled, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8), borderValue=lowest - 1.0)
    usable = np.isfinite(height) & (closed - filled < GROOVE_M) & ~_on_walls(filled)
    index = np.arange(height.size).reshape(height.shape)
    pairs: list[NDArray[np.int64]] = []
    for first, second in (
        ((slice(None), slice(None, -1)), (slice(None), slice(1, None))),
        ((slice(None, -1), slice(None)), (slice(1, None), slice(None))),
    ):
        joined = usable[first] & usable[second] & (np.abs(height[first] - height[second]) <= _STEP_M)
        pairs.append(np.stack([index[first][joined], index[second][joined]], axis=1))
    edges = np.concatenate(pairs)
    graph = coo_array((np.ones(len(edges), dtype=np.int8), (edges[:, 0], edges[:, 1])), shape=(height.size,) * 2)
    _, labels = connected_components(graph, directed=False)
    labels = labels.reshape(height.shape).astype(np.int64)
    labels[~usable] = -1
    return labels


def _on_walls(height: NDArray[np.float32]) -> Mask:
    """Return the pixels (H, W) that step down from one neighbour and up to the opposite one.

    Where the side of a board runs askew to the pixels, such ones would lead from the board down to the carcass.
    """
    walls = np.zeros(height.shape, dtype=bool)
    for axis in (0, 1):
        steps = np.abs(np.diff(height, axis=axis)) > _STEP_M
        before, after = [
            np.pad(steps, [(1, 0) if at == axis else (0, 0) for at in (0, 1)]),
            np.pad(steps, [(0, 1) if at == axis else (0, 0) for at in (0, 1)]),
        ]
        walls |= before & after
    return walls


def _board(depth: DepthMap, region: Mask) -> Board | None:
    """Return a region as a board, or None for one that is not a flat rectangle."""
    rows, columns = _span(region.sum(axis=1)), _span(region.sum(axis=0))
    window = (slice(rows[0], rows[1] + 1), slice(columns[0], columns[1] + 1))
    rectangle = depth.rectangle(*rows, *columns)
    if min(rectangle.width_m, rectangle.height_m) < _SMALLEST_SIDE_M:
        return None
    fill = float(np.mean(np.asarray(binary_fill_holes(region[window]))))
    plane, spread = _fitted_plane(depth, region)
    if fill < _LEAST_FILL or spread > _FLAT_M or np.hypot(plane[0], plane[1]) > np.tan(_MOST_TILT):
        return None
    measured = [_measured(depth, plane, rectangle, outward) for outward in _OUTWARD]
    left, right, bottom, top = (edge_m for _, edge_m in measured)
    sides = tuple(side for side, _ in measured)
    return Board(Rectangle(left, bottom, right, top), plane, sides, fill, rows, columns)


def _span(counts: NDArray[np.int64]) -> tuple[int, int]:
    """Return the first and last row (or column) that the region covers at least half as widely as its widest."""
    full = np.flatnonzero(counts >= 0.5 * np.percentile(counts[counts > 0], 90))
    return int(full[0]), int(full[-1])


def _fitted_plane(depth: DepthMap, region: Mask) -> tuple[Floats, float]:
    rows, columns = np.nonzero(region)
    step = max(1, len(rows) // 20_000)
    points = depth.points(rows[::step], columns[::step])
    design = np.column_stack([points[:, :2], np.ones(len(points))])
    keep = np.ones(len(points), dtype=bool)
    plane = np.zeros(3)
    for _ in range(3):
        plane, *_ = np.linalg.lstsq(design[keep], points[keep, 2], rcond=None)
        off = np.abs(points[:, 2] - design @ plane)
        keep = off <= max(3 * float(np.median(off)), 5e-4)
    return plane, float(np.percentile(np.abs(points[:, 2] - design @ plane), 90))


_OUTWARD = ((-1, 0), (1, 0), (0, -1), (0, 1))
"""Left, right, bottom, top: the order of a board's sides."""


def _measured(depth: DepthMap, plane: Floats, rectangle: Rectangle, outward: tuple[int, int]) -> tuple[Side, float]:
    """Return what lies beside one side of a board, and where exactly the board ends there.

    Finer than pixels: a door may show its carcass by 3 mm only.
    """
    x, y = outward
    low, high = (rectangle.bottom, rectangle.top) if x else (rectangle.left, rectangle.right)
    along = np.linspace(low + 0.1 * (high - low), high - 0.1 * (high - low), _LINES)
    edge = (rectangle.left, rectangle.right)[x > 0] if x else (rectangle.bottom, rectangle.top)[y > 0]
    # The pixels' edge may lie a pixel off either way.
    start, sign = edge - (x + y) * 2 * depth.pixel_m, x + y
    across = start + sign * np.arange(0.0, _LOOK_M + 4 * depth.pixel_m, _FINE_M)
    grid = np.meshgrid(across, along, indexing="ij")
    right, up = (grid[0], grid[1]) if x else (grid[1], grid[0])
    below = plane[0] * right + plane[1] * up + plane[2] - depth.sampled(right, up)
    side, first = _side(_median_profile(below))
    ends = start + sign * first * _FINE_M
    return side, edge if side.kind in ("rise", "none") else float(ends)


def _side(below: Floats) -> tuple[Side, int]:
    """Judge a border by its profile, metres below the board's plane going outward; say where the board ends."""
    beside = int(np.argmax(np.isnan(below))) if np.isnan(below).any() else len(below)
    below = below[:beside]
    deep = below > GROOVE_M
    if not deep.any():
        if len(below) and float(below.min()) < -_STEP_M:
            return Side("rise"), beside
        return Side("none" if beside * _FINE_M > _LOOK_M / 2 else "edge"), beside
    start = int(np.argmax(deep))
    if (below[:start] < -2 * _STEP_M).any():
        return Side("rise"), start
    back = np.flatnonzero(below[start:] < 0.4 * _running_deepest(below[start:]))
    if len(back):
        end = start + int(back[0])
        return Side("groove", (end - start) * _FINE_M, float(np.median(below[start:end]))), start
    level = np.abs(np.diff(below[start:])) <= _LEDGE_SLOPE * _FINE_M
    plateau = below[start:-1][level & (below[start:-1] >= _LEDGE_M[0]) & (below[start:-1] <= _LEDGE_M[1])]
    if len(plateau) * _FINE_M >= _NARROWEST_LEDGE_M:
        return Side("ledge", (beside - start) * _FINE_M, float(np.median(plateau))), start
    return Side("edge"), start


def _running_deepest(below: Floats) -> Floats:
    return np.maximum.accumulate(below)


def _median_profile(profiles: Floats) -> Floats:
    """Return the middle value along the side per step outward; NaN from where the mesh ends along most of it."""
    missing = np.isnan(profiles).mean(axis=1) > 0.5
    median = np.array([np.median(row[np.isfinite(row)]) if np.isfinite(row).any() else np.nan for row in profiles])
    median[missing] = np.nan
    return median
