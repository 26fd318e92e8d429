"""Fit a link's pieces to how it is used: under slabs for furniture, on a level base for what stands."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from blueprint.pipeline.engine.stage import Work
from blueprint.pipeline.scene.colliders import ConvexPiece, HullPiece
from blueprint.pipeline.scene.edits import AddSupport, SetColliders
from blueprint.pipeline.scene.meshes import TriangleMesh, save_mesh
from blueprint.pipeline.scene.props import Prop, Role
from blueprint.pipeline.scene.randomness import stream

from .colliders import Shape, as_hull, as_shape
from .fidelity import Fidelity, measure_fidelity
from .links import Link
from .resting import level_base, own_base
from .slabs import with_slabs
from .stage import SimreadySettings
from .supports import slab_of


@dataclass(frozen=True, eq=False)
class FittedColliders:
    """The edit, the pieces as closed meshes, and how near they are to the scan."""

    edit: SetColliders
    shapes: tuple[TriangleMesh, ...]
    fidelity: Fidelity


def fit_colliders(
    work: Work, prop: Prop, link: Link, supports: Sequence[AddSupport], role: Role, settings: SimreadySettings
) -> FittedColliders:
    """Return a link's colliders; hull meshes go into the work folder."""
    body = link.body.name
    shapes, notes = list(link.cut.pieces), list(link.cut.notes)
    surfaces = [support.surface for support in supports if support.surface.body == body]
    if surfaces:
        shapes = _reshaped(shapes, lambda hulls: with_slabs(hulls, surfaces))
        shapes += [slab_of(surface) for surface in surfaces]
        notes.append(f"{len(surfaces)} support surfaces collide as boxes")
    if role is Role.MANIPULABLE:
        shapes, why = _standing(shapes, link, settings)
        notes.append(why)
    hulls = tuple(as_hull(shape) for shape in shapes)
    fidelity = measure_fidelity(link.solid, hulls, stream(0, 0, f"simready/{prop.id}/{body}/fidelity"))
    pieces = tuple(_piece(work, shape) for shape in shapes)
    edit = SetColliders(
        prop.id,
        body,
        pieces,
        link.cut.method,
        fidelity.volume_ratio,
        "; ".join([_counted(pieces), *notes, fidelity.sentence()]),
        fidelity.distance_p95_m,
    )
    return FittedColliders(edit, hulls, fidelity)


def _standing(shapes: list[Shape], link: Link, settings: SimreadySettings) -> tuple[list[Shape], str]:
    """Let a thing stand on a level base; a single primitive may have one of its own."""
    if len(shapes) == 1 and not isinstance(shapes[0], TriangleMesh) and (why := own_base(shapes[0])):
        return shapes, why
    hulls = [as_hull(shape) for shape in shapes]
    resting = level_base(hulls, link.solid, link.distribution.center_m, settings.max_hull_vertices)
    return _restored(shapes, hulls, resting.hulls), resting.why


def _reshaped(shapes: list[Shape], change: Callable[[list[TriangleMesh]], list[TriangleMesh]]) -> list[Shape]:
    hulls = [as_hull(shape) for shape in shapes]
    return _restored(shapes, hulls, change(hulls))


def _restored(shapes: Sequence[Shape], before: Sequence[TriangleMesh], after: Sequence[TriangleMesh]) -> list[Shape]:
    """Return changed hulls, with the primitive in place of each hull that was left as it was."""
    unchanged = {id(hull): shape for hull, shape in zip(before, shapes, strict=True)}
    return [unchanged[id(hull)] if id(hull) in unchanged else as_shape(hull) for hull in after]


def _piece(work: Work, shape: Shape) -> ConvexPiece:
    return HullPiece(save_mesh(work.folder, shape)) if isinstance(shape, TriangleMesh) else shape


def _counted(pieces: Sequence[ConvexPiece]) -> str:
    counts = Counter(piece.kind for piece in pieces)
    plural = {"hull": "hulls", "box": "boxes", "cylinder": "cylinders", "sphere": "balls"}
    return " and ".join(f"{count} {plural[kind] if count > 1 else kind}" for kind, count in sorted(counts.items()))
