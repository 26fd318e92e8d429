"""From what the files say to a metric, upright scan: the order in which ingest's decisions are taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.engine.checks import Check, check_at_least, check_at_most
from blueprint.pipeline.errors import NothingUsable
from blueprint.pipeline.formats.raw_scan import RawScan
from blueprint.pipeline.scene.categories import Categories, load_categories
from blueprint.pipeline.scene.contacts import find_relations, solid_of
from blueprint.pipeline.scene.corrections import Corrections, load_corrections
from blueprint.pipeline.scene.poses import vec3
from blueprint.pipeline.scene.props import LeftOut, Prop, Role
from blueprint.pipeline.scene.randomness import stream
from blueprint.pipeline.scene.relations import Relation, hung
from blueprint.pipeline.scene.scans import ScaleEstimate, ScaleSample, Scan

from .category import Decision, decide_role, is_room_part, set_on_floor
from .gravity import Upright, find_up, rotation_level_scan
from .leveled import LeveledObject, level_object, level_vertices
from .measurements import DistanceMeasurement, Measurement, SizeMeasurement, parse_measurement
from .objects import NamedObject, name_objects, reasons_to_leave_out, stable_ids
from .poses import RecoveredPose
from .props import make_prop
from .room import RoomEvidence, RoomSurface, ceiling_height, fit_room, room_evidence
from .room_planes import room_planes, with_photo
from .scale import camera_sample, ceiling_sample, decide_scale, measured_samples, prior_samples
from .stage import IngestSettings
from .straighten import straightened
from .units import refuse_units_mistake
from .upright import find_lean, leans_on, set_upright
from .world import WorldFrame, lowest_base, photo_camera, place_world

Points = NDArray[np.float64]

MAX_SPREAD = 0.35
"""Beyond this the usual sizes contradict each other and a measurement is worth taking."""

_CANONICAL_UP = np.array([0.0, 1.0, 0.0])
_TILT_REVIEW = "the scene may be tilted: the camera was assumed to be level"


@dataclass(frozen=True, eq=False)
class _Given:
    """All that ingest decides from; `ids` maps the scan's keys to stable ids."""

    raw: RawScan
    settings: IngestSettings
    categories: Categories
    corrections: Corrections
    ids: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class _Ground:
    """Level axes, the height of the floor along them and, where a floor was seen, of the camera above it."""

    R_level_scan: Points
    floor_height: float
    camera_height: float | None


@dataclass(frozen=True, eq=False)
class _Room:
    """What the scan shows of the room, and the surfaces fitted to it, in level axes and scan units."""

    evidence: RoomEvidence | None
    surfaces: tuple[RoomSurface, ...]


def build_scan(record: Path, raw: RawScan, settings: IngestSettings) -> Scan:
    """Decide a scan's poses, gravity, scale and categories; meshes, textures, predictions are written into the record.

    Raises NothingUsable, ScaleUnknown, UnitsMistake, and UnknownName for corrections or measurements of absent objects.
    """
    given = _Given(raw, settings, load_categories(), load_corrections(settings.corrections), stable_ids(raw))
    reasons = reasons_to_leave_out(raw, given.ids, given.categories)
    named = name_objects(raw, given.ids, given.corrections, given.categories, reasons)
    left_out = tuple(LeftOut(name, reason) for name, reason in sorted(reasons.items()))
    if not named:
        listed = [f"{entry.id}: {entry.reason}" for entry in left_out] or ["the scan has no objects"]
        raise NothingUsable("object", listed, remedy="A scene needs at least one object with a sound posed mesh.")
    upright = find_up(raw, _floor_axes(named))
    leveled, ground = _leveled(given, named, upright)
    room = _room(raw, leveled, ground)
    decisions = {entry.id: entry.decision for entry in named}
    if settings.straighten:
        leveled = _set_upright(given, leveled, decisions, ground, room.surfaces)
    scale = _scale(given, leveled, decisions, ground, ceiling_height(room.surfaces))
    world = place_world(ground.R_level_scan, raw.T_scan_camera[:3, 3], ground.floor_height, scale.metres_per_unit)
    props = tuple(_prop(record, given, entry, world, scale, decisions[entry.id], upright) for entry in leveled)
    camera = photo_camera(raw.camera, world)
    solids = [solid_of(prop, [record]) for prop in props]
    planes = room_planes(room.surfaces, room.evidence, world, raw)
    relations = find_relations(solids, planes)
    return Scan(
        id=settings.scene_id,
        format=raw.format,
        props=tuple(_fixed_if_hung(given, prop, relations) for prop in props),
        left_out=left_out,
        scale=scale,
        gravity=upright.estimate,
        camera=camera,
        sample=raw.provenance.sample,
        relations=relations,
        room=with_photo(record, planes, raw, camera, solids),
    )


