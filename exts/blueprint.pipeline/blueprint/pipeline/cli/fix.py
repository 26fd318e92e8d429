"""`blueprint fix RUN [OBJECT] ...`: what can be corrected, what was corrected, one correction more, or one less."""

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from blueprint.pipeline.app.corrections import CorrectableRun, CorrectionRefused
from blueprint.pipeline.app.figures import count_text, length_text, mass_text, size_text
from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.app.scene_facts import PropFacts
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.props import Joint

Three = tuple[float, float, float]


@dataclass(frozen=True)
class JointFlags:
    """One joint; lengths are in the object's frame (Z up, origin at the centre of its base), in metres."""

    joint: str | None = None
    """Name of the joint to correct or add."""
    type: Literal["revolute", "prismatic"] | None = None
    """How the part moves."""
    axis: Three | None = None
    """Direction of the axis."""
    origin: Three | None = None
    """A point on the axis."""
    limits_deg: tuple[float, float] | None = None
    """Lower and upper limit of a turning joint in degrees, from the pose in the photo."""
    limits_m: tuple[float, float] | None = None
    """Lower and upper limit of a sliding joint in metres, from the pose in the photo."""
    parent: str | None = None
    """Link that carries the part."""
    child: str | None = None
    """Link that moves."""
    hold_still: bool = False
    """Remove the joint: its part stays with what carries it."""


@dataclass(frozen=True)
class PartFlags:
    """Which faces belong to a link: those with their centres in a box, in the object's frame, in metres."""

    part: str | None = None
    """Name of the link."""
    low: Three | None = None
    """Lower corner of the box."""
    high: Three | None = None
    """Upper corner of the box."""


@dataclass(frozen=True)
class FixCommand:
    """List, add or undo corrections of the objects of a run; the next `blueprint run` into that folder heeds them."""

    run: tyro.conf.Positional[Path]
    """Folder of the run."""
    object: tyro.conf.Positional[str | None] = None
    """Id of the object; alone, it is described."""
    category: str | None = None
    """What the object is, a category of config/categories.yaml."""
    role: Literal["manipulable", "furniture", "shell"] | None = None
    """What the object is for."""
    material: str | None = None
    """Material of config/materials.yaml."""
    mass_kg: float | None = None
    """Mass of the whole object in kilograms."""
    height_m: float | None = None
    """True height of the object in metres; the scale of the whole scan follows."""
    delete: bool = False
    """Leave the object out of the scene."""
    merge_into: str | None = None
    """Id of the object of which this one is a piece."""
    split: bool = False
    """Make an object of each connected piece."""
    joint: Annotated[JointFlags, tyro.conf.arg(name="")] = field(default_factory=JointFlags)
    part: Annotated[PartFlags, tyro.conf.arg(name="")] = field(default_factory=PartFlags)
    why: str = ""
    """Reason, kept with every value that follows."""
    undo: bool = False
    """Take the last correction back."""
    redo: bool = False
    """Bring back what was undone last."""
    file: Path | None = None
    """Corrections file to change, where the recipe names one; else the run's own corrections.yaml."""
    json: bool = False
    """Print JSON."""


def main(argv: Sequence[str]) -> int:
    """Parse the flags and do the one thing they ask for."""
    command = tyro.cli(FixCommand, args=list(argv), prog="blueprint fix")
    run = CorrectableRun(RunFolder(command.run), command.file)
    run.folder.load()
    if command.undo or command.redo:
        done = run.book.undo(command.object) if command.undo else run.book.redo()
        _say(f"{'undone' if command.undo else 'redone'}: {done.object}: {run.say(done)}")
        return _hint()
    data = correction_of(command)
    if command.object is not None and command.joint.joint is not None:
        _refuse_wrong_unit(run, command.object, command.joint)
    if not data:
        _list(run, command)
        return 0
    if command.object is None:
        raise CorrectionRefused("name the object to correct; `blueprint fix RUN` lists them")
    try:
        correction = Correction.model_validate({"object": command.object, **data, "why": command.why})
    except ValidationError as error:
        raise CorrectionRefused("; ".join(map(_fault_words, error.errors()))) from error
    written = run.correct(correction)
    _say(f"corrected: {written.object}: {run.say(written)}")
    return _hint()


def _fault_words(fault: ErrorDetails) -> str:
    """Say what is wrong with a value by the flag that gave it."""
    text = fault["msg"].removeprefix("Value error, ")
    field = str(fault["loc"][0]) if fault["loc"] else ""
    return text if field in ("", "joints", "parts") else f"--{field.replace('_', '-')}: {text[:1].lower()}{text[1:]}"


def _refuse_wrong_unit(run: CorrectableRun, object_id: str, flags: JointFlags) -> None:
    """Refuse degrees for a joint that slides and metres for one that turns; raises CorrectionRefused, UnknownName."""
    facts = run.prop(object_id)
    known = {joint.name: joint.kind for joint in facts.prop.joints} if facts else {}
    kind = flags.type or known.get(flags.joint or "")
    if kind == "revolute" and flags.limits_m is not None:
        raise CorrectionRefused(f"{flags.joint} turns, so its limits are angles; give --limits-deg LOWER UPPER")
    if kind == "prismatic" and flags.limits_deg is not None:
        raise CorrectionRefused(f"{flags.joint} slides, so its limits are lengths; give --limits-m LOWER UPPER")


