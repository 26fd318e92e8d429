"""A person's corrections to a run: listed, added, undone; `corrections.yaml` in the run's folder holds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from blueprint.pipeline.app.figures import angle_text, length_text, mass_text
from blueprint.pipeline.app.run_records import RunRecords
from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.app.scene_facts import PropFacts, SceneFacts
from blueprint.pipeline.engine.store import replace_file
from blueprint.pipeline.errors import InputError, RecipeError, UnknownName
from blueprint.pipeline.recipe import Recipe
from blueprint.pipeline.scene.categories import load_categories
from blueprint.pipeline.scene.corrections import (
    CORRECTIONS_FILE,
    FORMAT_VERSION,
    Correction,
    Corrections,
    JointCorrection,
    load_corrections,
)
from blueprint.pipeline.scene.props import Joint
from blueprint.pipeline.simready.materials import load_materials

_HEADER = (
    "# What a person has corrected, oldest first; `blueprint fix` writes this file, and it may be edited by hand.\n"
)


class CorrectionRefused(InputError):
    """A correction that cannot be carried out, or nothing to undo."""


def heed_corrections(recipe: Recipe, out: Path) -> Recipe:
    """Return the recipe with the corrections of the run's folder; raises RecipeError where the recipe names others."""
    path = out / CORRECTIONS_FILE
    if not path.is_file():
        return recipe
    if recipe.corrections is not None and recipe.corrections.resolve() != path.resolve():
        both = f"is set, and the run's folder holds {CORRECTIONS_FILE} too; keep one of them"
        raise RecipeError("corrections", [both])
    return recipe.model_copy(update={"corrections": path})


@dataclass(frozen=True)
class CorrectionBook:
    """One corrections file; adding forgets what had been undone."""

    path: Path

    def load(self) -> Corrections:
        """Read the file; one that does not exist yet holds nothing. Raises RecipeError."""
        return load_corrections(self.path if self.path.is_file() else None)

    def add(self, correction: Correction) -> Corrections:
        """Write one correction more."""
        book = self.load()
        return self._save((*book.corrections, correction), ())

    def undo(self, object_id: str | None = None) -> Correction:
        """Take the last correction back and return it; raises CorrectionRefused where there is none."""
        book = self.load()
        if not book.corrections:
            raise CorrectionRefused(f"{self.path.name}: there is nothing to undo")
        if object_id not in (None, book.corrections[-1].object):
            last = book.corrections[-1].object
            raise CorrectionRefused(f"the last correction is of {last}, not of {object_id}; --undo takes that one back")
        self._save(book.corrections[:-1], (*book.undone, book.corrections[-1]))
        return book.corrections[-1]

    def redo(self) -> Correction:
        """Bring back the correction that was undone last; raises CorrectionRefused where there is none."""
        book = self.load()
        if not book.undone:
            raise CorrectionRefused(f"{self.path.name}: nothing was undone since the last correction")
        self._save((*book.corrections, book.undone[-1]), book.undone[:-1])
        return book.undone[-1]

    def _save(self, corrections: tuple[Correction, ...], undone: tuple[Correction, ...]) -> Corrections:
        book = Corrections(version=FORMAT_VERSION, corrections=corrections, undone=undone)
        data: dict[str, Any] = {"format": book.format, "version": book.version}
        data["corrections"] = [_plain(entry) for entry in corrections]
        if undone:
            data["undone"] = [_plain(entry) for entry in undone]
        replace_file(self.path, (_HEADER + yaml.safe_dump(data, sort_keys=False, allow_unicode=True)).encode())
        return book


def _plain(correction: Correction) -> dict[str, Any]:
    return correction.model_dump(mode="json", exclude_unset=True)


