"""Hollows that are open above: whether a thing has one, what it holds and where.

A height map, looked at from above, is flooded from outside: what lies below the level where it overflows is hollow.
What lies under an overhang is not seen, so a capacity is a lower bound.
"""

from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from blueprint.pipeline.scene.meshes import directed_edges

from .rectangles import Rectangle, largest_rectangle
from .solids import Solid

Floats = NDArray[np.float64]

_DEEP = 0.35
"""Share of the height that an opening must reach down to count as a cavity."""

_OPEN_SHARE = 0.25
"""Share of the outline, seen from above, that a cavity must take up."""

_CELLS = 96
_SHALLOWEST_M, _SMALLEST_M3 = 0.008, 1e-5
_SHALLOWEST_SHARE, _SMALLEST_SHARE = 0.08, 0.01
"""A hollow of less than 8 mm or 10 ml, or of less than these shares of the thing's height and box, is a dent."""

_DEEP_PART = 0.5
"""The room for things lies where the hollow has this share of its depth; the rest is a slope."""


@dataclass(frozen=True)
class Cavity:
    """A hollow: what it holds, the heights of its floor and of the level at which it overflows, and the room in it.

    `room` is the largest level rectangle that fits; `opening_m` its shorter side.
    """

    capacity_m3: float
    floor_m: float
    rim_m: float
    room: Rectangle

    @property
    def depth_m(self) -> float:
        """Depth from rim to floor."""
        return self.rim_m - self.floor_m

    @property
    def opening_m(self) -> float:
        """The shorter side of the room."""
        return 2 * self.room.half_size_m[1]


def is_hollow(solid: Solid) -> bool:
    """Whether a large part of the thing is open from above and deep, as a bowl or a mug is."""
    low, high = solid.vertices_m.min(axis=0), solid.vertices_m.max(axis=0)
    x, y = (np.linspace(low[axis], high[axis], 23)[1:-1] for axis in (0, 1))
    points, _ = _seen_from_above(solid, np.column_stack([grid.ravel() for grid in np.meshgrid(x, y)]))
    if not len(points):
        return False
    deep = points[:, 2] < high[2] - _DEEP * (high[2] - low[2])
    inner = np.abs(points[:, :2] - (low + high)[:2] / 2) < 0.35 * (high - low)[:2]
    return bool((deep & inner.all(axis=1)).sum() > _OPEN_SHARE * len(points))


def find_cavity(solid: Solid) -> Cavity | None:
    """Return the largest hollow that is open above, or None."""
    low, high = solid.vertices_m.min(axis=0), solid.vertices_m.max(axis=0)
    cell = float((high - low)[:2].max()) / _CELLS
    height = _height_map(solid, low, high, cell)
    floors = np.isfinite(height)
    depth = np.where(floors, flood_levels(height) - np.where(floors, height, 0.0), 0.0)
    numbered = connected_parts(depth > 0)
    if not numbered.any():
        return None
    volumes = np.bincount(numbered.ravel(), weights=depth.ravel())
    volumes[0] = 0.0
    inside = numbered == int(volumes.argmax())
    deepest = float(depth[inside].max())
    capacity = float(volumes.max()) * cell**2
    size = high - low
    least_m, least_m3 = _SHALLOWEST_SHARE * float(size[2]), _SMALLEST_SHARE * float(size.prod())
    if deepest < max(_SHALLOWEST_M, least_m) or capacity < max(_SMALLEST_M3, least_m3):
        return None
    deep = inside & (depth >= _DEEP_PART * deepest)
    room = largest_rectangle(_squares(np.argwhere(deep), low, cell))
    if room is None:
        return None
    floor = float(np.median(height[deep]))
    return Cavity(capacity, floor, floor + float(np.median(depth[deep])), room)


def flood_levels(height: Floats) -> Floats:
    """Return the level to which water stands on each cell of a height map (N, M) before it runs off the edge.

    The lowest border of what is known is filled first (priority flood). It runs off at edges and holes (-inf).
    """
    level = np.full(height.shape, np.inf)
    rows, columns = height.shape
    drains = np.isneginf(height)
    drains[[0, -1], :] = drains[:, [0, -1]] = True
    level[drains] = height[drains]
    border = [(float(height[i, j]), (int(i), int(j))) for i, j in np.argwhere(drains)]
    heapify(border)
    while border:
        value, (i, j) = heappop(border)
        for near in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
            if 0 <= near[0] < rows and 0 <= near[1] < columns and level[near] == np.inf:
                level[near] = max(value, float(height[near]))
                heappush(border, (float(level[near]), near))
    return level


def connected_parts(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Number the parts of a mask (N, M) that hang together by edges, from 1; 0 is outside."""
    numbered = np.zeros(mask.shape, dtype=np.int32)
    ndimage.label(mask, output=numbered)  # pyright: ignore[reportUnknownMemberType]
    return numbered.astype(np.int64)


def _height_map(solid: Solid, low: Floats, high: Floats, cell: float) -> Floats:
    """Return the highest surface over each cell, with a ring of nothing around; -inf where there is none."""
    counts = np.ceil((high - low)[:2] / cell).astype(np.int64) + 1
    index = np.stack(np.meshgrid(*(np.arange(count) for count in counts), indexing="ij"), axis=-1).reshape(-1, 2)
    points, rays = _seen_from_above(solid, low[:2] + (index + 0.5) * cell)
    height = np.full(tuple(counts + 2), -np.inf)
    height[tuple((index[rays] + 1).T)] = points[:, 2]
    # A wall thinner than a cell slips between the rays; its edges do not.
    along = _points_on_edges(solid, cell / 2)
    place = np.minimum(((along[:, :2] - low[:2]) / cell).astype(np.int64), counts - 1) + 1
    np.maximum.at(height, tuple(place.T), along[:, 2])
    return height


def _seen_from_above(solid: Solid, points: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Look straight down at points (N, 2); returns what is seen (K, 3), and which of the points see it."""
    top = float(solid.vertices_m[:, 2].max()) + 0.01
    origins = np.column_stack([points, np.full(len(points), top)])
    down = np.tile([0.0, 0.0, -1.0], (len(points), 1))
    seen, rays, _ = solid.mesh.ray.intersects_location(origins, down, multiple_hits=False)
    return np.asarray(seen).reshape(-1, 3), np.asarray(rays, dtype=np.int64)


def _points_on_edges(solid: Solid, step_m: float) -> Floats:
    scanned = solid.faces[: len(solid.faces) - solid.patch_faces]
    edges = np.unique(np.sort(directed_edges(scanned), axis=1), axis=0)
    start, end = solid.vertices_m[edges[:, 0]], solid.vertices_m[edges[:, 1]]
    steps = np.maximum(np.ceil(np.linalg.norm(end - start, axis=1) / step_m).astype(np.int64), 1) + 1
    owner = np.repeat(np.arange(len(edges)), steps)
    order = np.arange(len(owner)) - np.repeat(np.cumsum(steps) - steps, steps)
    share = (order / (steps[owner] - 1))[:, None]
    return start[owner] * (1 - share) + end[owner] * share


def _squares(cells: NDArray[np.int64], low: Floats, cell: float) -> Floats:
    """Return two triangles for each cell of a map with a ring, shape (2 N, 3, 2)."""
    corner = low[:2] + (cells - 1) * cell
    steps = np.array([[(0, 0), (1, 0), (1, 1)], [(0, 0), (1, 1), (0, 1)]], dtype=np.float64) * cell
    return (corner[:, None, None, :] + steps[None]).reshape(-1, 3, 2)
