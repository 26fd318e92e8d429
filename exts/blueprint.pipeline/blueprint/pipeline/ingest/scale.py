"""Decide the one factor from scan units to metres, from what is known about real sizes.

Order of trust: the recipe's factor; a person's measurements; the scan's declared unit; then all that is usual at once:
sizes of the categories, the height of rooms, the height at which people hold cameras, in a weighted median that a
mis-scaled object or a wrong label cannot carry away. Without any evidence there is no scale, and none is invented.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import erf
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

CEILING_HEIGHT_M, CEILING_HEIGHT_SIGMA = 2.5, 0.06
"""Height of living rooms: 2.4 to 2.7 m are built nearly everywhere."""

RIGHT_WITHIN = 0.10
"""An estimate counts as right when it is at most this far from the truth."""

_MEASURED_WEIGHT = 1e4
_CONFLICT_SIGMAS, _LEAST_CONFLICT = 2.5, 1.2
_SIGMA_OF_MAD = 1.4826
_SIGMA_OF_MEDIAN = 1.2533
_USUAL = "usual size of "


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
                samples.append(_sample(f"{_USUAL}{category_of[entry.id]}", subject, units, usual_m, weight))
    return samples


def camera_sample(camera_height: float) -> list[ScaleSample]:
    """Return what the usual height of a hand-held camera says; nothing where it is not above the floor."""
    if camera_height <= 0:
        return []
    weight = 1.0 / CAMERA_HEIGHT_SIGMA**2
    return [_sample("usual height of a camera", "camera above floor", camera_height, CAMERA_HEIGHT_M, weight)]


def ceiling_sample(ceiling_height: float | None) -> list[ScaleSample]:
    """Return what the usual height of rooms says, where the scan shows both floor and ceiling."""
    if ceiling_height is None or ceiling_height <= 0:
        return []
    weight = 1.0 / (CEILING_HEIGHT_SIGMA**2 + RECONSTRUCTION_SIGMA**2)
    return [_sample("usual height of a room", "floor to ceiling", ceiling_height, CEILING_HEIGHT_M, weight)]


@dataclass(frozen=True, slots=True)
class OwnEvidence:
    """What the evidence of one object, or of the room or camera, says by itself.

    `ratio` is how many times too large (or, below 1, too small) the subject is if the chosen factor is right; `sigma`
    is how far such evidence usually errs.
    """

    subject: str
    ratio: float
    sigma: float

    @property
    def disagrees(self) -> bool:
        """Whether it is further off than it usually errs."""
        off = abs(float(np.log(self.ratio)))
        return off > max(_CONFLICT_SIGMAS * self.sigma, float(np.log(_LEAST_CONFLICT)))


def own_evidence(estimate: ScaleEstimate) -> dict[str, OwnEvidence]:
    """Return what each subject's evidence says by itself, by object id or by the name of what was measured."""
    groups: dict[str, list[ScaleSample]] = {}
    for sample in estimate.samples:
        groups.setdefault(_subject(sample), []).append(sample)
    return {
        subject: OwnEvidence(
            subject,
            estimate.metres_per_unit / weighted_median(samples),
            float(sum(entry.weight for entry in samples)) ** -0.5,
        )
        for subject, samples in groups.items()
    }


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
    return _estimate(factor, "usual sizes", everything, f"weighted median of {len(priors)} usual sizes")


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
    estimate = ScaleEstimate(factor, method, spread, judged, f"{why}{said}")
    own = own_evidence(estimate)
    deciding = [entry for entry in judged if method == "usual sizes" or entry.source == "measurement"]
    confidence = _confidence(factor, deciding) if method in ("usual sizes", "measurement") else None
    conflicts = tuple(_conflict(entry) for entry in own.values() if entry.disagrees)
    return replace(estimate, confidence=confidence, conflicts=conflicts)


def _confidence(factor: float, samples: Sequence[ScaleSample]) -> float:
    """Return the chance that the factor is right within RIGHT_WITHIN, if evidence errs log-normally.

    The standard error is the larger of what the weights promise and what the subjects' deviations show.
    """
    subjects: dict[str, list[ScaleSample]] = {}
    for sample in samples:
        subjects.setdefault(_subject(sample), []).append(sample)
    off = [abs(float(np.log(weighted_median(group) / factor))) for group in subjects.values()]
    promised = float(sum(sample.weight for sample in samples)) ** -0.5
    shown = _SIGMA_OF_MAD * float(np.median(off)) / len(off) ** 0.5
    error = _SIGMA_OF_MEDIAN * max(promised, shown)
    return round(erf(RIGHT_WITHIN / error / 2**0.5), 3)


def _subject(sample: ScaleSample) -> str:
    """Return the object whose size a sample is about, or what else was measured."""
    return sample.subject.rpartition(" ")[0] if sample.source.startswith(_USUAL) else sample.subject


def _conflict(entry: OwnEvidence) -> str:
    size = f"{entry.ratio:.2f} times too large" if entry.ratio > 1 else f"{1 / entry.ratio:.2f} times too small"
    return f"{entry.subject} would be {size}, more than such evidence usually errs ({100 * entry.sigma:.0f} %)"
