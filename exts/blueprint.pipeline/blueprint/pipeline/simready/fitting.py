"""Fit a link's hulls to how it is used: under slabs for furniture, on a level base for what stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from blueprint.pipeline.engine.stage import Work
from blueprint.pipeline.scene.colliders import ConvexPiece, HullPiece
from blueprint.pipeline.scene.edits import AddSupport, SetColliders
from blueprint.pipeline.scene.meshes import TriangleMesh, save_mesh
from blueprint.pipeline.scene.props import Prop, Role
from blueprint.pipeline.scene.randomness import stream

from .boxes import hull_of_box
from .colliders import as_pieces, with_slabs
from .fidelity import Fidelity, measure_fidelity
from .hulls import hull_volume_m3
from .links import Link
from .mass import Volume
from .resting import level_base
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
    hulls, notes = list(link.cut.hulls), list(link.cut.notes)
    surfaces = [support.surface for support in supports if support.surface.body == body]
    if surfaces:
        hulls = with_slabs(hulls, surfaces)
        notes.append(f"{len(surfaces)} support surfaces collide as boxes")
    if role is Role.MANIPULABLE:
        resting = level_base(hulls, link.solid, link.distribution.center_m, settings.max_hull_vertices)
        hulls = list(resting.hulls)
        notes.append(resting.why)
    plain, boxes = as_pieces(hulls)
    boxes += [slab_of(surface) for surface in surfaces]
    pieces: list[ConvexPiece] = [*(HullPiece(save_mesh(work.folder, hull)) for hull in plain), *boxes]
    shapes = (*plain, *(hull_of_box(box) for box in boxes))
    fidelity = measure_fidelity(link.solid, shapes, stream(0, 0, f"simready/{prop.id}/{body}/fidelity"))
    why = "; ".join([f"{len(plain)} hulls and {len(boxes)} boxes", *notes, fidelity.sentence()])
    ratio = _volume_ratio(shapes, link.volume)
    return FittedColliders(SetColliders(prop.id, body, tuple(pieces), link.cut.method, ratio, why), shapes, fidelity)


def _volume_ratio(shapes: Sequence[TriangleMesh], volume: Volume) -> float:
    return float(sum(hull_volume_m3(shape) for shape in shapes) / volume.volume_m3)
