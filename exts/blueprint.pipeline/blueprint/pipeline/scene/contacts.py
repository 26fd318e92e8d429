"""Find the support graph of a scene: what stands on, in or against what, from meshes in the world. Pure numpy.

Columns through a thing's underside tell what lies below each part of its base; of two things only the one that reaches
further down can carry the other, so the graph has no cycles. Scans float and sink by millimetres, so surfaces count as
touching from a distance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.columns import Columns, columns_over, cross
from blueprint.pipeline.scene.meshes import load_mesh
from blueprint.pipeline.scene.props import Prop
from blueprint.pipeline.scene.relations import ROOM, Kind, Relation
from blueprint.pipeline.scene.rooms import RoomPlane
from blueprint.pipeline.scene.shapes import convex_outline

Array = NDArray[np.float64]

REACH_M = 0.03
"""A base that floats above, or is sunk into, a surface by at most this stands on it."""
BESIDE_M = 0.015
"""Things whose sides are at most this far apart touch."""
WALL_REACH_M = 0.04
"""A thing this near to a wall stands against it; behind furniture there are skirting boards."""

_COLUMNS = 64
_SIDE_COLUMNS = 12
_BASE_M = 0.006
# Bases are hollow and rims uneven: what touches is the low end, without the last few noisy columns.
_TOUCHING_PERCENT = 5
_LEVEL_M = 0.008
_LOWER_M = 0.001
_LEAST_SHARE = 0.02
_LEAST_OVERLAP_M = 0.02
_LEAST_SIDE = 0.05
_CLOSED = 0.5


@dataclass(frozen=True, eq=False)
class Solid:
    """A thing as it stands in the world: vertices (V, 3) in metres, faces (F, 3), the heading of its own axes."""

    id: str
    vertices_m: Array
    faces: NDArray[np.int32]
    heading_rad: float = 0.0

    @cached_property
    def low_m(self) -> Array:
        """Lower corner of its box."""
        return self.vertices_m.min(axis=0)

    @cached_property
    def high_m(self) -> Array:
        """Upper corner of its box."""
        return self.vertices_m.max(axis=0)

    @cached_property
    def outline_m(self) -> Array:
        """Its convex outline seen from above, shape (M, 2)."""
        return convex_outline(self.vertices_m[:, :2])

    def turned(self, angle_rad: float) -> "Solid":
        """Return it turned about the world's Z axis."""
        c, s = np.cos(angle_rad), np.sin(angle_rad)
        R = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
        return Solid(self.id, self.vertices_m @ R.T, self.faces, self.heading_rad + angle_rad)


def solid_of(prop: Prop, record_folders: Sequence[Path]) -> Solid:
    """Return a prop as it stands, with the visible meshes of all its links, read from the records that hold them."""
    meshes = [load_mesh(record_folders, visual.mesh) for body in prop.bodies for visual in body.visuals]
    starts = np.cumsum([0, *(len(mesh.vertices_m) for mesh in meshes)])
    faces = np.concatenate([mesh.faces + np.int32(start) for mesh, start in zip(meshes, starts, strict=False)])
    vertices_m = prop.T_world_prop.apply(np.concatenate([mesh.vertices_m for mesh in meshes]))
    return Solid(prop.id, vertices_m, faces, prop.T_world_prop.yaw_rad())


def find_relations(solids: Sequence[Solid], planes: Sequence[RoomPlane] = ()) -> tuple[Relation, ...]:
    """Return every relation, by subject in the order given: what carries it, then what it leans on or hangs from."""
    carrying = {solid.id: _carrying(solid, solids) for solid in solids}
    found: list[Relation] = []
    for solid in solids:
        found += carrying[solid.id]
        found += _against_room(solid, planes)
        found += [
            relation
            for other in solids
            if _leans_as_subject(solid, other) and not _carried(carrying, solid, other)
            for relation in _against(solid, other)
        ]
    return tuple(found)