def correction_of(command: FixCommand) -> dict[str, Any]:
    """Return what the flags correct, by field, as plain data; raises CorrectionRefused for flags that lack others."""
    names = ("category", "role", "material", "mass_kg", "height_m", "merge_into")
    data: dict[str, Any] = {name: value for name in names if (value := getattr(command, name)) is not None}
    if command.delete:
        data["delete"] = True
    if command.split:
        data["split"] = "components"
    if joint := _joint_of(command.joint):
        data["joints"] = [joint]
    part = command.part
    if part != PartFlags():
        if part.part is None or part.low is None or part.high is None:
            raise CorrectionRefused("a part needs --part NAME, --low X Y Z and --high X Y Z")
        data["parts"] = [{"part": part.part, "low_m": part.low, "high_m": part.high}]
    return data


def _joint_of(flags: JointFlags) -> dict[str, Any]:
    if flags == JointFlags():
        return {}
    if flags.joint is None:
        raise CorrectionRefused("name the joint with --joint; `blueprint fix RUN OBJECT` lists them")
    limits = flags.limits_m
    if flags.limits_deg is not None:
        if limits is not None:
            raise CorrectionRefused("give --limits-deg for a turning joint or --limits-m for a sliding one, not both")
        if flags.limits_deg[0] >= flags.limits_deg[1]:
            low, high = flags.limits_deg
            raise CorrectionRefused(f"limits {low:g} to {high:g} deg do not rise; give the lower one first")
        limits = (math.radians(flags.limits_deg[0]), math.radians(flags.limits_deg[1]))
    values: dict[str, Any] = {
        "kind": flags.type,
        "axis": flags.axis,
        "origin_m": flags.origin,
        "lower": limits[0] if limits else None,
        "upper": limits[1] if limits else None,
        "parent": flags.parent,
        "child": flags.child,
    }
    told = {name: value for name, value in values.items() if value is not None}
    return {"joint": flags.joint, **told, **({"delete": True} if flags.hold_still else {})}


def _list(run: CorrectableRun, command: FixCommand) -> None:
    book = run.book.load()
    entries = [entry for entry in book.corrections if command.object in (None, entry.object)]
    if command.json:
        data = {"corrections": [entry.model_dump(mode="json", exclude_unset=True) for entry in entries]}
        data["undone"] = [entry.model_dump(mode="json", exclude_unset=True) for entry in book.undone]
        sys.stdout.write(json.dumps(data, indent=1, ensure_ascii=False) + "\n")
        return
    if command.object is not None:
        facts = run.prop(command.object)
        gone = {entry.id: entry.reason for entry in run.facts.left_out}.get(command.object, "")
        _say(_details(facts) if facts else f"{command.object} is not in the scene: {gone}")
    else:
        if message := run.folder.load()["message"]:
            _say(f"the last run did not succeed: {message}")
        for facts in run.facts.props:
            _say(_headline(facts))
        for gone in run.facts.left_out:
            _say(f"{gone.id}: left out: {gone.reason}")
    _say(count_text(len(entries), "correction") + (":" if entries else ""))
    for number, entry in enumerate(entries, start=1):
        _say(f"  {number}. {entry.object}: {run.say(entry)}" + (f" ({entry.why})" if entry.why else ""))


def _headline(facts: PropFacts) -> str:
    role = facts.semantics.role.value if facts.semantics else facts.prop.role.value
    joints = f", joints {', '.join(joint.name for joint in facts.prop.joints)}" if facts.prop.joints else ""
    return f"{facts.prop.id}: {facts.prop.category}, {role}, {mass_text(facts.mass_kg)}{joints}"


def _details(facts: PropFacts) -> str:
    lines = [_headline(facts), f"  size {size_text(facts.prop.size_m)}"]
    for link in facts.links:
        for decision in (link.material, link.mass, link.colliders):
            if decision is not None:
                lines.append(f"  {link.body} {decision.edit.removeprefix('set_')}: {decision.why}")
    reasons = {edit.joint.name: edit.why for edit in facts.joints}
    for joint in facts.prop.joints:
        lines.append(f"  joint {joint.name}: {_joint_words(joint)}; {reasons.get(joint.name, '')}")
    lines += [f"  review: {text}" for text in facts.prop.review]
    return "\n".join(lines)


def _joint_words(joint: Joint) -> str:
    turning = joint.kind == "revolute"
    limits = [
        f"{math.degrees(value):.1f} deg" if turning else length_text(value) for value in (joint.lower, joint.upper)
    ]
    axis, origin = (
        " ".join(f"{round(value, 3) + 0.0:.3f}" for value in vector) for vector in (joint.axis, joint.origin_m)
    )
    return f"{joint.kind}, {joint.child} on {joint.parent}, axis {axis}, through {origin} m, {limits[0]} to {limits[1]}"


def _say(text: str) -> None:
    sys.stdout.write("".join(letter if letter.isprintable() or letter == "\n" else "�" for letter in text) + "\n")


def _hint() -> int:
    sys.stderr.write("run the recipe into this folder again to apply it; only what it changes is made anew\n")
    return 0
