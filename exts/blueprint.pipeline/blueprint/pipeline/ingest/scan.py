"""From what the files say to a metric, upright scan: the order in which ingest's decisions are taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from blueprint.pipeline.engine.checks import Check, check_at_least, check_at_most
from blueprint.pipeline.errors import NothingUsable, UnknownName
from blueprint.pipeline.formats.raw_scan import RawObject, RawScan
from blueprint.pipeline.scene.categories import Categories, load_categories
from blueprint.pipeline.scene.corrections import Corrections, load_corrections
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
from .world import lowest_base, photo_camera, place_world

MAX_SPREAD = 0.35
"""Beyond this the usual sizes contradict each other and a measurement is worth taking."""

_CANONICAL_UP = np.array([0.0, 1.0, 0.0])


@dataclass(frozen=True, eq=False)
class _Named:
    """An object with the id it has from now on, what it is and where it stands in the scan."""

    id: str
    raw: RawObject
    decision: Decision
    pose: RecoveredPose


def build_scan(record: Path, raw: RawScan, settings: IngestSettings) -> Scan:
    """Decide a scan's poses, gravity, scale and categories; meshes, textures and predictions are written into the record.

    Raises NothingUsable, ScaleUnknown, UnitsMistake, and UnknownName for a correction or measurement of an absent object.
    """
    categories, corrections = load_categories(), load_corrections(settings.corrections)
    ids = unique_identifiers([entry.key for entry in (*raw.objects, *raw.failures)])
    _refuse_unknown(corrections, ids)
    left_out = [
        *(LeftOut(ids[entry.key], entry.reason) for entry in raw.failures if not is_room_part(entry.label, categories)),
        *(LeftOut(ids[key], why) for key, why in _deleted(raw, ids, corrections).items()),
    ]
    named = _named(raw, ids, corrections, categories)
    if not named:
        reasons = [f"{entry.id}: {entry.reason}" for entry in left_out] or ["the scan has no objects"]
        raise NothingUsable("object", reasons, remedy="A scene needs at least one object with a sound posed mesh.")
    upright = find_up(raw, _floor_axes(named))
    up = np.asarray(upright.estimate.up_scan)
    R_level_scan = rotation_level_scan(up, -raw.T_scan_camera[:3, 2])
    leveled = [_leveled(entry, raw, settings, up, R_level_scan) for entry in named]
    floor = lowest_base(leveled) if upright.floor_height is None else upright.floor_height
    decisions = {entry.id: entry.decision for entry in named}
    camera_height = float((R_level_scan @ raw.T_scan_camera[:3, 3])[2]) - floor
    has_floor = upright.floor_height is not None and raw.declared_up is None
    scale = _scale(
        raw, settings, corrections, leveled, decisions, categories, floor, camera_height if has_floor else 0.0
    )
    world = place_world(R_level_scan, raw.T_scan_camera[:3, 3], floor, scale.metres_per_unit)
    props = [
        make_prop(
            record, entry, world, decisions[entry.id], _role(entry, decisions, corrections, categories, scale), scale
        )
        for entry in leveled
    ]
    return Scan(
        id=settings.scene_id,
        format=raw.format,
        props=tuple(_with_gravity_review(prop, upright) for prop in props),
        left_out=tuple(sorted(left_out, key=lambda entry: entry.id)),
        scale=scale,
        gravity=upright.estimate,
        camera=photo_camera(raw.camera, world),
    )


def failures_of(raw: RawScan) -> list[str]:
    """Return why objects of a scan cannot be used, without the parts of the room, which never become props."""
    categories = load_categories()
    return [f"  {entry.key}: {entry.reason}" for entry in raw.failures if not is_room_part(entry.label, categories)]


def check_scan(scan: Scan) -> list[Check]:
    """Measure what tells whether a scan can be trusted."""
    left_out = float(len(scan.left_out))
    reliable = 0.0 if scan.gravity.method == "level camera" else 1.0
    return [
        check_at_least("usable objects", float(len(scan.props)), 1, unit="objects"),
        check_at_most("objects left out", left_out, 0, unit="objects", blocking=False),
        check_at_most(
            "spread of scale evidence", scan.scale.spread, MAX_SPREAD, unit="1", blocking=False, why=scan.scale.why
        ),
        check_at_least("gravity from evidence", reliable, 1, unit="1", blocking=False, why=scan.gravity.why),
    ]


def _refuse_unknown(corrections: Corrections, ids: Mapping[str, str]) -> None:
    for entry in corrections.corrections:
        if entry.object not in ids.values():
            raise UnknownName("object", entry.object, ids.values(), where="corrections.yaml")


def _deleted(raw: RawScan, ids: Mapping[str, str], corrections: Corrections) -> dict[str, str]:
    chosen = {entry.key: corrections.of(ids[entry.key]) for entry in raw.objects}
    return {
        key: "deleted by a person" + (f": {correction.why}" if correction.why else "")
        for key, correction in chosen.items()
        if correction.delete
    }


def _named(raw: RawScan, ids: Mapping[str, str], corrections: Corrections, categories: Categories) -> list[_Named]:
    named: list[_Named] = []
    for entry in raw.objects:
        correction = corrections.of(ids[entry.key])
        decision = decide_category(entry.label, correction, categories)
        in_room = correction.category is not None or not is_room_part(entry.label, categories)
        if in_room and not correction.delete:
            placed = (
                as_placed()
                if entry.canonical is None
                else recover_pose(entry.canonical.vertices(), entry.posed.vertices())
            )
            named.append(_Named(ids[entry.key], placed_prediction(entry, placed), decision, placed))
    return sorted(named, key=lambda entry: entry.id)


def _floor_axes(named: Sequence[_Named]) -> list[np.ndarray]:
    return [
        entry.pose.rotation @ _CANONICAL_UP
        for entry in named
        if entry.raw.canonical is not None and (set_on_floor(entry.raw.label) or entry.raw.on_floor)
    ]


def _leveled(
    entry: _Named, raw: RawScan, settings: IngestSettings, up: np.ndarray, R_level_scan: np.ndarray
) -> LeveledObject:
    pose, canonical = entry.pose, entry.raw.canonical
    if settings.straighten and raw.tilts_with_camera and canonical is not None and not set_on_floor(entry.raw.label):
        pose = straightened(pose, canonical.vertices(), raw.T_scan_camera[:3, 1], up) or pose
    return level_object(entry.id, entry.raw, pose, R_level_scan)


def _scale(
    raw: RawScan,
    settings: IngestSettings,
    corrections: Corrections,
    leveled: Sequence[LeveledObject],
    decisions: Mapping[str, Decision],
    categories: Categories,
    floor: float,
    camera_height: float,
) -> ScaleEstimate:
    category_of = {name: decision.category for name, decision in decisions.items()}
    sizes = prior_samples(leveled, category_of, categories, floor)
    estimate = decide_scale(
        scene=settings.scene_id,
        override=settings.metres_per_unit,
        measured=_measured(settings, corrections, leveled, camera_height),
        declared=raw.declared_metres_per_unit,
        priors=[*sizes, *camera_sample(camera_height)],
        labels=[entry.raw.label for entry in leveled],
    )
    refuse_units_mistake(estimate, sizes, leveled)
    return estimate


def _measured(
    settings: IngestSettings, corrections: Corrections, leveled: Sequence[LeveledObject], camera_height: float
) -> list[ScaleSample]:
    given: list[Measurement] = [parse_measurement(text) for text in settings.measurements]
    for entry in leveled:
        height_m = corrections.of(entry.id).height_m
        if height_m is not None:
            given.append(SizeMeasurement(entry.id, "height", height_m))
    samples = measured_samples(given, leveled)
    if settings.camera_height_m is not None and camera_height > 0:
        points = DistanceMeasurement((0.0, 0.0, 0.0), (0.0, 0.0, camera_height), settings.camera_height_m)
        samples += [replace(sample, subject="camera above floor") for sample in measured_samples([points], leveled)]
    return samples


def _role(
    entry: LeveledObject,
    decisions: Mapping[str, Decision],
    corrections: Corrections,
    categories: Categories,
    scale: ScaleEstimate,
):
    size_m = vec3(entry.size * scale.metres_per_unit)
    return decide_role(decisions[entry.id].category, size_m, corrections.of(entry.id), categories)


def _with_gravity_review(prop: Prop, upright: Upright) -> Prop:
    if upright.reliable:
        return prop
    return replace(prop, review=(*prop.review, "the scene may be tilted: the camera was assumed to be level"))
