"""Which material a link is made of, and what that material is known for."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator

from blueprint.pipeline.errors import RecipeError, UnknownName
from blueprint.pipeline.resources import resource_path
from blueprint.pipeline.scene.categories import UNKNOWN, Category, normalised_label
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.edits import SetMaterial
from blueprint.pipeline.scene.props import Prop, Visual

from .confidence import CERTAIN, confidence_of
from .looks import METALS, Look, material_by_look

MATERIALS_FILE = "materials.yaml"

_BY_LABEL, _BY_NAME, _BY_CATEGORY, _BY_MIXED_CATEGORY, _BY_LOOK, _UNKNOWN = 0.95, 0.8, 0.9, 0.7, 0.45, 0.25
"""Chance that each kind of evidence names the right material: the label's own word, a name in the scan, what such
things are made of when that hardly varies and when it does, the look, and nothing."""

_FRICTION_SPREAD = 0.25
"""Deviation of a friction coefficient's logarithm within a material: handbooks range over 0.6 to 1.6 of the middle."""

NonVisualBase = Literal[
    "aluminum", "steel", "oxidized_steel", "iron", "oxidized_iron", "silver", "brass", "bronze",
    "oxidized_Bronze_Patina", "tin", "plastic", "fiberglass", "carbon_fiber", "vinyl", "plexiglass", "pvc",
    "nylon", "polyester", "clear_glass", "frosted_glass", "one_way_mirror", "mirror", "ceramic_glass",
    "asphalt", "concrete", "leaf_grass", "dead_leaf_grass", "rubber", "wood", "bark", "cardboard", "paper",
    "fabric", "skin", "fur_hair", "leather", "marble", "brick", "stone", "gravel", "dirt", "mud", "water",
    "salt_water", "snow", "ice", "calibration_lambertian",
]  # fmt: skip
"""The base vocabulary of SimReady's non-visual materials (FET_007)."""


class Material(BaseModel, frozen=True, extra="forbid"):
    """One row of config/materials.yaml, or of a user's table over it."""

    density_kg_m3: float = Field(gt=0, description="Density in kg/m3.")
    density_spread: float = Field(
        default=0.1, ge=0, le=1, description="Standard deviation of the density's logarithm between pieces."
    )
    nonvisual_base: NonVisualBase = Field(description="SimReady's token for how sensors other than cameras see it.")
    friction: tuple[float, float] = Field(description="Static and dynamic friction against a dry hard surface.")
    restitution: float = Field(ge=0, le=1, description="Rebound speed over impact speed.")
    words: tuple[str, ...] = Field(description="Words in a label that name this material.")
    source: str = Field(min_length=10, description="Handbooks from which density and friction are taken.")

    @model_validator(mode="after")
    def _friction_is_ordered(self) -> Self:
        static, dynamic = self.friction
        if not 0 < dynamic <= static <= 2:
            raise ValueError(f"friction must be 0 < dynamic <= static <= 2, found {list(self.friction)}")
        return self


class Materials(BaseModel, frozen=True, extra="forbid"):
    """The file config/materials.yaml."""

    format: Literal["blueprint.materials"]
    version: Literal[1]
    materials: dict[str, Material]

    def of(self, name: str, *, where: str = "") -> Material:
        """Return a material by name; raises UnknownName listing all."""
        if name not in self.materials:
            raise UnknownName("material", name, self.materials, where=where)
        return self.materials[name]

    def named_by(self, label: str) -> tuple[str, str] | None:
        """Return the material that a label names, and the word that does."""
        for word in normalised_label(label).split():
            for name, material in self.materials.items():
                if word in material.words:
                    return name, word
        return None

    def over(self, other: "Materials") -> "Materials":
        """Return these rows with another table's beneath: a row replaces the one of its name as a whole."""
        return self.model_copy(update={"materials": {**other.materials, **self.materials}})


def load_materials(path: Path | None = None) -> Materials:
    """Read config/materials.yaml, with a user's table of the same form over it; raises RecipeError."""
    shipped = _shipped()
    return shipped if path is None else _read(path).over(shipped)


@lru_cache(maxsize=1)
def _shipped() -> Materials:
    return _read(resource_path("config", MATERIALS_FILE))


