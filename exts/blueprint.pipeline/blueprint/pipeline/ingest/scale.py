"""Decide the one factor from scan units to metres, from what is known about real sizes.

Order of trust: the recipe's factor; a person's measurements; the scan's declared unit; usual sizes of the categories,
as a weighted median that a mis-scaled object or a wrong label cannot carry away. Without any evidence there is no
scale, and none is invented.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

import numpy as np

from blueprint.pipeline.errors import InputError, UnknownName
from blueprint.pipeline.scene.categories import Categories
from blueprint.pipeline.scene.scans import ScaleEstimate, ScaleSample

from .leveled import LeveledObject
from .measurements import DistanceMeasurement, Measurement

RECONSTRUCTION_SIGMA = 0.10
"""Each object of a reconstruction is scaled on its own, so even a perfectly known size says only this much."""

CAMERA_HEIGHT_M, CAMERA_HEIGHT_SIGMA = 1.5, 0.35
"""Height of a hand-held camera above the floor; people also sit, and use tripods and shelves."""

_MEASURED_WEIGHT = 1e4


class ScaleUnknown(InputError):
    """Nothing in the scan or the recipe tells how long a unit is."""

    def __init__(self, scene: str, labels: Sequence[str]) -> None:
        super().__init__(
            f"{scene}: nothing tells how long a unit of this scan is: no category with a usual size among "
            f"{', '.join(sorted(set(labels))) or 'no objects'}, no declared unit, no floor under the camera. "
            "Measure one thing and give it as ingest.measurements, or give ingest.metres_per_unit."
        )


def measured_samples(
    measurements: Sequence[Measurement], objects: Sequence[LeveledObject], source: str = "measurement"
) -> list[ScaleSample]:
    """Return what a person's measurements say; raises UnknownName for an object that the scan does not have."""
    by_id = {entry.id: entry for entry in objects}
    samples: list[ScaleSample] = []
    for entry in measurements:
        if isinstance(entry, DistanceMeasurement):
            subject = "distance between two points"
            units = float(np.linalg.norm(np.subtract(entry.end, entry.start)))
        else:
            if entry.object_id not in by_id:
                raise UnknownName("object", entry.object_id, by_id, where="ingest.measurements")
            subject = f"{entry.object_id} {entry.dimension}"
            units = by_id[entry.object_id].dimension(entry.dimension)
        if units <= 0:
            raise InputError(f"ingest.measurements: {subject} has no extent in the scan; measure something that has")
        samples.append(_sample(source, subject, units, entry.metres, _MEASURED_WEIGHT))
    return samples


def prior_samples(
    objects: Sequence[LeveledObject], category_of: Mapping[str, str], categories: Categories, floor_height: float
) -> list[ScaleSample]:
    """Return what the usual sizes of the objects' categories say; an object's sizes share its weight."""
    samples: list[ScaleSample] = []
    for entry in objects:
        priors = categories.of(category_of[entry.id]).priors
        for dimension, (usual_m, sigma) in priors.items():
            units = entry.top - floor_height if dimension == "top" else entry.dimension(dimension)
            if units > 0:
                weight = 1.0 / (sigma**2 + RECONSTRUCTION_SIGMA**2) / len(priors)
                subject = f"{entry.id} {dimension}"
                samples.append(_sample(f"usual size of {category_of[entry.id]}", subject, units, usual_m, weight))
    return samples


def camera_sample(camera_height: float) -> list[ScaleSample]:
    """Return what the usual height of a hand-held camera says; nothing where it is not above the floor."""
    if camera_height <= 0:
        return []
    weight = 1.0 / CAMERA_HEIGHT_SIGMA**2
    return [_sample("usual height of a camera", "camera above floor", camera_height, CAMERA_HEIGHT_M, weight)]


def decide_scale(
    *,
    scene: str,
    override: float | None,
    measured: Sequence[ScaleSample],
    declared: float | None,
    priors: Sequence[ScaleSample],
    labels: Sequence[str],
) -> ScaleEstimate:
    """Return the scale with all its evidence; `spread` compares that evidence with the factor that was chosen."""
    everything = [*measured, *priors]
    if override is not None:
        return _estimate(override, "override", everything, "the recipe's ingest.metres_per_unit")
    if measured:
        factor = weighted_median(measured)
        return _estimate(factor, "measurement", everything, f"{len(measured)} measurement(s) by a person")
    if declared is not None:
        return _estimate(declared, "declared", everything, "the unit that the scan declares")
    if not priors:
        raise ScaleUnknown(scene, labels)
    factor = weighted_median(priors)
    method = "usual sizes"
    return _estimate(factor, method, everything, f"weighted median of {len(priors)} usual sizes")


def weighted_median(samples: Sequence[ScaleSample]) -> float:
    """Return the factor with half the weight on either side, interpolated between samples on a logarithmic scale."""
    ordered = sorted(samples, key=attrgetter("metres_per_unit"))
    logs = np.log([entry.metres_per_unit for entry in ordered])
    weights = np.array([entry.weight for entry in ordered])
    middles = (np.cumsum(weights) - weights / 2) / weights.sum()
    return float(np.exp(np.interp(0.5, middles, logs)))


def _sample(source: str, subject: str, units: float, metres: float, weight: float) -> ScaleSample:
    return ScaleSample(source, subject, units, metres, metres / units, weight)


def _estimate(factor: float, method: str, samples: Sequence[ScaleSample], why: str) -> ScaleEstimate:
    judged = tuple(replace(entry, outlier_ratio=entry.metres_per_unit / factor) for entry in samples)
    spread = float(np.median([abs(entry.outlier_ratio - 1.0) for entry in judged])) if judged else None
    said = "" if spread is None else f"; the evidence lies within {100 * spread:.0f} % of it (median)"
    return ScaleEstimate(factor, method, spread, judged, f"{why}{said}")
