"""Which material a link is made of, and what that material is known for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Self

import yaml
from pydantic import BaseModel, Field, model_validator

from blueprint.pipeline.errors import RecipeError, UnknownName
from blueprint.pipeline.resources import resource_path
from blueprint.pipeline.scene.categories import UNKNOWN, Category, normalised_label
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.edits import SetMaterial
from blueprint.pipeline.scene.props import Appearance, Prop

MATERIALS_FILE = "materials.yaml"

_SURELY_METAL = 0.9


class Material(BaseModel, frozen=True, extra="forbid"):
    """One row of config/materials.yaml."""

    density_kg_m3: float = Field(gt=0, description="Density in kg/m3.")
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


@lru_cache(maxsize=1)
def load_materials() -> Materials:
    """Read config/materials.yaml; raises RecipeError where the shipped file is damaged."""
    path = resource_path("config", MATERIALS_FILE)
    try:
        return Materials.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (ValueError, yaml.YAMLError) as error:
        raise RecipeError(MATERIALS_FILE, [str(error)]) from error


@dataclass(frozen=True)
class MaterialChoice:
    """A material by name, and the evidence that decided for it."""

    name: str
    material: Material
    why: str


def choose_material(
    prop: Prop, category: Category, correction: Correction, materials: Materials, looks: Sequence[Appearance]
) -> MaterialChoice:
    """Choose by a person's correction, a word of the label, the category, and for nameless things the look."""
    if correction.material is not None:
        reason = f": {correction.why}" if correction.why else ""
        where = f"corrections, object {prop.id!r}"
        return MaterialChoice(
            correction.material, materials.of(correction.material, where=where), f"set by a person{reason}"
        )
    if (named := materials.named_by(prop.label)) and not _names_category(named[1], prop.category):
        name, word = named
        return MaterialChoice(name, materials.of(name), f"the label {prop.label!r} says {word!r}")
    if prop.category == UNKNOWN and looks and all(look.metallic >= _SURELY_METAL for look in looks):
        return MaterialChoice("steel", materials.of("steel"), "its surface is recorded as metallic")
    name = category.material
    where = f"categories.yaml, category {prop.category!r}"
    return MaterialChoice(name, materials.of(name, where=where), f"usual for {prop.category.replace('_', ' ')}")


def _names_category(word: str, category: str) -> bool:
    """Whether a material's word is only part of the thing's name, as glass in "wine glass"."""
    return word in category.split("_")


def propose_material(prop: Prop, body: str, choice: MaterialChoice) -> SetMaterial:
    """Return the edit that gives a link its material."""
    material = choice.material
    static, dynamic = material.friction
    why = f"{choice.name}, {choice.why}; {material.source}"
    density = material.density_kg_m3
    return SetMaterial(prop.id, body, choice.name, density, static, dynamic, material.restitution, why)
