"""The collision shape of a link: as few convex pieces as follow its surface."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from blueprint.pipeline.scene.meshes import TriangleMesh

from .boxes import box_of
from .decomposition import WORKER, Limits, decompose
from .fidelity import distance_to_outside_m, measure_fidelity, surface_points
from .hulls import exact_hull_of, hull_of, hull_volume_m3, joined_until
from .primitives import Primitive, hull_of_primitive, primitive_of
from .solids import PATCHED_AT_MOST_OF_A_LINK, Solid, solid_of
from .vessels import vessel_of

Shape = TriangleMesh | Primitive
"""A convex hull, or a primitive that engines collide exactly."""

NEAR_CONVEX = 1.15
"""Volume of a hull or primitive over the mesh's up to which it is taken for the whole."""

FARTHEST_M = 0.0045
"""How far the surface may lie from the pieces' outside at 95 % of it; a gap under a handle has little volume."""

_VESSEL_VOLUME = (0.88, 1.22)
"""Volume of a vessel's pieces over the mesh's within which the measured wall is believed."""

_CRUMB = 0.002
"""Share of the surface below which a loose component is a crumb of the reconstruction."""

_MOST_COMPONENTS = 48
_SURFACE_SAMPLES = 1500


@dataclass(frozen=True, eq=False)
class Cut:
    """The convex pieces of a link, how they were found, and what a person should know about it."""

    pieces: tuple[Shape, ...]
    method: str
    notes: tuple[str, ...]

    @property
    def hulls(self) -> tuple[TriangleMesh, ...]:
        """The pieces as hulls, for measuring."""
        return tuple(as_hull(piece) for piece in self.pieces)


def cut_into_pieces(
    subject: str,
    solid: Solid,
    limits: Limits,
    max_vertices: int,
    rng: np.random.Generator,
    worker: Sequence[str] = WORKER,
) -> Cut:
    """Take a primitive, a hull or a turned vessel where one fits, and decompose only the concave rest.

    `rng` places the measured points. Raises DecompositionTooSlow.
    """
    whole = _as_one_piece(solid, max_vertices, rng)
    if whole is not None:
        return whole
    vessel = _as_vessel(subject, solid, limits, max_vertices, rng, worker)
    if vessel is not None:
        return vessel
    components, notes = _worthwhile(solid)
    found = [_as_one_piece(piece, max_vertices, rng) if len(components) > 1 else None for piece in components]
    pieces: list[Shape] = [piece for cut in found if cut is not None for piece in cut.pieces]
    concave = [piece for piece, cut in zip(components, found, strict=True) if cut is None]
    methods = ["components"] if pieces else []
    if concave:
        budget = max(limits.max_hulls - len(pieces), limits.max_hulls // 2)
        parts = decompose(subject, concave, replace(limits, max_hulls=budget), worker)
        pieces += [as_shape(hull_of(part, max_vertices)) for part in parts.parts]
        methods.append(parts.method)
        notes += [f"{failure}, so {parts.method} was used" for failure in parts.failures]
    if len(pieces) > limits.max_hulls:
        notes.append(f"{len(pieces)} pieces joined to {limits.max_hulls}")
        joined = joined_until([as_hull(piece) for piece in pieces], limits.max_hulls, max_vertices)
        pieces = [as_shape(hull) for hull in joined]
    return Cut(tuple(pieces), "+".join(methods) or "hull", tuple(notes))


def as_hull(shape: Shape) -> TriangleMesh:
    """Return a piece as a hull, for measuring and for moving its corners."""
    return shape if isinstance(shape, TriangleMesh) else hull_of_primitive(shape)


def as_shape(hull: TriangleMesh) -> Shape:
    """Return a hull, as a box where it fills one."""
    return box_of(hull) or hull


def _as_one_piece(solid: Solid, max_vertices: int, rng: np.random.Generator) -> Cut | None:
    """Return a solid as one primitive or one hull, or None where either hides too much."""
    if not solid.closed or solid.volume_m3 <= 0:
        return None
    hull_m3 = hull_volume_m3(exact_hull_of(solid.vertices_m))
    if hull_m3 > NEAR_CONVEX**2 * solid.volume_m3:
        return None
    primitive = primitive_of(solid, rng)
    if primitive is not None and _stands_for(solid, hull_of_primitive(primitive), rng):
        return Cut((primitive,), "primitive", (f"a {primitive.kind} within 2 mm of its hull",))
    hull = hull_of(solid.vertices_m, max_vertices)
    if not _stands_for(solid, hull, rng):
        return None
    return Cut((as_shape(hull),), "hull", (f"nearly convex (hull {hull_m3 / solid.volume_m3:.2f} x mesh)",))


def _stands_for(solid: Solid, hull: TriangleMesh, rng: np.random.Generator) -> bool:
    if hull_volume_m3(hull) > NEAR_CONVEX * solid.volume_m3:
        return False
    surface, _ = surface_points(solid.vertices_m, solid.faces, _SURFACE_SAMPLES, rng)
    return float(np.quantile(distance_to_outside_m(surface, [hull], rng), 0.95)) <= FARTHEST_M


def _as_vessel(
    subject: str, solid: Solid, limits: Limits, max_vertices: int, rng: np.random.Generator, worker: Sequence[str]
) -> Cut | None:
    """Return a turned vessel with what is attached to it, or None for another thing or a poor fit."""
    if not solid.closed:
        return None
    vessel = vessel_of(solid, limits.max_hulls)
    if vessel is None:
        return None
    pieces: list[Shape] = list(vessel.pieces)
    method, notes = "vessel", [vessel.why]
    if vessel.rest is not None:
        rest = solid_of(
            [TriangleMesh(vessel.rest.vertices_m, vessel.rest.faces.astype(np.int32))], PATCHED_AT_MOST_OF_A_LINK
        )
        budget = max(1, limits.max_hulls - len(pieces))
        parts = decompose(f"{subject}, handle", [rest], replace(limits, max_hulls=budget), worker)
        pieces += [hull_of(part, max_vertices) for part in parts.parts]
        method = f"vessel+{parts.method}"
        notes += [f"{failure}, so {parts.method} was used" for failure in parts.failures]
    fit = measure_fidelity(solid, [as_hull(piece) for piece in pieces], rng)
    low, high = _VESSEL_VOLUME
    if fit.volume_ratio is None or not low <= fit.volume_ratio <= high or fit.distance_p95_m > FARTHEST_M:
        return None
    return Cut(tuple(pieces), method, tuple(notes))


def _worthwhile(solid: Solid) -> tuple[list[Solid], list[str]]:
    """Return the components worth colliding with, and a note about those that are not."""
    components = solid.components()
    kept = [piece for piece in components if piece.area_m2 >= _CRUMB * solid.area_m2][:_MOST_COMPONENTS]
    lost = len(components) - len(kept)
    return kept, [f"{lost} loose crumbs left out"] if lost else []
