"""All physical decisions about one prop, in the order in which they need one another."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from blueprint.pipeline.engine.checks import Check, check_at_most
from blueprint.pipeline.engine.stage import Work
from blueprint.pipeline.errors import ItemRejected
from blueprint.pipeline.scene.categories import Category, load_categories
from blueprint.pipeline.scene.colliders import ConvexPiece, HullPiece
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.edits import AddSupport, Edit, SetColliders, SetMass
from blueprint.pipeline.scene.meshes import TriangleMesh, load_mesh, save_mesh
from blueprint.pipeline.scene.props import Prop, Role
from blueprint.pipeline.scene.randomness import stream

from .boxes import hull_of_box
from .colliders import Cut, as_pieces, cut_into_hulls, with_slabs
from .decomposition import WORKER, Limits
from .fidelity import Fidelity, measure_fidelity
from .grasp_width import measure_grasp_width
from .hulls import hull_volume_m3
from .inertia import MassDistribution, distribution_of, is_physical
from .mass import Volume, enclosed_volume, masses_of, propose_mass
from .materials import choose_material, load_materials, propose_material
from .resting import level_base
from .semantics import is_hollow, propose_semantics, role_of
from .solids import PATCHED_AT_MOST, PATCHED_AT_MOST_OF_A_LINK, Solid, solid_of
from .stage import SimreadySettings
from .supports import propose_supports, slab_of


@dataclass(frozen=True, eq=False)
class _Link:
    """What is measured about one link before anything is decided about the prop as a whole."""

    solid: Solid
    cut: Cut
    volume: Volume
    distribution: MassDistribution


def propose_physics(
    work: Work,
    prop: Prop,
    correction: Correction,
    mesh_folders: Sequence[Path],
    settings: SimreadySettings,
    worker: Sequence[str] = WORKER,
) -> tuple[Edit, ...]:
    """Return the edits for one prop; hull meshes go into the work folder.

    Raises ItemRejected for a prop without a shape.
    """
    category = load_categories().of(correction.category or prop.category)
    links = {body: _measure(prop, body, solid, settings, worker) for body, solid in _solids(prop, mesh_folders).items()}
    supports = _supports(prop, correction, links)
    looks = [visual.appearance for body in prop.bodies for visual in body.visuals]
    choice = choose_material(prop, category, correction, load_materials(), looks)
    masses = masses_of(
        prop, {name: link.volume for name, link in links.items()}, dict.fromkeys(links, choice), category, correction
    )
    edits: list[Edit] = []
    for name, link in links.items():
        mass = propose_mass(prop, name, masses[name], link.distribution)
        colliders, fidelity = _shape(work, prop, name, link, supports, role_of(prop, correction), settings)
        work.check(*_checks(prop, mass, colliders, fidelity, role_of(prop, correction)))
        edits += [propose_material(prop, name, choice), mass, colliders]
    return (*edits, *supports, _semantics(prop, category, correction, links, supports, settings))


def _solids(prop: Prop, mesh_folders: Sequence[Path]) -> dict[str, Solid]:
    limit = PATCHED_AT_MOST_OF_A_LINK if len(prop.bodies) > 1 else PATCHED_AT_MOST
    solids: dict[str, Solid] = {}
    for body in prop.bodies:
        solid = solid_of([load_mesh(mesh_folders, visual.mesh) for visual in body.visuals], limit)
        if len(solid.faces) < 4:
            raise ItemRejected(
                prop.id, f"link {body.name!r} has {len(solid.faces)} usable faces; at least 4 are needed"
            )
        solids[body.name] = solid
    return solids


def _measure(prop: Prop, body: str, solid: Solid, settings: SimreadySettings, worker: Sequence[str]) -> _Link:
    most = settings.max_hulls_hollow if is_hollow(solid) else settings.max_hulls
    limits = Limits(
        # One is kept for the sole on which a thing of many pieces stands.
        max(1, most - 1),
        settings.concavity,
        settings.decomposition_faces,
        settings.decomposition_deadline_s,
    )
    rng = stream(0, 0, f"simready/{prop.id}/{body}/hull")
    cut = cut_into_hulls(f"{prop.id}/{body}", solid, limits, settings.max_hull_vertices, rng, worker)
    volume = enclosed_volume(solid, cut.hulls, is_link=len(prop.bodies) > 1)
    return _Link(solid, cut, volume, distribution_of(solid, cut.hulls))


def _supports(prop: Prop, correction: Correction, links: dict[str, _Link]) -> list[AddSupport]:
    if role_of(prop, correction) is not Role.FURNITURE:
        return []
    return propose_supports(prop, {name: link.solid for name, link in links.items()})


def _shape(
    work: Work,
    prop: Prop,
    body: str,
    link: _Link,
    supports: Sequence[AddSupport],
    role: Role,
    settings: SimreadySettings,
) -> tuple[SetColliders, Fidelity]:
    """Fit a link's hulls to how it is used: under slabs for furniture, on a level base for what stands."""
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
    shapes = [*plain, *(hull_of_box(box) for box in boxes)]
    fidelity = measure_fidelity(link.solid, shapes, stream(0, 0, f"simready/{prop.id}/{body}/fidelity"))
    why = "; ".join([f"{len(plain)} hulls and {len(boxes)} boxes", *notes, fidelity.sentence()])
    ratio = _volume_ratio(shapes, link.volume)
    return SetColliders(prop.id, body, tuple(pieces), link.cut.method, ratio, why), fidelity


def _volume_ratio(shapes: Sequence[TriangleMesh], volume: Volume) -> float:
    return float(sum(hull_volume_m3(shape) for shape in shapes) / volume.volume_m3)


def _checks(prop: Prop, mass: SetMass, colliders: SetColliders, fidelity: Fidelity, role: Role) -> list[Check]:
    name = f"{prop.id}/{mass.body}"
    most = max((piece.mesh.vertex_count for piece in colliders.pieces if isinstance(piece, HullPiece)), default=8)
    moments = sorted(mass.inertia_kg_m2)
    excess = moments[2] / (moments[0] + moments[1]) if is_physical(mass.inertia_kg_m2) else float("inf")
    # Fingers close on what is manipulable; past furniture they only have to pass.
    farthest_mm = 10.0 if role is Role.MANIPULABLE else 40.0
    return [
        check_at_most(f"{name}: largest moment of inertia over the sum of the others", excess, 1.0 + 1e-9, unit=""),
        check_at_most(f"{name}: vertices of a hull", float(most), 64.0, unit=""),
        check_at_most(
            f"{name}: collider beyond the mesh, 95 %",
            1e3 * fidelity.beyond_p95_m,
            farthest_mm,
            unit="mm",
            blocking=False,
        ),
    ]


def _semantics(
    prop: Prop,
    category: Category,
    correction: Correction,
    links: dict[str, _Link],
    supports: Sequence[AddSupport],
    settings: SimreadySettings,
) -> Edit:
    rng: np.random.Generator = stream(0, 0, f"simready/{prop.id}/grasp")
    widths = [measure_grasp_width(link.solid, settings.gripper_opening_m, rng) for link in links.values()]
    found = [width for width in widths if width is not None]
    return propose_semantics(
        prop,
        category,
        correction,
        grasp=max(found, key=lambda width: width.share) if found else None,
        opening_m=settings.gripper_opening_m,
        hollow=any(is_hollow(link.solid) for link in links.values()),
        supports=supports,
    )