def _carrying(solid: Solid, others: Sequence[Solid]) -> list[Relation]:
    columns = columns_over(solid.low_m[:2], solid.high_m[:2], _COLUMNS)
    bottom = cross(columns, solid.vertices_m, solid.faces).lowest(columns.count)
    if not np.isfinite(bottom).any():
        return []
    base = bottom <= bottom.min() + _BASE_M
    below = [other for other in others if _could_carry(other, solid)]
    gaps = np.stack([bottom, *(_gaps_above(columns, bottom, other) for other in below)])[:, base]
    near = np.abs(gaps).min(axis=0) <= REACH_M
    winner = np.where(near, np.abs(gaps).argmin(axis=0), -1)
    candidates: list[tuple[int, float, float]] = []
    for number in range(len(gaps)):
        won = winner == number
        if won.any():
            candidates.append((number, float(np.percentile(gaps[number, won], _TOUCHING_PERCENT)), float(won.mean())))
    nearest = min((abs(gap) for _, gap, _ in candidates), default=0.0)
    return [
        _carried_by(solid, below[number - 1] if number else None, gap, share)
        for number, gap, share in candidates
        if share >= _LEAST_SHARE and abs(gap) <= nearest + _LEVEL_M
    ]


def _could_carry(other: Solid, solid: Solid) -> bool:
    """Whether another thing reaches further down, nearly up to this one's base, and lies under a part of it."""
    apart = (other.low_m[:2] > solid.high_m[:2]).any() or (other.high_m[:2] < solid.low_m[:2]).any()
    lower = other.low_m[2] < solid.low_m[2] - _LOWER_M and other.high_m[2] >= solid.low_m[2] - REACH_M
    return other.id != solid.id and bool(lower) and not bool(apart)


def _gaps_above(columns: Columns, bottom: Array, other: Solid) -> Array:
    return cross(columns, other.vertices_m, other.faces).nearest(bottom)


def _carried_by(solid: Solid, other: Solid | None, gap: float, share: float) -> Relation:
    where = f"{share:.0%} of its base {_apart(gap)}"
    if other is None:
        return _relation("on", solid.id, ROOM, gap, share, "floor", f"{where} the floor")
    if _lies_in(solid, other):
        return _relation(
            "in", solid.id, other.id, gap, share, "inside", f"{other.id} surrounds it; {where} its surface"
        )
    return _relation("on", solid.id, other.id, gap, share, "", f"{where} a surface of {other.id}")


def _apart(gap: float) -> str:
    if abs(gap) < 5e-5:
        return "lies on"
    return f"lies {1000 * gap:.1f} mm above" if gap > 0 else f"is sunk {-1000 * gap:.1f} mm into"


def _lies_in(solid: Solid, other: Solid) -> bool:
    """Whether another thing rises around the lowest quarter of this one, on all sides, or on three and above."""
    inner, outer = solid.turned(-other.heading_rad), other.turned(-other.heading_rad)
    sides = sum(_closed(inner, outer, axis, sign) for axis in (0, 1) for sign in (-1.0, 1.0))
    return sides == 4 or (sides == 3 and _closed(inner, outer, 2, 1.0))


def _closed(inner: Solid, outer: Solid, axis: int, sign: float) -> bool:
    """Whether most lines from the middle of a thing along an axis meet another thing."""
    across = [(axis + 1) % 3, (axis + 2) % 3]
    size, middle = inner.high_m - inner.low_m, (inner.low_m + inner.high_m) / 2
    low, high = middle - 0.3 * size, middle + 0.3 * size
    low[2], high[2] = inner.low_m[2] + 0.05 * size[2], inner.low_m[2] + 0.25 * size[2]
    columns = columns_over(low[across], high[across], _SIDE_COLUMNS)
    # A line along x meets faces whose y and z it shares: the axes are passed round, the last one is the line's.
    crossings = cross(columns, outer.vertices_m[:, [*across, axis]], outer.faces)
    start = inner.high_m[2] if axis == 2 else middle[axis]
    beyond = (crossings.height - start) * sign > 0
    return len(np.unique(crossings.column[beyond])) >= _CLOSED * columns.count


