"""The objects of a scan under their stable ids, after a person has deleted, split and merged some."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.formats.raw_scan import RawObject, RawScan
from blueprint.pipeline.scene.categories import Categories
from blueprint.pipeline.scene.corrections import Correction, Corrections
from blueprint.pipeline.scene.slugs import unique_identifiers

from .category import Decision, decide_category, is_room_part
from .poses import RecoveredPose, as_placed, recover_pose
from .predictions import placed_prediction
from .regroup import Placed, merge_all, split_all

CORRECTIONS = "corrections.yaml"


@dataclass(frozen=True, eq=False)
class NamedObject:
    """An object with the id it has from now on, what it is and where it stands in the scan."""

    id: str
    raw: RawObject
    decision: Decision
    pose: RecoveredPose


def stable_ids(raw: RawScan) -> dict[str, str]:
    """Return the id of each of a scan's keys, usable objects or not; they depend on the keys alone."""
    return unique_identifiers([entry.key for entry in (*raw.objects, *raw.failures)])


def reasons_to_leave_out(raw: RawScan, ids: Mapping[str, str], categories: Categories) -> dict[str, str]:
    """Return the ids of what the scan has no usable mesh of, with the reason; parts of the room are not counted."""
    return {ids[entry.key]: entry.reason for entry in raw.failures if not is_room_part(entry.label, categories)}


def name_objects(
    raw: RawScan, ids: Mapping[str, str], corrections: Corrections, categories: Categories, reasons: dict[str, str]
) -> list[NamedObject]:
    """Return the objects that become props, by id; what a person leaves out is added to `reasons`.

    Raises UnknownName for a correction of what does not exist, RecipeError for a split or merge that cannot be.
    """
    things = [entry for entry in raw.objects if _is_thing(entry, corrections.of(ids[entry.key]), categories)]
    whole = {ids[entry.key]: entry for entry in things if not _left_out(ids[entry.key], corrections, reasons)}
    placed = {name: _placed(name, entry) for name, entry in whole.items()}
    pieces = split_all(placed, corrections)
    refuse_unknown(corrections, [*ids.values(), *pieces])
    for name in [name for name in pieces if name not in placed]:
        if _left_out(name, corrections, reasons):
            del pieces[name]
    joined = merge_all(pieces, corrections)
    return [
        NamedObject(name, entry.raw, decide_category(entry.raw.label, corrections.of(name), categories), entry.pose)
        for name, entry in sorted(joined.items())
    ]


def refuse_unknown(corrections: Corrections, known: Sequence[str]) -> None:
    """Raise UnknownName listing all objects where a correction speaks of none of them."""
    for entry in corrections.corrections:
        for name in (entry.object, entry.merge_into):
            if name is not None and name not in known:
                raise UnknownName("object", name, known, where=CORRECTIONS)


def _is_thing(entry: RawObject, correction: Correction, categories: Categories) -> bool:
    return correction.category is not None or not is_room_part(entry.label, categories)


def _left_out(name: str, corrections: Corrections, reasons: dict[str, str]) -> bool:
    """Whether a person leaves an object out; the reason is noted."""
    correction = corrections.of(name)
    because = f": {correction.why}" if correction.why else ""
    if correction.delete:
        reasons[name] = f"deleted by a person{because}"
    elif correction.role == "shell":
        reasons[name] = f"part of the room, says a person{because}"
    return name in reasons


def _placed(name: str, entry: RawObject) -> Placed:
    known = entry.canonical
    pose = as_placed() if known is None else recover_pose(known.vertices(), entry.posed.vertices())
    return Placed(name, placed_prediction(entry, pose), pose)
