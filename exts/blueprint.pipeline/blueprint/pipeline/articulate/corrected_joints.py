"""Lay a person's corrections of parts and joints over the evidence, before anything is derived from it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from blueprint.pipeline.errors import RecipeError, UnknownName
from blueprint.pipeline.scene.corrections import CORRECTIONS_FILE, Correction, JointCorrection
from blueprint.pipeline.scene.poses import Vec3, vec3
from blueprint.pipeline.scene.props import Joint, Prop

from .moving_parts import Kind, MovingPart

_NEEDED = ("kind", "child", "axis", "origin_m", "lower", "upper")


@dataclass(frozen=True, eq=False)
class Corrected:
    """The moving parts after corrections, and for each link that no longer moves the link that carries it."""

    parts: tuple[MovingPart, ...]
    held_by: dict[str, str]


def corrected_parts(prop: Prop, evidence: Sequence[MovingPart], correction: Correction, base: str) -> Corrected:
    """Return the parts as a person wants them; a joint that the evidence does not know is added when it is complete.

    Raises UnknownName for a joint or link that does not exist, RecipeError for values that no joint has.
    """
    scale = length_scale(prop, correction)
    parts = {part.joint.name: part for part in evidence}
    links = {base, *(part.joint.child for part in evidence), *(entry.part for entry in correction.parts)}
    held: dict[str, str] = {}
    for entry in correction.joints:
        if entry.joint not in parts:
            _check_complete(prop, entry, parts)
            parts[entry.joint] = _added(prop, entry, correction, scale, base)
            links.add(parts[entry.joint].joint.child)
        elif entry.delete:
            gone = parts.pop(entry.joint).joint
            held[gone.child] = gone.parent
        else:
            parts[entry.joint] = _changed(prop, parts[entry.joint], entry, correction, scale)
    for part in parts.values():
        for link in (part.joint.parent, part.joint.child):
            if link not in links:
                raise UnknownName("link", link, links, where=f"{CORRECTIONS_FILE}, {prop.id}, {part.joint.name}")
    return Corrected(tuple(_carried_on(part, held) for part in parts.values()), held)


def length_scale(prop: Prop, correction: Correction) -> float:
    """Return by how much the prop has grown since a person looked at it; lengths in corrections follow."""
    if correction.size_m is None:
        return 1.0
    return float(np.cbrt(np.prod(prop.size_m) / np.prod(correction.size_m)))


def _check_complete(prop: Prop, entry: JointCorrection, known: dict[str, MovingPart]) -> None:
    missing = [name for name in _NEEDED if getattr(entry, name) is None]
    if entry.delete or len(missing) >= len(_NEEDED) - 1:
        raise UnknownName("joint", entry.joint, known, where=f"{CORRECTIONS_FILE}, {prop.id}")
    if missing:
        listing = ", ".join(sorted(known)) or "none"
        fault = f"{prop.id}: {entry.joint!r} would be a new joint and lacks {', '.join(missing)}; known: {listing}"
        raise RecipeError(CORRECTIONS_FILE, [fault])


def _added(prop: Prop, entry: JointCorrection, correction: Correction, scale: float, base: str) -> MovingPart:
    turns = entry.kind == "revolute"
    blank = Joint(
        entry.joint, "revolute" if turns else "prismatic", base, entry.child or "", (0, 0, 1), (0, 0, 0), 0.0, 0.0
    )
    kind: Kind = "hinged" if turns else "sliding"
    return _changed(prop, MovingPart(kind, blank, None, 1.0, ""), entry, correction, scale)


def _changed(prop: Prop, part: MovingPart, entry: JointCorrection, correction: Correction, scale: float) -> MovingPart:
    before = part.joint
    kind = entry.kind or before.kind
    length = scale if kind == "prismatic" else 1.0
    if kind != before.kind and (entry.lower is None or entry.upper is None):
        fault = f"{prop.id}: {entry.joint} becomes {kind}: give lower and upper as well, in {_unit(kind)}"
        raise RecipeError(CORRECTIONS_FILE, [fault])
    joint = replace(
        before,
        kind=kind,
        parent=entry.parent or before.parent,
        child=entry.child or before.child,
        axis=_unit_vector(entry.axis) if entry.axis else before.axis,
        origin_m=vec3(scale * np.asarray(entry.origin_m)) if entry.origin_m else before.origin_m,
        lower=length * entry.lower if entry.lower is not None else before.lower,
        upper=length * entry.upper if entry.upper is not None else before.upper,
    )
    if joint.lower >= joint.upper:
        fault = (
            f"{prop.id}: {entry.joint} would go from {joint.lower:g} to {joint.upper:g} {_unit(kind)}; limits must rise"
        )
        raise RecipeError(CORRECTIONS_FILE, [fault])
    fields = [name for name in sorted(entry.model_fields_set) if name != "joint" and getattr(entry, name) is not None]
    reason = f": {correction.why}" if correction.why else ""
    why = f"corrected by a person ({', '.join(fields)}){reason}" + (f"; before: {part.why}" if part.why else "")
    return replace(part, kind=_renamed_kind(part.kind, joint), joint=joint, confidence=1.0, why=why)


def _renamed_kind(kind: Kind, joint: Joint) -> Kind:
    """Return the kind that fits a joint whose type a person has changed; links keep their names."""
    if joint.kind == "prismatic":
        return "drawer" if kind in ("door", "drawer") else "sliding"
    if kind == "drawer":
        return "door"
    return "hinged" if kind == "sliding" else kind


def _carried_on(part: MovingPart, held: dict[str, str]) -> MovingPart:
    """Hang a part on what carries its carrier where that has been deleted."""
    parent = part.joint.parent
    while parent in held:
        parent = held[parent]
    return part if parent == part.joint.parent else replace(part, joint=replace(part.joint, parent=parent))


def _unit_vector(axis: Vec3) -> Vec3:
    return vec3(np.asarray(axis) / np.linalg.norm(axis))


def _unit(kind: str) -> str:
    return "m" if kind == "prismatic" else "rad"