@dataclass(frozen=True)
class CorrectableRun:
    """A finished or failed run whose objects can be corrected."""

    folder: RunFolder
    file: Path | None = None

    @cached_property
    def facts(self) -> SceneFacts:
        """What is known about its objects."""
        return SceneFacts(RunRecords(self.folder))

    @property
    def book(self) -> CorrectionBook:
        """The file that holds its corrections: the run's own, unless another is named."""
        return CorrectionBook(self.file or self.folder.root / CORRECTIONS_FILE)

    def say(self, correction: Correction) -> str:
        """Say a correction in words, with the units of its object's joints."""
        joints = next((each.prop.joints for each in self.facts.props if each.prop.id == correction.object), ())
        return describe(correction, joints)

    def prop(self, object_id: str) -> PropFacts | None:
        """Return an object's facts, None for one that was left out; raises UnknownName."""
        props = {entry.prop.id: entry for entry in self.facts.props}
        known = {*props, *(entry.id for entry in self.facts.left_out)}
        if not known:
            raise CorrectionRefused(f"{self.folder.root.name}: {self._why_no_objects()}")
        if object_id not in known:
            raise UnknownName("object", object_id, known, where=self.folder.root.name)
        return props.get(object_id)

    def _why_no_objects(self) -> str:
        """Say what to do about a run that did not get as far as its objects, perhaps because of a correction."""
        cause = self.folder.load()["message"]
        undo = " If a correction is the cause, --undo takes the last one back." if self.book.load().corrections else ""
        why = f" because it stopped: {cause}." if cause else "."
        return f"the last run has no objects to correct{why}{undo} Then run the recipe into this folder again"

    def correct(self, correction: Correction) -> Correction:
        """Check a correction against the run and write it; returns it as written.

        Raises UnknownName for an object, category, material or joint that does not exist, and CorrectionRefused.
        """
        checked = self._checked(correction)
        self.book.add(checked)
        return checked

    def _checked(self, correction: Correction) -> Correction:
        facts = self.prop(correction.object)
        if correction.category is not None:
            load_categories().of(correction.category)
        if correction.material is not None:
            load_materials().of(correction.material)
        if correction.merge_into is not None:
            self.prop(correction.merge_into)
            if correction.merge_into == correction.object:
                raise CorrectionRefused(f"{correction.object} cannot be merged into itself")
        if not (correction.joints or correction.parts):
            return correction
        if facts is None:
            raise CorrectionRefused(
                f"{correction.object} is not in the scene, so it has no parts and joints to correct"
            )
        for joint in correction.joints:
            self._check_joint(joint, facts)
        # Lengths are kept with the size they were measured at, so that they follow a scale that is corrected later.
        return correction.model_copy(update={"size_m": facts.prop.size_m})

    def _check_joint(self, joint: JointCorrection, facts: PropFacts) -> None:
        known = [entry.name for entry in facts.prop.joints]
        already = [entry.joint for entry in self.book.load().of(facts.prop.id).joints]
        if joint.joint in (*known, *already):
            return
        needed = {
            "--type": joint.kind,
            "--child": joint.child,
            "--axis": joint.axis,
            "--limits-deg or --limits-m": None if joint.lower is None else joint.upper,
        }
        missing = [name for name, value in needed.items() if value is None]
        if missing:
            has = f"it has {', '.join(known)}" if known else "it has none"
            raise CorrectionRefused(
                f"{facts.prop.id} has no joint {joint.joint!r} ({has}); a new one needs {', '.join(missing)} too"
            )


def describe(correction: Correction, joints: Sequence[Joint] = ()) -> str:
    """Say a correction in words, without its object and reason; `joints` are those of the object, for their units."""
    told = correction.model_fields_set
    said: dict[str, str] = {
        "category": f"is a {correction.category}",
        "role": f"role {correction.role}",
        "material": f"of {correction.material}",
        "mass_kg": f"mass {mass_text(correction.mass_kg)}",
        "height_m": f"height {length_text(correction.height_m)}",
        "delete": "taken out of the scene" if correction.delete else "",
        "merge_into": f"merged into {correction.merge_into}",
        "split": "split into its connected pieces",
    }
    words = [text for name, text in said.items() if text and name in told and getattr(correction, name) is not None]
    kinds = {joint.name: joint.kind for joint in joints}
    words += [_joint_words(joint, joint.kind or kinds.get(joint.joint)) for joint in correction.joints]
    words += [f"part {part.part} is what lies from {_numbers(part.low_m)} to {_numbers(part.high_m)} m"
              for part in correction.parts]  # fmt: skip
    return "; ".join(words) or "nothing"


def _joint_words(joint: JointCorrection, kind: str | None) -> str:
    if joint.delete:
        return f"joint {joint.joint}: held still"
    say = {"revolute": angle_text, "prismatic": length_text}.get(kind or "", "{:g} rad or m".format)
    values = {
        "": joint.kind,
        "axis": _numbers(joint.axis) if joint.axis else None,
        "through": f"{_numbers(joint.origin_m)} m" if joint.origin_m else None,
        "from": say(joint.lower) if joint.lower is not None else None,
        "to": say(joint.upper) if joint.upper is not None else None,
        "on": joint.parent,
        "moves": joint.child,
    }
    told = [f"{name} {value}".strip() for name, value in values.items() if value is not None]
    return f"joint {joint.joint}: {', '.join(told).replace(', to ', ' to ')}"


def _numbers(values: Sequence[float]) -> str:
    return " ".join(f"{value:g}" for value in values)
