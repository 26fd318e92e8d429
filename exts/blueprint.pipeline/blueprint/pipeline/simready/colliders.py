"""The collision shape of a link: as few convex pieces as follow its surface."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from blueprint.pipeline.scene.colliders import BoxPiece
from blueprint.pipeline.scene.edits import SupportSurface
from blueprint.pipeline.scene.meshes import TriangleMesh

from .boxes import box_of
from .decomposition import WORKER, Limits, decompose
from .fidelity import measure_fidelity
from .hulls import cut, exact_hull_of, height_above, hull_of, hull_volume_m3, joined_until
from .solids import Solid
from .supports import slab_of

NEAR_CONVEX = 1.15
"""Hull volume over mesh volume up to which the hull is taken as it is."""

FARTHEST_M = 0.007
"""How far the hull may stand out from the mesh at 95 % of its surface; a gap under a handle has little volume."""

_CRUMB = 0.002
"""Share of the surface below which a loose component is a crumb of the reconstruction."""

_MOST_COMPONENTS = 48
_BELOW_SURFACE_M = 0.001
_LIP_M = 0.01
_SMALLEST_M3 = 1e-6
_SLAB_MARGIN_M = np.array([0.01, 0.01, 0.003])
"""What may stick out of a slab, in its axes, and still be taken for part of it."""


@dataclass(frozen=True, eq=False)
class Cut:
    """The convex hulls of a link, how they were found, and what a person should know about it."""

    hulls: tuple[TriangleMesh, ...]
    method: str
    notes: tuple[str, ...]


def cut_into_hulls(
    subject: str,
    solid: Solid,
    limits: Limits,
    max_vertices: int,
    rng: np.random.Generator,
    worker: Sequence[str] = WORKER,
) -> Cut:
    """Keep what is nearly convex as its hull, and decompose only the concave rest; `rng` places the measured points."""
    if _is_near_convex(solid, rng):
        note = f"nearly convex (hull {_hull_ratio(solid):.2f} x mesh)"
        return Cut((hull_of(solid.vertices_m, max_vertices),), "hull", (note,))
    components, notes = _worthwhile(solid)
    verdicts = [len(components) > 1 and _is_near_convex(piece, rng) for piece in components]
    convex = [piece for piece, verdict in zip(components, verdicts, strict=True) if verdict]
    concave = [piece for piece, verdict in zip(components, verdicts, strict=True) if not verdict]
    hulls = [hull_of(piece.vertices_m, max_vertices) for piece in convex]
    methods = ["components"] if len(components) > 1 and convex else []
    if concave:
        budget = max(limits.max_hulls - len(hulls), limits.max_hulls // 2)
        found = decompose(subject, concave, replace(limits, max_hulls=budget), worker)
        hulls += [hull_of(part, max_vertices) for part in found.parts]
        methods.append(found.method)
        notes += [f"{failure}, so {found.method} was used" for failure in found.failures]
    if len(hulls) > limits.max_hulls:
        notes.append(f"{len(hulls)} pieces joined to {limits.max_hulls}")
        hulls = joined_until(hulls, limits.max_hulls, max_vertices)
    return Cut(tuple(hulls), "+".join(methods) or "hull", tuple(notes))


def with_slabs(hulls: Sequence[TriangleMesh], surfaces: Sequence[SupportSurface]) -> list[TriangleMesh]:
    """Return furniture's hulls kept under its support surfaces, where boxes collide instead.

    A hull that bridges a surface is parted by it; what rises above is kept only where the surface is not.
    """
    pieces = list(hulls)
    for surface in surfaces:
        pieces = [part for piece in pieces for part in _beside_slab(piece, surface)]
    return pieces


def as_pieces(hulls: Sequence[TriangleMesh]) -> tuple[list[TriangleMesh], list[BoxPiece]]:
    """Separate the hulls that are boxes."""
    boxes = [(hull, box_of(hull)) for hull in hulls]
    return [hull for hull, box in boxes if box is None], [box for _, box in boxes if box is not None]


def _beside_slab(hull: TriangleMesh, surface: SupportSurface) -> list[TriangleMesh]:
    top = surface.T_prop_surface.position_m[2]
    lowest, highest = hull.vertices_m[:, 2].min(), hull.vertices_m[:, 2].max()
    board_like = highest <= top + _LIP_M
    if highest <= top - _BELOW_SURFACE_M or lowest > top + _LIP_M or not (board_like or _over(hull, surface)):
        return [hull]
    lower = cut(hull, (0.0, 0.0, 1.0), top - _BELOW_SURFACE_M)
    beside = [] if board_like else _outside_rectangle(hull, surface)
    return [piece for piece in (lower, *beside) if piece is not None and not _inside_slab(piece, surface)]


def _outside_rectangle(hull: TriangleMesh, surface: SupportSurface) -> list[TriangleMesh]:
    """Return what of a hull rises above a surface, without what stands over its rectangle."""
    rotation, middle = surface.T_prop_surface.rotation(), np.asarray(surface.T_prop_surface.position_m)
    upper = cut(hull, (0.0, 0.0, -1.0), -middle[2])
    if upper is None:
        return []
    sides = [(sign * rotation[:, axis], surface.half_size_m[axis]) for axis in (0, 1) for sign in (1.0, -1.0)]
    parts = [cut(upper, -normal, -(float(normal @ middle) + half)) for normal, half in sides]
    return [part for part in parts if part is not None and hull_volume_m3(part) > _SMALLEST_M3]


def _over(hull: TriangleMesh, surface: SupportSurface) -> bool:
    """Whether a hull stands over the inner part of a surface's rectangle."""
    inner = np.maximum(np.asarray(surface.half_size_m) - _LIP_M, 1e-3)
    flat = np.array([(x, y) for x in np.linspace(-1, 1, 9) for y in np.linspace(-1, 1, 9)]) * inner
    lattice = surface.T_prop_surface.apply(np.column_stack([flat, np.full(len(flat), _LIP_M / 2)]))
    return bool((height_above(hull, lattice) < 0).any())


def _inside_slab(hull: TriangleMesh, surface: SupportSurface) -> bool:
    slab = slab_of(surface)
    local = slab.T_prop_box.inverse().apply(hull.vertices_m)
    return bool((np.abs(local) <= np.asarray(slab.half_extents_m) + _SLAB_MARGIN_M).all())


def _worthwhile(solid: Solid) -> tuple[list[Solid], list[str]]:
    """Return the components worth colliding with, and a note about those that are not."""
    components = solid.components()
    kept = [piece for piece in components if piece.area_m2 >= _CRUMB * solid.area_m2][:_MOST_COMPONENTS]
    lost = len(components) - len(kept)
    return kept, [f"{lost} loose crumbs left out"] if lost else []


def _is_near_convex(solid: Solid, rng: np.random.Generator) -> bool:
    ratio = _hull_ratio(solid)
    if ratio is None or ratio > NEAR_CONVEX:
        return False
    return measure_fidelity(solid, [exact_hull_of(solid.vertices_m)], rng).beyond_p95_m <= FARTHEST_M


def _hull_ratio(solid: Solid) -> float | None:
    """Return hull volume over mesh volume, or None for a surface that encloses nothing."""
    if not solid.closed or solid.volume_m3 <= 0:
        return None
    return hull_volume_m3(exact_hull_of(solid.vertices_m)) / solid.volume_m3
