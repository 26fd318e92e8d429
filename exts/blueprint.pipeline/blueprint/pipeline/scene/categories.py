"""Categories of things in rooms, from config/categories.yaml: usual sizes and masses, material, role, affordances."""

import re
from functools import lru_cache
from typing import Literal, Self

import yaml
from pydantic import BaseModel, Field, model_validator

from blueprint.pipeline.errors import RecipeError, UnknownName
from blueprint.pipeline.resources import resource_path
from blueprint.pipeline.scene.props import Role

CATEGORIES_FILE = "categories.yaml"
UNKNOWN = "unknown"

PriorDimension = Literal["height", "longest", "long_side", "short_side", "top"]
SizePrior = tuple[float, float]
"""Typical size in metres and the relative standard deviation between products."""


class Content(BaseModel, frozen=True, extra="forbid"):
    """One kind of thing that packages of a category are sold with, and the sizes in which it is sold."""

    kind: str = Field(description="What is inside.")
    volume_l: tuple[float, float] = Field(description="Outer volumes in litres in which it is sold.")
    density_kg_m3: tuple[float, float] = Field(description="Net content over the volume inside the walls, in kg/m3.")
    wall_m: float = Field(
        default=0.0, ge=0, description="Thickness of the package's wall in metres, as solid material."
    )
    source: str = Field(min_length=3, description="Where sizes and density were looked up.")

    @model_validator(mode="after")
    def _ranges_rise(self) -> Self:
        for name, (low, high) in (("volume_l", self.volume_l), ("density_kg_m3", self.density_kg_m3)):
            if not 0 < low <= high:
                raise ValueError(f"{name} must rise from above zero, found {[low, high]}")
        return self


class Category(BaseModel, frozen=True, extra="forbid"):
    """What is usually true of one kind of thing."""

    priors: dict[PriorDimension, SizePrior] = Field(description="Usual sizes in metres with their relative sigma.")
    mass_kg: tuple[float, float] = Field(description="Range of plausible masses in kilograms.")
    material: str = Field(description="Entry of materials.yaml that carries most of the mass.")
    role: Role = Field(description="What the thing is for.")
    fill: float = Field(gt=0, le=1, description="Share of the closed shell's volume that is solid material.")
    may_be: tuple[str, ...] = Field(
        default=(), description="Other materials that such things are made of, for which a look can be evidence."
    )
    contents: tuple[Content, ...] = Field(
        default=(), description="What closed packages of this kind hold; it takes the place of `fill`."
    )
    wall_m: float | None = Field(
        default=None, gt=0, description="Usual thickness in metres of its wall, for a scan that is only a surface."
    )
    affordances: tuple[str, ...] = Field(description="What can be done with it.")
    synonyms: tuple[str, ...] = Field(default=(), description="Words of a detector that mean this category.")
    wikidata: str = Field(pattern=r"^Q\d+$", description="Wikidata class.")

    @model_validator(mode="after")
    def _ranges_are_ordered(self) -> Self:
        low, high = self.mass_kg
        if not 0 < low < high:
            raise ValueError(f"mass_kg must rise from above zero, found {list(self.mass_kg)}")
        for dimension, (size_m, sigma) in self.priors.items():
            if size_m <= 0 or not 0 < sigma <= 0.5:
                raise ValueError(f"prior {dimension} needs metres above zero and a relative sigma of at most 0.5")
        return self


class Categories(BaseModel, frozen=True, extra="forbid"):
    """The file config/categories.yaml."""

    format: Literal["blueprint.categories"]
    version: Literal[1]
    categories: dict[str, Category]

    @model_validator(mode="after")
    def _words_are_unique(self) -> Self:
        owner: dict[str, str] = {}
        for name, category in self.categories.items():
            for word in (name, *category.synonyms):
                spelled = normalised_label(word)
                if owner.setdefault(spelled, name) != name:
                    raise ValueError(f"{word!r} stands for both {owner[spelled]!r} and {name!r}")
        return self

    def of(self, name: str) -> Category:
        """Return a category by name; raises UnknownName listing all."""
        if name not in self.categories:
            raise UnknownName("category", name, self.categories)
        return self.categories[name]

    def named_by(self, label: str) -> str | None:
        """Return the category a detector's label stands for, by its name, its synonyms, then its last words."""
        words = normalised_label(label).split()
        known = self._by_word()
        # "red kitchen chair" is a chair: an English noun phrase ends in its head.
        for start in range(len(words)):
            phrase = " ".join(words[start:])
            for spelled in (phrase, phrase.removesuffix("s")):
                if spelled in known:
                    return known[spelled]
        return None

    def _by_word(self) -> dict[str, str]:
        return {
            normalised_label(word): name
            for name, category in self.categories.items()
            for word in (name, *category.synonyms)
        }


def normalised_label(label: str) -> str:
    """Return a label in lower case with single spaces for everything that is neither letter nor digit."""
    return " ".join(re.findall(r"[a-z0-9]+", label.lower()))


@lru_cache(maxsize=1)
def load_categories() -> Categories:
    """Read config/categories.yaml; raises RecipeError where the shipped file is damaged."""
    path = resource_path("config", CATEGORIES_FILE)
    try:
        return Categories.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (ValueError, yaml.YAMLError) as error:
        raise RecipeError(CATEGORIES_FILE, [str(error)]) from error
