"""Things built of boards, such as cabinets, drawers and tables: exact boxes between the planes of their faces.

A search for convex parts thickens boards and closes what is open between them; faces that lie in few planes say exactly
where matter begins and ends.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.colliders import BoxPiece
from blueprint.pipeline.scene.poses import Pose, vec3

from .fidelity import contains
from .rectangles import edge_heading_rad
from .solids import Solid

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_SQUARE = 0.985
"""Cosine within which a face looks along an axis of the thing; scanned boards are uneven."""

_SQUARE_SHARE = 0.75
"""Share of the surface that must look along the axes; the rest are rounded edges and handles."""

_ONE_PLANE_M = 0.002
_PLANE_SHARE = 0.002
"""Share of the surface that faces of one plane must make up to bound a board."""

_MOST_PLANES = 20
_SMALLEST_SHARE = 0.0005
"""Share of the volume below which a box is not worth a collider."""

_OFF_M = 0.004
"""Distance from every box beyond which a face belongs to a handle."""

_REACH_M = 0.01
"""How far a handle reaches from the boards; a bulge of a scanned board reaches less."""

_PROBES = np.array([(0.5, 0.5, 0.5), (0.25, 0.3, 0.7), (0.7, 0.25, 0.3), (0.3, 0.7, 0.25), (0.75, 0.75, 0.7)])


@dataclass(frozen=True, eq=False)
class Boards:
    """Boxes that fill a thing, and the faces of the mesh that stand off them, such as a handle."""

    boxes: tuple[BoxPiece, ...]
    rest: Solid | None
    why: str


def boards_of(solid: Solid, max_boxes: int) -> Boards | None:
    """Return the boxes of a closed thing whose faces lie in few upright and level planes, or None for another thing."""
    rotation = _heading(solid)
    local = Solid(solid.vertices_m @ rotation, solid.faces, solid.closed)
    planes = _planes(local)
    if planes is None:
        return None
    filled = _filled(local, planes)
    if not filled.any():
        return None
    blocks = _cover(filled, planes, max_boxes)
    boxes = tuple(_box(block, planes, rotation) for block in blocks)
    rest = _beside(solid, boxes)
    count = "x".join(str(len(each)) for each in planes)
    return Boards(
        boxes, rest, f"{len(boxes)} {'box' if len(boxes) == 1 else 'boxes'} between {count} planes of its faces"
    )


def _heading(solid: Solid) -> Floats:
    """Return the rotation (3, 3) whose columns are the thing's own level axes and the vertical."""
    yaw = edge_heading_rad(solid.vertices_m[:, :2])
    return np.array([[np.cos(yaw), -np.sin(yaw), 0.0], [np.sin(yaw), np.cos(yaw), 0.0], [0.0, 0.0, 1.0]])


def _planes(local: Solid) -> list[Floats] | None:
    """Return the positions of the planes across each axis, or None where the faces are not those of boards."""
    corners = local.vertices_m[local.faces]
    doubled = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(doubled, axis=1)
    along = np.abs(doubled) > _SQUARE * lengths[:, None]
    if lengths[along.any(axis=1)].sum() < _SQUARE_SHARE * lengths.sum():
        return None
    least = _PLANE_SHARE * lengths.sum()
    planes = [
        _clusters(corners[along[:, axis]].mean(axis=1)[:, axis], lengths[along[:, axis]], least) for axis in range(3)
    ]
    return planes if all(2 <= len(each) <= _MOST_PLANES for each in planes) else None


def _clusters(at_m: Floats, weights: Floats, least: float) -> Floats:
    """Return the weighted middles of positions that lie close together and weigh enough."""
    order = np.argsort(at_m, kind="stable")
    at_m, weights = at_m[order], weights[order]
    label = np.cumsum(np.diff(at_m, prepend=at_m[:1]) > _ONE_PLANE_M / 4)
    heavy = np.bincount(label, weights)
    middle = np.bincount(label, weights * at_m) / np.maximum(heavy, 1e-30)
    return _merged(middle[heavy > least], heavy[heavy > least])


def _merged(at_m: Floats, weights: Floats) -> Floats:
    """Join planes that are nearer than the unevenness of one."""
    kept: list[tuple[float, float]] = []
    for position, weight in zip(at_m.tolist(), weights.tolist(), strict=True):
        if kept and position - kept[-1][0] < _ONE_PLANE_M:
            last, before = kept[-1]
            kept[-1] = ((last * before + position * weight) / (before + weight), before + weight)
        else:
            kept.append((position, weight))
    return np.array([position for position, _ in kept])


