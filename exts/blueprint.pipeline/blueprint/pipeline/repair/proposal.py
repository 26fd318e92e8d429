"""What is mended of one prop."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from blueprint.pipeline.errors import ItemRejected
from blueprint.pipeline.scene.edits import Edit, ReplaceMesh
from blueprint.pipeline.scene.mesh_quality import MeshQuality
from blueprint.pipeline.scene.meshes import TriangleMesh, load_mesh, save_mesh
from blueprint.pipeline.scene.props import Body, Prop, Visual

from .crumbs import sort_crumbs
from .decimation import simplify
from .deeds import Mended
from .losses import Limits
from .mending import mend, unusable
from .quality import measure_quality
from .stage import RepairSettings


@dataclass(frozen=True)
class Care:
    """The edits that mend a prop's meshes, and what was found and left as it is."""

    edits: tuple[Edit, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Look:
    """A visual's mesh as it was and as it is now, and what was done in words."""

    before: TriangleMesh
    mesh: TriangleMesh
    quality: MeshQuality
    words: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def care_for(prop: Prop, mesh_folders: Sequence[Path], work_folder: Path, settings: RepairSettings) -> Care:
    """Mend a prop's meshes link by link; raises ItemRejected for a mesh that nothing can be made of."""
    edits: list[Edit] = []
    remarks: list[str] = []
    for body in prop.bodies:
        for number, look in enumerate(_looks(prop.id, body, mesh_folders, settings)):
            remarks += [f"{body.name}, mesh {number}: {text}" for text in look.remarks]
            if look.words:
                before, after = measure_quality(look.before), look.quality
                why = f"{'; '.join(look.words)}. Before: {_figures(before)}. After: {_figures(after)}."
                ref = save_mesh(work_folder, look.mesh)
                edits.append(ReplaceMesh(prop.id, body.name, number, ref, before, after, why))
    return Care(tuple(edits), tuple(remarks))


def _looks(prop_id: str, body: Body, mesh_folders: Sequence[Path], settings: RepairSettings) -> list[_Look]:
    given = [load_mesh(mesh_folders, visual.mesh) for visual in body.visuals]
    for number, mesh in enumerate(given):
        fault = unusable(mesh)
        if fault:
            raise ItemRejected(prop_id, f"link {body.name!r}, mesh {number}: {fault}")
    mended = [mend(mesh, settings) for mesh in given]
    total = sum(len(done.mesh.faces) for done in mended)
    if not total:
        raise ItemRejected(prop_id, f"link {body.name!r}: none of its faces has an area; it needs a surface")
    looks: list[_Look] = []
    for visual, mesh, done in zip(body.visuals, given, mended, strict=True):
        if not len(done.mesh.faces):
            looks.append(
                _Look(mesh, mesh, measure_quality(mesh), (), ("none of its faces has an area; it shows nothing",))
            )
            continue
        budget = settings.face_budget * len(done.mesh.faces) // total
        looks.append(_simplified(visual, mesh, done, budget, settings))
    return looks


def _simplified(visual: Visual, before: TriangleMesh, mended: Mended, budget: int, settings: RepairSettings) -> _Look:
    """Keep a mesh to its budget, as far as the limits allow, and say what is left to wish for."""
    limits = Limits(settings.largest_deviation_m, settings.largest_texture_shift_px)
    texture = visual.appearance.texture
    texture_px = None if texture is None else max(texture.width, texture.height)
    given = mesh = mended.mesh
    words = tuple(deed.words() for deed in mended.deeds)
    found = simplify(given, budget, limits, texture_px)
    if found is not None:
        further = mend(found.mesh, settings)
        mesh = further.mesh
        counts = f"simplified from {len(given.faces):,} to {len(mesh.faces):,} faces"
        words = (*words, f"{counts}, {found.loss.words()}", *(deed.words() for deed in further.deeds))
    quality = measure_quality(mesh)
    return _Look(before, mesh, quality, words, tuple(_left_over(mesh, quality, budget, settings)))


def _left_over(mesh: TriangleMesh, found: MeshQuality, budget: int, settings: RepairSettings) -> list[str]:
    remarks: list[str] = []
    if found.non_manifold_edges:
        remarks.append(f"{found.non_manifold_edges:,} edges have more than two faces; no rule says which to part")
    if len(mesh.faces) > budget:
        remarks.append(
            f"{len(mesh.faces):,} faces stay where {budget:,} are wanted: fewer would move the surface by "
            f"more than {1e3 * settings.largest_deviation_m:g} mm or the texture by more than "
            f"{settings.largest_texture_shift_px:g} pixels, part what hangs together, or take too long"
        )
    kept = sort_crumbs(mesh, settings.crumb_share).kept
    if kept:
        remarks.append(f"{kept:,} loose crumbs stay, because the size of the whole comes from them")
    return remarks


def _figures(quality: MeshQuality) -> str:
    volume = "encloses nothing" if quality.volume_m3 is None else f"encloses {1e6 * quality.volume_m3:.6g} cm3"
    return (
        f"{quality.face_count:,} faces, {quality.vertex_count:,} vertices, {quality.component_count:,} pieces, "
        f"{quality.boundary_edges:,} open edges, {quality.non_manifold_edges:,} edges of more than two faces, "
        f"{quality.degenerate_faces:,} faces without area, {quality.duplicate_vertices:,} duplicate vertices, "
        f"{quality.flipped_faces:,} faces wound inwards, {1e4 * quality.area_m2:.6g} cm2, {volume}"
    )