def _read(path: Path) -> Materials:
    try:
        return Materials.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise RecipeError(path.name, faults) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RecipeError(path.name, [str(error)]) from error


@dataclass(frozen=True)
class MaterialChoice:
    """A material by name, the evidence that decided for it, and the chance that it is right.

    `density_spread` is the standard deviation of the density's logarithm, with the chance of another material in it.
    """

    name: str
    material: Material
    why: str
    confidence: float = CERTAIN
    density_spread: float = 0.0


def choose_material(
    prop: Prop,
    category: Category,
    correction: Correction,
    materials: Materials,
    visuals: Sequence[Visual],
    look: Look | None = None,
) -> MaterialChoice:
    """Choose by a person's correction, a word of the label, a name in the scan, the look, and what is usual."""
    named = _by_person(prop, correction) or _by_words(prop, materials, visuals) or _by_look(prop, category, look)
    name, why, chance = named or _by_category(prop, category)
    where = (
        f"corrections, object {prop.id!r}" if correction.material else f"categories.yaml, category {prop.category!r}"
    )
    material = materials.of(name, where=where)
    usual = dict.fromkeys((category.material, *category.may_be))
    others = {other: materials.of(other, where=where) for other in usual if other != name}
    return MaterialChoice(name, material, why, chance, _density_spread(name, others, materials, chance))


Named = tuple[str, str, float]


def _by_person(prop: Prop, correction: Correction) -> Named | None:
    if correction.material is None:
        return None
    reason = f": {correction.why}" if correction.why else ""
    return correction.material, f"set by a person{reason}", CERTAIN


def _by_words(prop: Prop, materials: Materials, visuals: Sequence[Visual]) -> Named | None:
    if (named := materials.named_by(prop.label)) and not _names_category(named[1], prop.category):
        return named[0], f"the label {prop.label!r} says {named[1]!r}", _BY_LABEL
    for appearance in (visual.appearance for visual in visuals):
        if (named := materials.named_by(appearance.name)) and not _names_category(named[1], prop.category):
            return named[0], f"the scan calls its material and mesh {appearance.name!r}", _BY_NAME
    return None


def _by_look(prop: Prop, category: Category, look: Look | None) -> Named | None:
    found = None if look is None else material_by_look(look, category.material, category.may_be)
    return None if found is None else (*found, _BY_LOOK)


def _by_category(prop: Prop, category: Category) -> Named:
    why = f"usual for {prop.category.replace('_', ' ')}"
    if prop.category == UNKNOWN:
        return category.material, why, _UNKNOWN
    if not category.may_be:
        return category.material, why, _BY_CATEGORY
    return category.material, f"{why}, which may also be of {' or '.join(category.may_be)}", _BY_MIXED_CATEGORY


def _names_category(word: str, category: str) -> bool:
    """Whether a material's word is only part of the thing's name, as glass in "wine glass"."""
    return word in category.split("_")


def _density_spread(name: str, others: Mapping[str, Material], materials: Materials, chance: float) -> float:
    """Return the spread with other materials in it; a metal in place of boards is sheet and tube, no heavier in all."""
    material = materials.of(name)
    wrong = [
        math.log(other.density_kg_m3 / material.density_kg_m3) ** 2
        for entry, other in others.items()
        if (entry in METALS) == (name in METALS)
    ]
    doubt = (1 - chance) * sum(wrong) / len(wrong) if wrong else 0.0
    return math.sqrt(material.density_spread**2 + doubt)


def propose_material(prop: Prop, body: str, choice: MaterialChoice) -> SetMaterial:
    """Return the edit that gives a link its material; it is as sure as the choice and the friction together."""
    material = choice.material
    static, dynamic = material.friction
    confidence = round(choice.confidence * confidence_of(_FRICTION_SPREAD), 2)
    why = (
        f"{choice.name}, {choice.why}; {material.source}; right with {choice.confidence:.0%}, "
        f"and then friction within a factor 1.5 with {confidence_of(_FRICTION_SPREAD):.0%}"
    )
    return SetMaterial(
        prop.id,
        body,
        choice.name,
        material.density_kg_m3,
        static,
        dynamic,
        material.restitution,
        why,
        confidence=confidence,
        nonvisual_base=material.nonvisual_base,
    )
