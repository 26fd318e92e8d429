"""From what the files say to a metric, upright scan: the order in which ingest's decisions are taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.engine.checks import Check, check_at_least, check_at_most
from blueprint.pipeline.errors import NothingUsable, UnknownName
from blueprint.pipeline.formats.raw_scan import RawObject, RawScan
from blueprint.pipeline.scene.categories import Categories, load_categories
from blueprint.pipeline.scene.corrections import Correction, Corrections, load_corrections
from blueprint.pipeline.scene.poses import vec3
from blueprint.pipeline.scene.props import LeftOut, Prop
from blueprint.pipeline.scene.scans import ScaleEstimate, ScaleSample, Scan
from blueprint.pipeline.scene.slugs import unique_identifiers

from .category import Decision, decide_category, decide_role, is_room_part, set_on_floor
from .gravity import Upright, find_up, rotation_level_scan
from .leveled import LeveledObject, level_object
from .measurements import DistanceMeasurement, Measurement, SizeMeasurement, parse_measurement
from .poses import RecoveredPose, as_placed, recover_pose
from .predictions import placed_prediction
from .props import make_prop
from .scale import camera_sample, decide_scale, measured_samples, prior_samples
from .stage import IngestSettings
from .straighten import straightened
from .units import refuse_units_mistake
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

    def correction(self, entry: RawObject) -> Correction:
        """Return what a person has decided about an object."""
        return self.corrections.of(self.ids[entry.key])


@dataclass(frozen=True, eq=False)
class _Named:
    """An object with the id it has from now on, what it is and where it stands in the scan."""

    id: str
    raw: RawObject
    decision: Decision
    pose: RecoveredPose


@dataclass(frozen=True, eq=False)
class _Ground:
    """Level axes, the height of the floor along them and, where a floor was seen, of the camera above it."""

    R_level_scan: Points
    floor_height: float
    camera_height: float | None


def build_scan(record: Path, raw: RawScan, settings: IngestSettings) -> Scan:
    """Decide a scan's poses, gravity, scale and categories; meshes, textures, predictions are written into the record.

    Raises NothingUsable, ScaleUnknown, UnitsMistake, and UnknownName for corrections or measurements of absent objects.
    """
    ids = unique_identifiers([entry.key for entry in (*raw.objects, *raw.failures)])
    given = _Given(raw, settings, load_categories(), load_corrections(settings.corrections), ids)
    _refuse_unknown(given)
    reasons = _reasons_to_leave_out(given)
    left_out = tuple(LeftOut(name, reason) for name, reason in sorted(reasons.items()))
    named = _named(given, reasons)
    if not named:
        listed = [f"{entry.id}: {entry.reason}" for entry in left_out] or ["the scan has no objects"]
        raise NothingUsable("object", listed, remedy="A scene needs at least one object with a sound posed mesh.")
    upright = find_up(raw, _floor_axes(named))
    leveled, ground = _leveled(given, named, upright)
    decisions = {entry.id: entry.decision for entry in named}
    scale = _scale(given, leveled, decisions, ground)
    world = place_world(ground.R_level_scan, raw.T_scan_camera[:3, 3], ground.floor_height, scale.metres_per_unit)
    props = tuple(_prop(record, given, entry, world, scale, decisions[entry.id], upright) for entry in leveled)
    return Scan(
        id=settings.scene_id,
        format=raw.format,
        props=props,
        left_out=left_out,
        scale=scale,
        gravity=upright.estimate,
        camera=photo_camera(raw.camera, world),
        sample=raw.provenance.sample,
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


def _refuse_unknown(given: _Given) -> None:
    for entry in given.corrections.corrections:
        if entry.object not in given.ids.values():
            raise UnknownName("object", entry.object, given.ids.values(), where="corrections.yaml")


def _reasons_to_leave_out(given: _Given) -> dict[str, str]:
    """Return the ids of what becomes no prop, with the reason; parts of the room are not counted as objects."""
    reasons = {
        given.ids[entry.key]: entry.reason
        for entry in given.raw.failures
        if not is_room_part(entry.label, given.categories)
    }
    for entry in given.raw.objects:
        correction = given.correction(entry)
        because = f": {correction.why}" if correction.why else ""
        if correction.delete:
            reasons[given.ids[entry.key]] = f"deleted by a person{because}"
        elif correction.role == "shell":
            reasons[given.ids[entry.key]] = f"part of the room, says a person{because}"
    return reasons


def _named(given: _Given, left_out: Mapping[str, str]) -> list[_Named]:
    named: list[_Named] = []
    for entry in given.raw.objects:
        correction = given.correction(entry)
        is_thing = correction.category is not None or not is_room_part(entry.label, given.categories)
        if given.ids[entry.key] in left_out or not is_thing:
            continue
        pose = (
            as_placed() if entry.canonical is None else recover_pose(entry.canonical.vertices(), entry.posed.vertices())
        )
        decision = decide_category(entry.label, correction, given.categories)
        named.append(_Named(given.ids[entry.key], placed_prediction(entry, pose), decision, pose))
    return sorted(named, key=lambda entry: entry.id)


def _floor_axes(named: Sequence[_Named]) -> list[Points]:
    return [
        entry.pose.rotation @ _CANONICAL_UP
        for entry in named
        if entry.raw.canonical is not None and (set_on_floor(entry.raw.label) or entry.raw.on_floor)
    ]


def _leveled(given: _Given, named: Sequence[_Named], upright: Upright) -> tuple[list[LeveledObject], _Ground]:
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


def _straight(given: _Given, entry: _Named, camera_up: Points, up: Points) -> RecoveredPose:
    canonical = entry.raw.canonical
    leans = given.settings.straighten and given.raw.tilts_with_camera and not set_on_floor(entry.raw.label)
    if not leans or canonical is None:
        return entry.pose
    return straightened(entry.pose, canonical.vertices(), camera_up, up) or entry.pose


def _scale(
    given: _Given, leveled: Sequence[LeveledObject], decisions: Mapping[str, Decision], ground: _Ground
) -> ScaleEstimate:
    category_of = {name: decision.category for name, decision in decisions.items()}
    sizes = prior_samples(leveled, category_of, given.categories, ground.floor_height)
    # A scan that declares its unit needs no guess about who held the camera.
    guess = [] if given.raw.declared_metres_per_unit else camera_sample(ground.camera_height or 0.0)
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
