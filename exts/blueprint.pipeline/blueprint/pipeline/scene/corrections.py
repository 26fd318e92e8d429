"""A person's corrections: they replace a value before anything is derived from it."""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, Field, ValidationError

from blueprint.pipeline.errors import RecipeError


class Correction(BaseModel, frozen=True, extra="forbid"):
    """What a person has decided about one object; a field that is absent is left to the evidence."""

    object: str = Field(description="Stable id of the object.")
    category: str | None = Field(default=None, description="Category of config/categories.yaml.")
    role: Literal["manipulable", "furniture", "shell"] | None = Field(
        default=None, description="What the object is for."
    )
    material: str | None = Field(default=None, description="Material of config/materials.yaml.")
    mass_kg: float | None = Field(default=None, gt=0, description="Mass of the whole object in kilograms.")
    height_m: float | None = Field(
        default=None, gt=0, description="True height of the object in metres, used for the scale."
    )
    delete: bool = Field(default=False, description="Leave the object out of the scene.")
    why: str = Field(default="", description="Reason, kept with every value that follows from it.")


class Corrections(BaseModel, frozen=True, extra="forbid"):
    """The file corrections.yaml."""

    format: Literal["blueprint.corrections"] = "blueprint.corrections"
    version: Literal[1] = 1
    corrections: tuple[Correction, ...] = ()

    def of(self, object_id: str) -> Correction:
        """Return what was decided about an object, with later entries over earlier ones."""
        merged: dict[str, object] = {}
        for entry in self.corrections:
            if entry.object == object_id:
                merged.update(entry.model_dump(exclude_unset=True))
        return Correction.model_validate({"object": object_id, **merged})


def load_corrections(path: Path | None) -> Corrections:
    """Read corrections.yaml; None means that nobody has corrected anything. Raises RecipeError."""
    if path is None:
        return Corrections()
    try:
        return Corrections.model_validate(yaml.safe_load(path.read_text()) or {})
    except (OSError, yaml.YAMLError) as error:
        raise RecipeError(path.name, [str(error)]) from error
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise RecipeError(path.name, faults) from error
