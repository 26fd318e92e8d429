"""Physics: each movable prop's mass and friction by a factor of its own, around what was decided for it."""

from dataclasses import replace

import numpy as np
from pydantic import Field

from blueprint.pipeline.engine.stage import Settings
from blueprint.pipeline.scene.edits import SetMass, SetMaterial
from blueprint.pipeline.scene.manifests import SceneProp

from .ranges import FactorRange


class PhysicsSettings(Settings, frozen=True):
    """What movable props weigh and how they slide."""

    mass_factor: FactorRange = Field(
        default=(0.85, 1.15), description="Range of the factor on a prop's mass; 1 keeps it."
    )
    friction_factor: FactorRange = Field(
        default=(0.85, 1.15), description="Range of the factor on its friction; 1 keeps it."
    )


def draw_mass(prop: SceneProp, rng: np.random.Generator, settings: PhysicsSettings) -> tuple[SetMass, ...]:
    """Draw one factor for all links of a prop; inertia scales with mass, as at constant shape."""
    factor = float(rng.uniform(*settings.mass_factor))
    return tuple(_scaled_mass(link.mass, factor) for link in prop.physics)


def _scaled_mass(mass: SetMass, factor: float) -> SetMass:
    x, y, z = mass.inertia_kg_m2
    return replace(
        mass,
        mass_kg=mass.mass_kg * factor,
        inertia_kg_m2=(x * factor, y * factor, z * factor),
        why=f"drawn: {mass.mass_kg:.4g} kg x {factor:.3f}",
    )


def draw_friction(prop: SceneProp, rng: np.random.Generator, settings: PhysicsSettings) -> tuple[SetMaterial, ...]:
    """Draw one factor for all links of a prop; static and dynamic friction keep their ratio."""
    factor = float(rng.uniform(*settings.friction_factor))
    return tuple(
        replace(
            link.material,
            static_friction=link.material.static_friction * factor,
            dynamic_friction=link.material.dynamic_friction * factor,
            why=f"drawn: friction {link.material.dynamic_friction:.3g} x {factor:.3f}",
        )
        for link in prop.physics
    )
