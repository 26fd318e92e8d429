"""What a prop is good for: what can be done with it, where things go on and in it, and where it is taken hold of."""

from collections.abc import Mapping, Sequence

import numpy as np

from blueprint.pipeline.scene.categories import Category
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.edits import AddGrasp, AddSupport, Edit, SetMass, SetSemantics
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.props import Prop, Role
from blueprint.pipeline.scene.randomness import stream

from .affordances import Measured
from .cavities import find_cavity
from .grasp_width import measure_grasp_width
from .grasps import grasps_of_handles, propose_grasps
from .regions import propose_regions
from .semantics import propose_semantics, role_of
from .solids import Solid
from .supports import propose_supports

_CARRYING = {"supportable", "placeable"}


def propose_uses(
    prop: Prop,
    category: Category,
    correction: Correction,
    solids: Mapping[str, Solid],
    supports: Sequence[AddSupport],
    shapes: Mapping[str, Sequence[TriangleMesh]],
    masses: Mapping[str, SetMass],
    opening_m: float,
) -> list[Edit]:
    """Return semantics, regions and grasps; `shapes` are the colliders of each link as closed meshes."""
    role = role_of(prop, correction)
    found = {body: find_cavity(solid) for body, solid in solids.items()}
    cavities = {body: cavity for body, cavity in found.items() if cavity is not None}
    # A board or a tray carries things without being a support that collides as a slab.
    carries = role is Role.MANIPULABLE and not _CARRYING.isdisjoint(category.affordances)
    tops = propose_supports(prop, solids) if carries else supports
    regions = propose_regions(prop, solids, tops, cavities)
    rng = stream(0, 0, f"simready/{prop.id}/grasp")
    widths = [measure_grasp_width(solid, opening_m, rng) for solid in solids.values()]
    grasp = max((width for width in widths if width is not None), key=lambda width: width.share, default=None)
    measured = Measured(prop, role, solids, grasp, opening_m, cavities, tops, regions)
    semantics = propose_semantics(prop, category, correction, measured)
    return [semantics, *regions, *_grasps(prop, semantics, solids, shapes, masses, opening_m)]


def _grasps(
    prop: Prop,
    semantics: SetSemantics,
    solids: Mapping[str, Solid],
    shapes: Mapping[str, Sequence[TriangleMesh]],
    masses: Mapping[str, SetMass],
    opening_m: float,
) -> list[AddGrasp]:
    """Annotate a loose thing on its main link, and whatever moves on joints on its handles."""
    rng = stream(0, 0, f"simready/{prop.id}/grasps")
    found = grasps_of_handles(prop, shapes, solids, opening_m, rng)
    if "graspable" in semantics.affordances:
        heaviest = max(masses.values(), key=lambda mass: mass.mass_kg)
        down, center = np.array([0.0, 0.0, -1.0]), np.asarray(heaviest.center_of_mass_m)
        found += propose_grasps(prop, heaviest.body, shapes, center, down, opening_m, rng)
    return found
