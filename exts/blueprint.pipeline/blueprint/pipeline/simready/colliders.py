"""The collision shape of a link: as few convex pieces as follow its surface."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from blueprint.pipeline.scene.meshes import TriangleMesh

from .boards import boards_of
from .boxes import box_of
from .decomposition import WORKER, Decomposition, Limits, decompose
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

_HOPELESS = 1.3
"""Volume of a hull over the mesh's beyond which not even a primitive inside it stands for the mesh."""

_BELIEVED_VOLUME = (0.9, 1.2)
"""Volume of measured walls or boards over the mesh's within which they are believed."""

_FINER_SEARCHES = 2
"""How often a search is repeated at most, each time with half the concavity."""

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
    """Take what a thing is known to be made of, and decompose only the concave rest.

    `rng` places the measured points. Raises DecompositionTooSlow.
    """
    cutter = _Cutter(subject, limits, max_vertices, rng, worker)
    whole = cutter.as_one_piece(solid) or cutter.as_vessel(solid)
    if whole is not None:
        return whole
    components, notes = _worthwhile(solid)
    found = [cutter.as_component(piece, alone=len(components) == 1) for piece in components]
    known = [cut for cut in found if cut is not None]
    concave = [piece for piece, cut in zip(components, found, strict=True) if cut is None]
    pieces = [piece for cut in known for piece in cut.pieces]
    methods = ["components"] if known and len(components) > 1 else [cut.method for cut in known]
    notes += [note for cut in known for note in cut.notes] if len(components) == 1 else []
    if concave:
        rest = cutter.decomposed(concave, max(limits.max_hulls - len(pieces), limits.max_hulls // 2))
        pieces += rest.pieces
        methods.append(rest.method)
        notes += rest.notes
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


@dataclass(frozen=True, eq=False)
class _Cutter:
    """The ways to cut one link, with what all of them need."""

    subject: str
    limits: Limits
    max_vertices: int
    rng: np.random.Generator
    worker: Sequence[str]

    def as_one_piece(self, solid: Solid) -> Cut | None:
        """Return a solid as one primitive or one hull, or None where either hides too much."""
        if not solid.closed or solid.volume_m3 <= 0:
            return None
        share = hull_volume_m3(exact_hull_of(solid.vertices_m)) / solid.volume_m3
        if share > _HOPELESS:
            return None
        primitive = primitive_of(solid, self.rng)
        if primitive is not None and self._stands_for(solid, hull_of_primitive(primitive)):
            return Cut((primitive,), "primitive", (f"a {primitive.kind} within 2 mm of its hull",))
        hull = hull_of(solid.vertices_m, self.max_vertices)
        if not self._stands_for(solid, hull):
            return None
        return Cut((as_shape(hull),), "hull", (f"nearly convex (hull {share:.2f} x mesh)",))

    def as_vessel(self, solid: Solid) -> Cut | None:
        """Return a turned vessel with what is attached to it, or None for another thing or a poor fit."""
        vessel = vessel_of(solid, self.limits.max_hulls) if solid.closed else None
        return vessel and self._with_rest(solid, "vessel", vessel.pieces, vessel.rest, vessel.why)

    def as_boards(self, solid: Solid) -> Cut | None:
        """Return a thing of boards with its handles, or None for another thing or a poor fit."""
        boards = boards_of(solid, self.limits.max_hulls) if solid.closed else None
        return boards and self._with_rest(solid, "boards", boards.boxes, boards.rest, boards.why)

    def as_component(self, solid: Solid, *, alone: bool) -> Cut | None:
        """Return a connected piece of a link as what it is known to be; one that is alone was looked at as a whole."""
        return (None if alone else self.as_one_piece(solid)) or self.as_boards(solid)

    def decomposed(self, pieces: Sequence[Solid], budget: int, what: str = "") -> Cut:
        """Return concave pieces as hulls that a search found, which goes on while the surface lies too far from them.

        Each time the concavity that stays uncut is halved.
        """
        limits = replace(self.limits, max_hulls=budget)
        found, hulls = self._search(pieces, limits, what)
        for _ in range(_FINER_SEARCHES):
            if found.method != "coacd" or len(hulls) >= budget or self._follows(pieces, hulls):
                break
            limits = replace(limits, concavity=limits.concavity / 2)
            found, hulls = self._search(pieces, limits, what)
        notes = tuple(f"{failure}, so {found.method} was used" for failure in found.failures)
        return Cut(tuple(as_shape(hull) for hull in hulls), found.method, notes)

    def _search(self, pieces: Sequence[Solid], limits: Limits, what: str) -> tuple[Decomposition, list[TriangleMesh]]:
        found = decompose(f"{self.subject}{what}", pieces, limits, self.worker)
        return found, [hull_of(part, self.max_vertices) for part in found.parts]

    def _follows(self, pieces: Sequence[Solid], hulls: Sequence[TriangleMesh]) -> bool:
        """Whether the surface of every piece lies near enough to the hulls' outside."""
        surfaces = [surface_points(each.vertices_m, each.faces, _SURFACE_SAMPLES, self.rng)[0] for each in pieces]
        gaps = [distance_to_outside_m(surface, hulls, self.rng) for surface in surfaces]
        return max(float(np.quantile(gap, 0.95)) for gap in gaps) <= FARTHEST_M

    def _with_rest(
        self, solid: Solid, method: str, pieces: Sequence[Shape], rest: Solid | None, why: str
    ) -> Cut | None:
        """Add handles and the like to measured pieces, and believe all of them where together they fit the solid."""
        found = [Cut(tuple(pieces), method, (why,)), *self._handles(rest, self.limits.max_hulls - len(pieces))]
        together = tuple(piece for cut in found for piece in cut.pieces)
        fit = measure_fidelity(solid, [as_hull(piece) for piece in together], self.rng)
        low, high = _BELIEVED_VOLUME
        if fit.volume_ratio is None or not low <= fit.volume_ratio <= high or fit.distance_p95_m > FARTHEST_M:
            return None
        methods = dict.fromkeys(cut.method for cut in found)
        return Cut(together, "+".join(methods), tuple(note for cut in found for note in cut.notes))

    def _handles(self, rest: Solid | None, budget: int) -> list[Cut]:
        """Return what sticks out, each part closed where it was cut off and cut into pieces of its own."""
        if rest is None or budget < 1:
            return []
        parts = [part for part in rest.components() if part.area_m2 >= _CRUMB * rest.area_m2][:budget]
        closed = [_closed(part) for part in parts]
        known = [self.as_one_piece(part) for part in closed]
        concave = [part for part, cut in zip(closed, known, strict=True) if cut is None]
        left = budget - len(closed) + len(concave)
        searched = [self.decomposed(concave, left, ", what sticks out")] if concave else []
        return [*(cut for cut in known if cut is not None), *searched]

    def _stands_for(self, solid: Solid, hull: TriangleMesh) -> bool:
        if hull_volume_m3(hull) > NEAR_CONVEX * solid.volume_m3:
            return False
        surface, _ = surface_points(solid.vertices_m, solid.faces, _SURFACE_SAMPLES, self.rng)
        return float(np.quantile(distance_to_outside_m(surface, [hull], self.rng), 0.95)) <= FARTHEST_M


def _closed(part: Solid) -> Solid:
    return solid_of([TriangleMesh(part.vertices_m, part.faces.astype(np.int32))], PATCHED_AT_MOST_OF_A_LINK)


def _worthwhile(solid: Solid) -> tuple[list[Solid], list[str]]:
    """Return the components worth colliding with, and a note about those that are not."""
    components = solid.components()
    kept = [piece for piece in components if piece.area_m2 >= _CRUMB * solid.area_m2][:_MOST_COMPONENTS]
    lost = len(components) - len(kept)
    return kept, [f"{lost} loose crumbs left out"] if lost else []
