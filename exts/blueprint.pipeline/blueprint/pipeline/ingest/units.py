"""Refuse a scene whose unit is mistaken, such as centimetres that were called metres."""

from collections.abc import Sequence

import numpy as np

from blueprint.pipeline.errors import InputError
from blueprint.pipeline.scene.scans import ScaleEstimate, ScaleSample

from .leveled import LeveledObject
from .scale import weighted_median

MAX_RATIO = 5.0
"""No household thing is this many times larger or smaller than is usual for its kind."""
MAX_SCENE_M, MIN_SCENE_M = 50.0, 0.02
"""Nothing that one photo of a room shows is larger or smaller than this as a whole."""


class UnitsMistake(InputError):
    """The scale makes the scene absurdly large or small."""

    def __init__(self, findings: Sequence[str], scale: ScaleEstimate, likely: float | None) -> None:
        right = f" About {likely:.3g} metres per unit would be right." if likely else ""
        super().__init__(
            f"the scene's unit is mistaken: {'; '.join(findings)}. "
            f"The factor in use is {scale.metres_per_unit:.6g} metres per unit, from {scale.why}.{right} "
            "Correct scene_info.json's meters_per_unit, ingest.metres_per_unit or ingest.measurements."
        )


def refuse_units_mistake(scale: ScaleEstimate, priors: Sequence[ScaleSample], objects: Sequence[LeveledObject]) -> None:
    """Raise UnitsMistake when the usual sizes, or the extent of the whole scene, contradict the chosen scale."""
    findings: list[str] = []
    likely = weighted_median(priors) if priors else None
    if likely is not None:
        ratio = scale.metres_per_unit / likely
        if not 1 / MAX_RATIO <= ratio <= MAX_RATIO:
            findings.append(f"its things are {_times(ratio)} than is usual, {_example(scale, priors)}")
    extent_m = _extent(objects) * scale.metres_per_unit
    if extent_m > MAX_SCENE_M or extent_m < MIN_SCENE_M:
        findings.append(f"it measures {extent_m:.3g} m across, where {MIN_SCENE_M} to {MAX_SCENE_M:g} m are possible")
    if findings:
        raise UnitsMistake(findings, scale, likely)


def _times(ratio: float) -> str:
    return f"{ratio:.3g} times larger" if ratio > 1 else f"{1 / ratio:.3g} times smaller"


def _example(scale: ScaleEstimate, priors: Sequence[ScaleSample]) -> str:
    heaviest = max(priors, key=lambda entry: entry.weight)
    is_m = heaviest.measured_units * scale.metres_per_unit
    return f"{heaviest.subject} {is_m:.3g} m instead of {heaviest.expected_m:.3g} m"


def _extent(objects: Sequence[LeveledObject]) -> float:
    if not objects:
        return 0.0
    reach = np.array([np.linalg.norm(entry.size[:2]) / 2 for entry in objects])
    bases = np.stack([entry.base for entry in objects])
    low = np.concatenate([(bases[:, :2] - reach[:, None]).min(axis=0), bases[:, 2:].min(axis=0)])
    tops = np.array([[entry.top] for entry in objects])
    high = np.concatenate([(bases[:, :2] + reach[:, None]).max(axis=0), tops.max(axis=0)])
    return float((high - low).max())
