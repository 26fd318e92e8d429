"""How much a prop weighs: its matter by walls, content or filling, held inside what its category can weigh."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from blueprint.pipeline.scene.categories import UNKNOWN, Category
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.edits import SetMass
from blueprint.pipeline.scene.poses import vec3
from blueprint.pipeline.scene.props import Prop

from .confidence import CERTAIN, confidence_of, together
from .inertia import MassDistribution
from .materials import MaterialChoice
from .packages import weigh_package
from .volume import Volume

_FILL_SPREAD = 0.4
"""Of the share of a closed shell that is solid: the table gives one figure for a chair of tube and one of boards."""

_WALL_SPREAD = 0.4
"""Of the usual wall of a vessel, which is 3 to 7 mm for a mug."""

_USED_SPREAD = 0.2
"""Of a package's content: some have been opened, and how full they are nobody sees."""

_BY_CATEGORY, _UNNAMED = 0.9, 0.3
"""Chance that a thing is an ordinary example of its category, no replica and not the wrong word; and without a name."""

_CLAMPED_SPREAD = 0.6
"""Added where the category's range had to be called in: some piece of the evidence is then wrong."""


@dataclass(frozen=True)
class LinkMass:
    """The mass of one link, the arithmetic behind it, and the standard deviation of its logarithm.

    `surface_share` is the part of the mass that lies in the scanned surface; the rest fills the mesh evenly.
    """

    mass_kg: float
    why: str
    spread: float = 0.0
    surface_share: float = 0.0


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
    target, verdict, doubt = _judged(prop, total, category, correction)
    share = f"; this link is one of {len(estimates)} and takes its share" if len(estimates) > 1 else ""
    return {
        body: LinkMass(
            estimate.mass_kg * target / total,
            f"{estimate.why}, {verdict}{share}",
            # How a person's total is shared among links is still an estimate.
            (estimate.spread if share else 0.0) if doubt is None else together((estimate.spread, doubt)),
            estimate.surface_share,
        )
        for body, estimate in estimates.items()
    }


def _estimate(volume: Volume, choice: MaterialChoice, category: Category) -> LinkMass:
    """Weigh a link by the best model of its matter: walls that were scanned, content, usual walls, a filled outline."""
    density, spreads = choice.material.density_kg_m3, (choice.density_spread, volume.spread)
    material = f"{choice.name} {density:g} kg/m3"
    if volume.walls_only:
        mass = density * volume.volume_m3
        return LinkMass(mass, f"{material} x {volume.why} = {mass:.3g} kg", together(spreads))
    if category.contents:
        package = weigh_package(category.contents, volume.volume_m3, volume.area_m2, choice.name, density)
        mass = package.content_kg + package.walls_kg
        why = f"{volume.why}: {package.why}"
        return LinkMass(mass, why, together((package.spread, volume.spread, _USED_SPREAD)), package.walls_kg / mass)
    if category.wall_m is not None:
        mass = density * volume.area_m2 * category.wall_m
        area = f"{volume.area_m2:.2g} m2 of surface x {1e3 * category.wall_m:.2g} mm, a usual wall"
        return LinkMass(mass, f"{material} x {area} = {mass:.3g} kg", together((*spreads, _WALL_SPREAD)), 1.0)
    mass = density * volume.volume_m3 * category.fill
    doubt = _FILL_SPREAD if category.fill < 1 else 0.0
    return LinkMass(
        mass, f"{material} x {volume.why} x fill {category.fill:g} = {mass:.3g} kg", together((*spreads, doubt))
    )


def _judged(prop: Prop, total_kg: float, category: Category, correction: Correction) -> tuple[float, str, float | None]:
    """Return the prop's mass, the verdict in words, and the doubt that it adds; None where a person has decided."""
    if correction.mass_kg is not None:
        reason = f" ({correction.why})" if correction.why else ""
        return correction.mass_kg, f"replaced by {correction.mass_kg:g} kg, which a person set{reason}", None
    low, high = category.mass_kg
    bounds = f"{prop.category.replace('_', ' ')} range {low:g}..{high:g} kg"
    if total_kg < low:
        return low, f"raised to {low:g} kg, the lower end of the {bounds}", _CLAMPED_SPREAD
    if total_kg > high:
        return high, f"lowered to {high:g} kg, the upper end of the {bounds}", _CLAMPED_SPREAD
    return total_kg, f"inside the {bounds}", 0.0


def propose_mass(prop: Prop, body: str, mass: LinkMass, distribution: MassDistribution) -> SetMass:
    """Return the edit that gives a link its mass, centre and inertia.

    It is as sure as the category and the spread of the evidence together; a person's word is certain.
    """
    inertia = vec3([mass.mass_kg * value for value in distribution.inertia_per_kg_m2])
    chance = _UNNAMED if prop.category == UNKNOWN else _BY_CATEGORY
    confidence = CERTAIN if mass.spread == 0 else round(chance * confidence_of(mass.spread), 2)
    sure = (
        "a person's word"
        if mass.spread == 0
        else f"an ordinary example with {chance:.0%}, evidence spreads by a factor {math.exp(mass.spread):.2f}: "
        f"within 1.5 with {confidence:.0%}"
    )
    why = f"{mass.why}; {sure}; {distribution.why}"
    return SetMass(
        prop.id,
        body,
        mass.mass_kg,
        distribution.center_m,
        inertia,
        distribution.axes_quat_wxyz,
        why,
        confidence=confidence,
    )