def _against_room(solid: Solid, planes: Sequence[RoomPlane]) -> list[Relation]:
    found: list[Relation] = []
    for plane in planes:
        if plane.kind == "floor":
            continue
        local = plane.T_world_plane.inverse().apply(solid.vertices_m)
        low, high = local.min(axis=0), local.max(axis=0)
        beside = (low[:2] > np.asarray(plane.half_size_m)).any() or (high[:2] < -np.asarray(plane.half_size_m)).any()
        gap = float(low[2])
        if beside or not -WALL_REACH_M <= gap <= WALL_REACH_M:
            continue
        columns = columns_over(low[:2], high[:2], _COLUMNS)
        nearest = cross(columns, local, solid.faces).lowest(columns.count)
        seen = np.isfinite(nearest)
        share = float((nearest[seen] <= gap + BESIDE_M).mean()) if seen.any() else 0.0
        why = f"its side is {1000 * abs(gap):.0f} mm {'from' if gap >= 0 else 'inside'} {plane.name}"
        found.append(_relation("against", solid.id, ROOM, gap, share, plane.name, why))
    return found


def _leans_as_subject(solid: Solid, other: Solid) -> bool:
    """Whether of two things this one is said to lean on the other: the lower one, or the first by name."""
    first, second = solid.high_m[2] - solid.low_m[2], other.high_m[2] - other.low_m[2]
    return solid.id != other.id and (first, solid.id) < (second, other.id)


def _carried(carrying: dict[str, list[Relation]], first: Solid, second: Solid) -> bool:
    return any(entry.object == second.id for entry in carrying[first.id]) or any(
        entry.object == first.id for entry in carrying[second.id]
    )


def _against(solid: Solid, other: Solid) -> list[Relation]:
    """Return the relation of a thing to another beside it, judged by both convex outlines from above."""
    overlap = min(solid.high_m[2], other.high_m[2]) - max(solid.low_m[2], other.low_m[2])
    box_gap = np.maximum(solid.low_m[:2] - other.high_m[:2], other.low_m[:2] - solid.high_m[:2]).max()
    if overlap < _LEAST_OVERLAP_M or box_gap > BESIDE_M or min(len(solid.outline_m), len(other.outline_m)) < 3:
        return []
    gap, normal = _separation(solid.outline_m, other.outline_m)
    if not -BESIDE_M <= gap <= BESIDE_M:
        return []
    along = np.array([-normal[1], normal[0]])
    first, second = solid.outline_m @ along, other.outline_m @ along
    shared = min(first.max(), second.max()) - max(first.min(), second.min())
    height = solid.high_m[2] - solid.low_m[2]
    share = max(float(shared), 0.0) / float(np.ptp(first)) * float(overlap / height)
    if share < _LEAST_SIDE:
        return []
    why = f"its outline is {1000 * abs(gap):.0f} mm {'from' if gap >= 0 else 'inside'} that of {other.id}"
    return [_relation("against", solid.id, other.id, gap, share, "", why)]


def _separation(first_m: Array, second_m: Array) -> tuple[float, Array]:
    """Return how far two convex outlines are apart along the best separating edge, and that edge's normal."""
    best = (-np.inf, np.zeros(2))
    for outline, other in ((first_m, second_m), (second_m, first_m)):
        along = np.roll(outline, -1, axis=0) - outline
        normals = np.stack([along[:, 1], -along[:, 0]], axis=1)
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        gaps = (normals @ other.T).min(axis=1) - np.einsum("ij,ij->i", normals, outline)
        number = int(np.argmax(gaps))
        if gaps[number] > best[0]:
            best = (float(gaps[number]), normals[number])
    return best


def _relation(kind: Kind, subject: str, of: str, gap: float, share: float, part: str, why: str) -> Relation:
    # Micrometres are enough, and keep rounding noise out of records.
    return Relation(kind, subject, of, round(gap, 6) + 0.0, round(min(share, 1.0), 4), part, why)
