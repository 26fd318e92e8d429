"""How much a prop weighs: enclosed volume x density x fill, held inside what its category can weigh."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from blueprint.pipeline.scene.categories import Category
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.edits import SetMass
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.poses import vec3
from blueprint.pipeline.scene.props import Prop

from .hulls import exact_hull_of, hull_volume_m3
from .inertia import MassDistribution
from .materials import MaterialChoice
from .solids import Solid

_THIN_WALL = 0.12
"""Wall thickness over the hull's size below which a mesh is taken for the wall itself, not for a filled outline."""

_HOLLOW = 0.5
"""Share of its hull that a mesh of mere walls encloses at most."""


@dataclass(frozen=True)
class Volume:
    """A volume of matter in m3, how much of it is solid, and why that is so."""

    volume_m3: float
    walls_only: bool
    why: str


def enclosed_volume(solid: Solid, hulls: Sequence[TriangleMesh], *, is_link: bool = False) -> Volume:
    """Measure what a link encloses; an open surface is estimated from its convex pieces and says so.

    A thin link of something that moves, such as a door, is a board and no empty box.
    """
    if not solid.closed or solid.volume_m3 <= 0:
        volume = sum(hull_volume_m3(hull) for hull in hulls)
        return Volume(volume, False, f"{volume:.2g} m3 (the mesh has holes: volume of its convex pieces, review)")
    patched = f", holes of {solid.patched_m2 * 1e4:.1f} cm2 closed" if solid.patched_m2 > 0 else ""
    walls = is_walls_only(solid, hollow=1.0 if is_link else _HOLLOW)
    kind = "of solid wall" if walls else "enclosed"
    return Volume(solid.volume_m3, walls, f"{solid.volume_m3:.2g} m3 {kind}{patched}")


def is_walls_only(solid: Solid, hollow: float = _HOLLOW) -> bool:
    """Whether a closed mesh models walls of matter, as of a mug or a table, rather than the outline of a thing.

    Twice the volume over the area is the mean thickness of a plate; `hollow` is the share of the hull it fills at most.
    """
    hull_m3 = hull_volume_m3(exact_hull_of(solid.vertices_m))
    thickness_m = 2 * solid.volume_m3 / solid.area_m2
    return solid.volume_m3 <= hollow * hull_m3 and thickness_m < _THIN_WALL * hull_m3 ** (1 / 3)


@dataclass(frozen=True)
class LinkMass:
    """The mass of one link and the arithmetic behind it."""

    mass_kg: float
    why: str


def masses_of(
    prop: Prop,
    volumes: Mapping[str, Volume],
    choices: Mapping[str, MaterialChoice],
    category: Category,
    correction: Correction,
) -> dict[str, LinkMass]:
    """Return the mass of each link; a correction or the category's range holds for the whole prop."""
    estimates = {body: _estimate(volumes[body], choices[body], category) for body in volumes}
    total = sum(estimate.mass_kg for estimate in estimates.values())
    target, verdict = _judged(prop, total, category, correction)
    share = f"; this link is one of {len(estimates)} and takes its share" if len(estimates) > 1 else ""
    return {
        body: LinkMass(estimate.mass_kg * target / total, f"{estimate.why}, {verdict}{share}")
        for body, estimate in estimates.items()
    }


def _estimate(volume: Volume, choice: MaterialChoice, category: Category) -> LinkMass:
    density = choice.material.density_kg_m3
    if volume.walls_only:
        mass = density * volume.volume_m3
        return LinkMass(mass, f"{choice.name} {density:g} kg/m3 x {volume.why} = {mass:.3g} kg")
    if category.density_kg_m3 is not None:
        mass = category.density_kg_m3 * volume.volume_m3
        return LinkMass(mass, f"{category.density_kg_m3:g} kg/m3 with content x {volume.why} = {mass:.3g} kg")
    mass = density * volume.volume_m3 * category.fill
    return LinkMass(mass, f"{choice.name} {density:g} kg/m3 x {volume.why} x fill {category.fill:g} = {mass:.3g} kg")


def _judged(prop: Prop, total_kg: float, category: Category, correction: Correction) -> tuple[float, str]:
    if correction.mass_kg is not None:
        reason = f" ({correction.why})" if correction.why else ""
        return correction.mass_kg, f"replaced by {correction.mass_kg:g} kg, which a person set{reason}"
    low, high = category.mass_kg
    bounds = f"{prop.category.replace('_', ' ')} range {low:g}..{high:g} kg"
    if total_kg < low:
        return low, f"raised to {low:g} kg, the lower end of the {bounds}"
    if total_kg > high:
        return high, f"lowered to {high:g} kg, the upper end of the {bounds}"
    return total_kg, f"inside the {bounds}"


def propose_mass(prop: Prop, body: str, mass: LinkMass, distribution: MassDistribution) -> SetMass:
    """Return the edit that gives a link its mass, centre and inertia."""
    inertia = vec3([mass.mass_kg * value for value in distribution.inertia_per_kg_m2])
    why = f"{mass.why}; {distribution.why}"
    return SetMass(prop.id, body, mass.mass_kg, distribution.center_m, inertia, distribution.axes_quat_wxyz, why)
