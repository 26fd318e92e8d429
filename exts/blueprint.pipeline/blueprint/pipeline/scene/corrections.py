"""A person's corrections: they replace a value before anything is derived from it."""

from pathlib import Path
from typing import Any, Literal, Self, cast

import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator

from blueprint.pipeline.errors import RecipeError
from blueprint.pipeline.scene.poses import Vec3

CORRECTIONS_FILE = "corrections.yaml"
FORMAT_VERSION = 2


class JointCorrection(BaseModel, frozen=True, extra="forbid", allow_inf_nan=False):
    """What a person has decided about one joint; absent fields are left to the evidence. Lengths in the prop's frame.

    A joint whose name the evidence does not know is added; it then needs kind, child, axis, origin and limits.
    """

    joint: str = Field(description="Name of the joint.")
    kind: Literal["revolute", "prismatic"] | None = Field(default=None, description="How the part moves.")
    axis: Vec3 | None = Field(default=None, description="Direction of the axis in the prop's frame.")
    origin_m: Vec3 | None = Field(default=None, description="A point on the axis in the prop's frame, in metres.")
    lower: float | None = Field(default=None, description="Lower limit from the pose in the photo, in rad or m.")
    upper: float | None = Field(default=None, description="Upper limit from the pose in the photo, in rad or m.")
    parent: str | None = Field(default=None, description="Link that carries the part.")
    child: str | None = Field(default=None, description="Link that moves.")
    delete: bool = Field(default=False, description="Hold the part still: it stays with the link that carries it.")

    @model_validator(mode="after")
    def _values_make_sense(self) -> Self:
        if self.axis is not None and sum(value * value for value in self.axis) < 1e-12:
            raise ValueError("axis has no length; give a direction such as [0, 0, 1]")
        if self.lower is not None and self.upper is not None and self.lower >= self.upper:
            raise ValueError(f"limits {self.lower:g} to {self.upper:g} do not rise; give the lower one first")
        return self


class PartCorrection(BaseModel, frozen=True, extra="forbid", allow_inf_nan=False):
    """What belongs to a link: all that lies in the box, in the prop's frame as in the photo.

    A closed surface is cut at the box; of an open one the faces with their centres in the box are taken.
    """

    part: str = Field(description="Name of the link, a new one or one that the evidence found.")
    low_m: Vec3 = Field(description="Lower corner of the box in metres.")
    high_m: Vec3 = Field(description="Upper corner of the box in metres.")


class Correction(BaseModel, frozen=True, extra="forbid", allow_inf_nan=False):
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
    merge_into: str | None = Field(default=None, description="Id of the object of which this one is a piece.")
    split: Literal["components"] | None = Field(
        default=None, description="Make an object of each connected piece; they are called ID_1, ID_2 by size."
    )
    parts: tuple[PartCorrection, ...] = Field(default=(), description="What belongs to which link.")
    joints: tuple[JointCorrection, ...] = Field(default=(), description="What was decided about single joints.")
    size_m: Vec3 | None = Field(
        default=None,
        description="Size of the object, in metres, when parts and joints were corrected; lengths follow a new scale.",
    )
    why: str = Field(default="", description="Reason, kept with every value that follows from it.")


OBJECT_FIELDS = frozenset({"category", "role", "height_m", "delete", "merge_into", "split"})
"""What ingest decides from."""
JOINT_FIELDS = frozenset({"parts", "joints", "size_m"})
"""What articulate decides from."""
MATTER_FIELDS = frozenset({"category", "role", "material", "mass_kg"})
"""What simready decides from."""


class Corrections(BaseModel, frozen=True, extra="forbid"):
    """The file corrections.yaml; version 1 had no joints, parts, merges and splits.

    `undone` keeps what was taken back, latest last; it has no effect.
    """

    format: Literal["blueprint.corrections"] = "blueprint.corrections"
    version: Literal[1, 2] = FORMAT_VERSION
    corrections: tuple[Correction, ...] = ()
    undone: tuple[Correction, ...] = ()

    def of(self, object_id: str) -> Correction:
        """Return what was decided about an object, with later entries over earlier ones."""
        merged: dict[str, Any] = {}
        for entry in self.corrections:
            if entry.object == object_id:
                merged = _over(merged, entry.model_dump(exclude_unset=True))
        return Correction.model_validate({**merged, "object": object_id})

    def about(self, object_id: str, fields: frozenset[str]) -> dict[str, Any]:
        """Return as plain data what of an object's correction one stage decides from, empty where that is nothing.

        Only this enters the stage's key, so that correcting a mass does not read the scan again.
        """
        merged = self.of(object_id).model_dump(mode="json", exclude_unset=True)
        if not fields & merged.keys():
            return {"object": object_id}
        return {name: value for name, value in merged.items() if name in fields or name in ("object", "why")}

    def objects(self, fields: frozenset[str]) -> dict[str, dict[str, Any]]:
        """Return what one stage decides from, by the ids of the objects that have any of it."""
        told = {entry.object: self.about(entry.object, fields) for entry in self.corrections}
        return {name: about for name, about in sorted(told.items()) if fields & about.keys()}


def _over(earlier: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """Lay one entry over another: joints by name and field by field, parts in order, anything else as a whole."""
    joints: dict[str, dict[str, Any]] = {}
    for joint in (*earlier.get("joints", ()), *later.get("joints", ())):
        joints[joint["joint"]] = {**joints.get(joint["joint"], {}), **joint}
    parts = (*earlier.get("parts", ()), *later.get("parts", ()))
    listed = {"joints": tuple(joints.values())} if joints else {}
    return {**earlier, **later, **listed, **({"parts": parts} if parts else {})}


def load_corrections(path: Path | None) -> Corrections:
    """Read corrections.yaml; None means that nobody has corrected anything. Raises RecipeError."""
    if path is None:
        return Corrections()
    try:
        data: Any = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        version = cast(dict[str, Any], data).get("version") if isinstance(data, dict) else None
        if isinstance(version, int) and version > FORMAT_VERSION:
            newer = f"version {version} is newer than {FORMAT_VERSION}, which this program reads"
            raise RecipeError(path.name, [f"{newer}; upgrade with `pip install --upgrade blueprint-pipeline`"])
        return Corrections.model_validate(data)
    except FileNotFoundError as error:
        raise RecipeError("corrections", [f"{path.name} does not exist"]) from error
    except OSError as error:
        raise RecipeError(path.name, [f"cannot be read: {error.strerror}"]) from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise RecipeError(path.name, [f"is not valid YAML: {error}"]) from error
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise RecipeError(path.name, faults) from error