def failures_of(raw: RawScan) -> list[str]:
    """Return why objects of a scan cannot be used, without the parts of the room, which never become props."""
    categories = load_categories()
    return [f"  {entry.key}: {entry.reason}" for entry in raw.failures if not is_room_part(entry.label, categories)]


def check_scan(scan: Scan) -> list[Check]:
    """Measure what tells whether a scan can be trusted."""
    reliable = 0.0 if scan.gravity.method == "level camera" else 1.0
    spread, why = scan.scale.spread, scan.scale.why
    return [
        check_at_least("usable objects", float(len(scan.props)), 1, unit="objects"),
        check_at_most("objects left out", float(len(scan.left_out)), 0, unit="objects", blocking=False),
        check_at_most("spread of scale evidence", spread, MAX_SPREAD, unit="1", blocking=False, why=why),
        check_at_least("gravity from evidence", reliable, 1, unit="1", blocking=False, why=scan.gravity.why),
    ]


def _floor_axes(named: Sequence[NamedObject]) -> list[Points]:
    return [
        entry.pose.rotation @ _CANONICAL_UP
        for entry in named
        if entry.raw.canonical is not None and (set_on_floor(entry.raw.label) or entry.raw.on_floor)
    ]


def _leveled(given: _Given, named: Sequence[NamedObject], upright: Upright) -> tuple[list[LeveledObject], _Ground]:
    T = given.raw.T_scan_camera
    up = np.asarray(upright.estimate.up_scan)
    R_level_scan = rotation_level_scan(up, -T[:3, 2])
    leveled = [
        level_object(entry.id, entry.raw, _straight(given, entry, T[:3, 1], up), R_level_scan) for entry in named
    ]
    if upright.floor_height is None:
        return leveled, _Ground(R_level_scan, lowest_base(leveled), None)
    camera_height = float(R_level_scan[2] @ T[:3, 3]) - upright.floor_height
    return leveled, _Ground(R_level_scan, upright.floor_height, camera_height)


def _straight(given: _Given, entry: NamedObject, camera_up: Points, up: Points) -> RecoveredPose:
    canonical = entry.raw.canonical
    leans = given.settings.straighten and given.raw.tilts_with_camera and not set_on_floor(entry.raw.label)
    if not leans or canonical is None:
        return entry.pose
    return straightened(entry.pose, canonical.vertices(), camera_up, up) or entry.pose


def _room(raw: RawScan, leveled: Sequence[LeveledObject], ground: _Ground) -> _Room:
    random = stream(0, 0, "room")
    evidence = room_evidence(raw, ground.R_level_scan, ground.floor_height, random)
    if evidence is None:
        return _Room(None, ())
    camera = ground.R_level_scan @ raw.T_scan_camera[:3, 3]
    tops = max(entry.top for entry in leveled)
    return _Room(evidence, fit_room(evidence, ground.floor_height, camera, tops, random))


