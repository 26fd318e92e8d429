"""Check the statistics: what readers normalise by is measured again on the rows and on the decoded pictures."""

from collections.abc import Mapping
from importlib import metadata
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.certify.dataset_files import DatasetFiles
from blueprint.pipeline.certify.digests import read_certificate
from blueprint.pipeline.certify.findings import Finding, Verdict
from blueprint.pipeline.engine.keys import cpu_class
from blueprint.pipeline.formats.lerobot import EPISODES_FOLDER, STATS_PATH, read_statistics
from blueprint.pipeline.formats.lerobot_statistics import (
    Measures,
    column_statistics,
    image_statistics,
    table_statistics,
)

TOLERANCE = 1e-6
"""Relative to the largest value of a column; another processor adds up in another order."""
OTHER_DECODER_TOLERANCE = 5e-4
"""Of the range 0 to 1; decoders turn luma and chroma into RGB with roundings of their own."""
SAME_DECODER_TOLERANCE = 1e-9
"""The decoder and the class of processor that measured the statistics give the same pixels again."""
_DECODER = "opencv-python-headless"
_PER_EPISODE = "stats/{}/{}"


def check_statistics(dataset: DatasetFiles) -> Verdict:
    """Measure every column of every episode, and of all of them, and compare with what the tables say."""
    findings: list[Finding] = []
    gathered: dict[str, list[NDArray[Any]]] = {}
    # Where numbers are not finite, that is what is found, by another check.
    spoiled: set[str] = set()
    for number, episode in enumerate(dataset.episodes):
        columns = {name: values for name, values in dataset.columns(episode).items() if name in dataset.features}
        spoiled |= {name for name, values in columns.items() if not np.isfinite(values).all()}
        for name, measures in table_statistics(_without(columns, spoiled)).items():
            claimed = {measure: episode.get(_PER_EPISODE.format(name, measure)) for measure in measures}
            findings += _differences(name, measures, claimed, TOLERANCE, EPISODES_FOLDER, number)
            gathered.setdefault(name, []).append(columns[name])
    claims = read_statistics(dataset.root)
    for name, parts in _without(gathered, spoiled).items():
        measures = column_statistics(np.concatenate(parts))
        findings += _differences(name, measures, claims.get(name, {}), TOLERANCE, STATS_PATH)
    return Verdict("statistics", f"{len(gathered)} columns", tuple(findings), {})


def image_tolerance(dataset: DatasetFiles) -> float:
    """Return how far decoded pictures may be from their statistics, by who measured those, says the certificate."""
    lineage = (read_certificate(dataset.root) or {}).get("lineage", [])
    maker = next((entry for entry in lineage if entry["stage"] == "export"), {})
    same = maker.get("cpu") == cpu_class() and maker.get("tools", {}).get(_DECODER) == metadata.version(_DECODER)
    return SAME_DECODER_TOLERANCE if same else OTHER_DECODER_TOLERANCE


def compare_images(
    histogram: NDArray[np.int64],
    claimed: Mapping[str, Any],
    tolerance: float,
    *,
    video: str,
    file: str,
    episode: int | None = None,
) -> list[Finding]:
    """Compare mean and spread of decoded pictures, given as a histogram (3, 256), with what a table says."""
    if not histogram.any():
        return []
    measures = image_statistics(histogram, frame_count=0)
    chosen = {name: measures[name] for name in ("mean", "std")}
    return _differences(video, chosen, claimed, tolerance, file, episode)


def episode_claims(episode: Mapping[str, Any], feature: str) -> dict[str, Any]:
    """Return what a row of the episodes table says of one feature's statistics."""
    start = _PER_EPISODE.format(feature, "")
    return {name.removeprefix(start): value for name, value in episode.items() if name.startswith(start)}


def _without[T](columns: Mapping[str, T], names: set[str]) -> dict[str, T]:
    return {name: values for name, values in columns.items() if name not in names}


def _differences(
    feature: str,
    measures: Measures,
    claimed: Mapping[str, Any],
    tolerance: float,
    file: str,
    episode: int | None = None,
) -> list[Finding]:
    findings: list[Finding] = []
    for name, measured in measures.items():
        said = claimed.get(name)
        if said is None:
            findings.append(Finding("statistics", file, f"{feature} has no {name}", episode))
            continue
        values, expected = np.asarray(said, np.float64).ravel(), np.asarray(measured, np.float64).ravel()
        bound = tolerance * max(1.0, float(np.abs(expected).max(initial=0.0)))
        if values.shape != expected.shape or not (np.abs(values - expected) <= bound).all():
            message = f"{name} of {feature} is {_short(values)}, measured {_short(expected)}"
            findings.append(Finding("statistics", file, message, episode))
    return findings


def _short(values: NDArray[np.float64]) -> str:
    return "[" + ", ".join(f"{value:.6g}" for value in values[:8]) + (", ...]" if len(values) > 8 else "]")