def _filled(local: Solid, planes: list[Floats]) -> Bools:
    """Return which cells between the planes are matter, shape (X, Y, Z): most of a few points of each lie inside."""
    lows = np.stack(np.meshgrid(*(each[:-1] for each in planes), indexing="ij"), axis=-1)
    sizes = np.stack(np.meshgrid(*(np.diff(each) for each in planes), indexing="ij"), axis=-1)
    points = lows[..., None, :] + _PROBES * sizes[..., None, :]
    inside = contains(local, points.reshape(-1, 3)).reshape(points.shape[:-1])
    return inside.mean(axis=-1) > 0.5


def _cover(filled: Bools, planes: list[Floats], most: int) -> list[NDArray[np.int64]]:
    """Cover filled cells by blocks (lower and upper cell corner, (2, 3)), each time the one that adds most volume.

    Blocks may overlap, so a cabinet's sides keep their full height.
    """
    dx, dy, dz = (np.diff(each) for each in planes)
    volume = np.einsum("x,y,z->xyz", dx, dy, dz)
    spans = [np.array(list(combinations(range(len(each)), 2)), dtype=np.int64) for each in planes]
    whole = _block_sums(filled.astype(np.float64), spans)
    cells = np.einsum("x,y,z->xyz", *(np.diff(each, axis=1)[:, 0] for each in spans))
    solid = whole > cells - 0.5
    open_volume, blocks = np.where(filled, volume, 0.0), list[NDArray[np.int64]]()
    total = float(open_volume.sum())
    while len(blocks) < most and open_volume.sum() > 0:
        gain = np.where(solid, _block_sums(open_volume, spans), 0.0)
        best = np.unravel_index(int(np.argmax(gain)), gain.shape)
        if gain[best] < _SMALLEST_SHARE * total:
            break
        block = np.array([spans[axis][best[axis]] for axis in range(3)]).T
        blocks.append(block)
        open_volume[tuple(slice(low, high) for low, high in block.T)] = 0.0
    return blocks


def _block_sums(values: Floats, spans: list[NDArray[np.int64]]) -> Floats:
    """Return the sum of cell values over every block, by running sums."""
    for axis, span in enumerate(spans):
        running = np.cumsum(np.insert(values, 0, 0.0, axis=axis), axis=axis)
        values = np.take(running, span[:, 1], axis=axis) - np.take(running, span[:, 0], axis=axis)
    return values


def _box(block: NDArray[np.int64], planes: list[Floats], rotation: Floats) -> BoxPiece:
    low, high = (np.array([planes[axis][corner[axis]] for axis in range(3)]) for corner in block)
    T = np.eye(4)
    T[:3, :3], T[:3, 3] = rotation, rotation @ ((low + high) / 2)
    return BoxPiece(Pose.from_matrix(T), vec3((high - low) / 2))


def _beside(solid: Solid, boxes: tuple[BoxPiece, ...]) -> Solid | None:
    """Return the faces that stand off every box and reach far, or None where there are none."""
    off = _gaps_m(solid.vertices_m[solid.faces].mean(axis=1), boxes) > _OFF_M
    if not off.any():
        return None
    used, index = np.unique(solid.faces[off], return_inverse=True)
    loose = Solid(solid.vertices_m[used], index.reshape(-1, 3), False)
    far = [part for part in loose.components() if _gaps_m(part.vertices_m, boxes).max() > _REACH_M]
    if not far:
        return None
    offsets = np.cumsum([0, *(len(part.vertices_m) for part in far)])
    faces = [part.faces + offset for part, offset in zip(far, offsets, strict=False)]
    return Solid(np.concatenate([part.vertices_m for part in far]), np.concatenate(faces), False)


def _gaps_m(points: Floats, boxes: tuple[BoxPiece, ...]) -> Floats:
    """Return how far points (N, 3) lie outside the nearest box."""
    gap = np.full(len(points), np.inf)
    for box in boxes:
        beyond = np.abs(box.T_prop_box.inverse().apply(points)) - np.asarray(box.half_extents_m)
        gap = np.minimum(gap, np.linalg.norm(np.maximum(beyond, 0.0), axis=1))
    return gap
