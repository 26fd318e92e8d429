"""All physical decisions about one prop, in the order in which they need one another."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from blueprint.pipeline.engine.stage import Work
from blueprint.pipeline.scene.categories import Category, load_categories
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.edits import AddSupport, Edit, SetMass
from blueprint.pipeline.scene.props import Prop, Role
from blueprint.pipeline.scene.randomness import stream

from .cavities import is_hollow
from .decomposition import WORKER
from .fitting import fit_colliders
from .grasp_width import measure_grasp_width
from .joint_dynamics import propose_joint_dynamics
from .link_checks import check_link
from .links import Link, measure_links
from .mass import masses_of, propose_mass
from .materials import choose_material, load_materials, propose_material
from .semantics import propose_semantics, role_of
from .stage import SimreadySettings
from .supports import propose_supports


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
    links = measure_links(prop, mesh_folders, settings, worker)
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
    for name, measured in links.items():
        link = measured.with_mass_in_walls(masses[name].surface_share)
        mass = propose_mass(prop, name, masses[name], link.distribution)
        fitted = fit_colliders(work, prop, link, supports, role, settings)
        work.check(*check_link(prop, link, mass, fitted, role))
        edits += [propose_material(prop, name, choices[name]), mass, fitted.edit]
    by_body = {edit.body: edit for edit in edits if isinstance(edit, SetMass)}
    edits += propose_joint_dynamics(prop, by_body, solids)
    return (*edits, *supports, _semantics(prop, category, correction, links, supports, settings))


def _semantics(
    prop: Prop,
    category: Category,
    correction: Correction,
    links: dict[str, Link],
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
