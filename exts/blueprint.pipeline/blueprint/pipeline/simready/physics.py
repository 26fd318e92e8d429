"""All physical decisions about one prop, in the order in which they need one another."""

from collections.abc import Sequence
from pathlib import Path

from blueprint.pipeline.engine.stage import Work
from blueprint.pipeline.scene.categories import load_categories
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.edits import Edit, SetMass
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.props import Prop, Role

from .decomposition import WORKER
from .fitting import fit_colliders
from .joint_dynamics import propose_joint_dynamics
from .link_checks import check_link
from .links import measure_links
from .mass import masses_of, propose_mass
from .materials import choose_material, load_materials, propose_material
from .semantics import role_of
from .stage import SimreadySettings
from .supports import propose_supports
from .uses import propose_uses


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
    role = role_of(prop, correction)
    links = measure_links(work, prop, mesh_folders, settings, worker)
    solids = {name: link.solid for name, link in links.items()}
    supports = propose_supports(prop, solids) if role is Role.FURNITURE else []
    materials = load_materials(settings.materials)
    choices = {
        name: choose_material(prop, category, correction, materials, link.body.visuals, link.look(mesh_folders))
        for name, link in links.items()
    }
    volumes = {name: link.volume for name, link in links.items()}
    masses = masses_of(prop, volumes, choices, category, correction)
    edits: list[Edit] = []
    decided: dict[str, SetMass] = {}
    shapes: dict[str, tuple[TriangleMesh, ...]] = {}
    for name, measured in links.items():
        link = measured.with_mass_in_walls(masses[name].surface_share)
        decided[name] = propose_mass(prop, name, masses[name], link.distribution)
        fitted = fit_colliders(work, prop, link, supports, role, settings)
        shapes[name] = fitted.shapes
        work.check(*check_link(prop, link, decided[name], fitted, role))
        edits += [propose_material(prop, name, choices[name]), decided[name], fitted.edit]
    edits += [*propose_joint_dynamics(prop, decided, solids), *supports]
    uses = propose_uses(prop, category, correction, solids, supports, shapes, decided, settings.gripper_opening_m)
    return (*edits, *uses)