def _set_upright(
    given: _Given,
    leveled: Sequence[LeveledObject],
    decisions: Mapping[str, Decision],
    ground: _Ground,
    surfaces: Sequence[RoomSurface],
) -> list[LeveledObject]:
    """Return the objects with those set upright that lean by a few degrees with nothing to lean on."""
    R = ground.R_level_scan
    walls = [surface for surface in surfaces if surface.kind == "wall"]
    points = {entry.id: level_vertices(entry.raw, entry.pose, R) for entry in leveled}
    found: list[LeveledObject] = []
    for entry in leveled:
        priors = given.categories.of(decisions[entry.id].category).priors
        lean = find_lean(entry, points[entry.id], R, stands="height" in priors or "top" in priors)
        others = [(name, vertices) for name, vertices in points.items() if name != entry.id]
        if lean is not None and leans_on(lean, points[entry.id], others, walls) is None:
            entry = level_object(entry.id, entry.raw, set_upright(entry, lean, R), R)
        found.append(entry)
    return found


def _fixed_if_hung(given: _Given, prop: Prop, relations: Sequence[Relation]) -> Prop:
    """Return a prop that hangs on a wall or ceiling as furniture, unless a person says what it is for."""
    held = hung(relations, prop.id)
    if held is None or prop.role is not Role.MANIPULABLE or given.corrections.of(prop.id).role is not None:
        return prop
    why = f"it hangs on {held.part} ({held.why}) with nothing below it, so it stays where it is"
    note = f"{prop.provenance.note}; role: {why}"
    return replace(
        prop,
        role=Role.FURNITURE,
        provenance=replace(prop.provenance, note=note),
        review=(*prop.review, f"{why}; correct its role if it should move"),
    )


def _scale(
    given: _Given,
    leveled: Sequence[LeveledObject],
    decisions: Mapping[str, Decision],
    ground: _Ground,
    ceiling: float | None,
) -> ScaleEstimate:
    category_of = {name: decision.category for name, decision in decisions.items()}
    sizes = prior_samples(leveled, category_of, given.categories, ground.floor_height)
    # A scan that declares its unit needs no guess about who held the camera.
    guess = [] if given.raw.declared_metres_per_unit else camera_sample(ground.camera_height or 0.0)
    guess += ceiling_sample(ceiling)
    estimate = decide_scale(
        scene=given.settings.scene_id,
        override=given.settings.metres_per_unit,
        measured=_measured(given, leveled, ground),
        declared=given.raw.declared_metres_per_unit,
        priors=[*sizes, *guess],
        labels=[entry.raw.label for entry in leveled],
    )
    refuse_units_mistake(estimate, sizes, leveled)
    return estimate


def _measured(given: _Given, leveled: Sequence[LeveledObject], ground: _Ground) -> list[ScaleSample]:
    measurements: list[Measurement] = [parse_measurement(text) for text in given.settings.measurements]
    for entry in leveled:
        height_m = given.corrections.of(entry.id).height_m
        if height_m is not None:
            measurements.append(SizeMeasurement(entry.id, "height", height_m))
    samples = measured_samples(measurements, leveled)
    told, seen = given.settings.camera_height_m, ground.camera_height
    if told is not None and seen is not None and seen > 0:
        distance = DistanceMeasurement((0.0, 0.0, 0.0), (0.0, 0.0, seen), told)
        samples += [replace(sample, subject="camera above floor") for sample in measured_samples([distance], leveled)]
    return samples


def _prop(
    record: Path,
    given: _Given,
    entry: LeveledObject,
    world: WorldFrame,
    scale: ScaleEstimate,
    decision: Decision,
    upright: Upright,
) -> Prop:
    size_m = vec3(entry.size * scale.metres_per_unit)
    role = decide_role(decision.category, size_m, given.corrections.of(entry.id), given.categories)
    licence = given.raw.provenance.licence
    prop = make_prop(record, entry, world, scale, decision=decision, role=role, licence=licence)
    return prop if upright.reliable else replace(prop, review=(*prop.review, _TILT_REVIEW))
