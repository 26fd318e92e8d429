"""Check the tables: counts agree, indices run on, time stamps follow the frame rate, every number is finite."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.certify.dataset_files import DatasetFiles, first_bad_row
from blueprint.pipeline.certify.findings import Finding, Verdict
from blueprint.pipeline.formats.lerobot import INFO_PATH

TIMESTAMP_TOLERANCE_S = 1e-4
"""Tolerance of the reference reader."""


def check_counts(dataset: DatasetFiles) -> Verdict:
    """Compare the totals of info.json with the episodes table and with the rows that are there."""
    info, episodes = dataset.info, dataset.episodes
    rows = sum(len(dataset.columns(episode)["index"]) for episode in episodes)
    counted = {
        "total_episodes": len(episodes),
        "total_frames": rows,
        "total_tasks": len({task for episode in episodes for task in episode["tasks"]}),
    }
    findings = [
        Finding("counts", INFO_PATH, f"{name} is {info[name]}, counted {value}")
        for name, value in counted.items()
        if info[name] != value
    ]
    return Verdict("counts", f"{len(episodes)} episodes, {rows} frames", tuple(findings), {"frames": float(rows)})


def check_indices(dataset: DatasetFiles) -> Verdict:
    """Compare indices and time stamps of every row with what the episodes table and the frame rate demand."""
    findings: list[Finding] = []
    first, worst_s = 0, 0.0
    for number, episode in enumerate(dataset.episodes):
        columns = dataset.columns(episode)
        rows = np.arange(episode["length"])
        expected = {"frame_index": rows, "episode_index": np.full_like(rows, number), "index": rows + first}
        for name, values in expected.items():
            findings += _compare_indices(dataset, episode, name, columns[name], values)
        if len(columns["timestamp"]) == len(rows):
            error = np.abs(columns["timestamp"].astype(np.float64) - rows / dataset.fps)
            worst_s = max(worst_s, float(error.max()))
            if (row := first_bad_row(error > TIMESTAMP_TOLERANCE_S)) is not None:
                message = f"time stamp is off by {error[row]:.6f} s"
                findings.append(Finding("time stamps", dataset.data_file(episode), message, number, row))
        first += episode["length"]
    return Verdict("indices and time stamps", f"{first} rows", tuple(findings), {"worst_timestamp_error_s": worst_s})


def check_finite(dataset: DatasetFiles) -> Verdict:
    """Look for numbers that are not finite, and for joint channels that never change."""
    findings: list[Finding] = []
    for number, episode in enumerate(dataset.episodes):
        file = dataset.data_file(episode)
        for name, values in dataset.columns(episode).items():
            if values.dtype.kind != "f":
                continue
            if (row := first_bad_row(~np.isfinite(values))) is not None:
                findings.append(Finding("finite", file, f"{name} is not finite", number, row))
        findings += _dead_channels(dataset, episode, number)
    return Verdict("finite and alive numbers", f"{len(dataset.episodes)} episodes", tuple(findings), {})


def _compare_indices(
    dataset: DatasetFiles, episode: Mapping[str, Any], name: str, found: NDArray[Any], expected: NDArray[Any]
) -> list[Finding]:
    file, number = dataset.data_file(episode), int(episode["episode_index"])
    if len(found) != len(expected):
        return [Finding("indices", file, f"{len(found)} rows, the table says {len(expected)}", number)]
    row = first_bad_row(found != expected)
    if row is None:
        return []
    return [Finding("indices", file, f"{name} is {found[row]}, expected {expected[row]}", number, row)]


def _dead_channels(dataset: DatasetFiles, episode: Mapping[str, Any], number: int) -> list[Finding]:
    """A channel that holds one value for a whole episode was not measured."""
    columns = dataset.columns(episode)
    return [
        Finding("alive", dataset.data_file(episode), f"{name} never changes", number)
        for name in ("observation.state", "observation.velocity", "observation.effort", "action")
        if len(columns[name]) > 1 and not np.ptp(columns[name].astype(np.float64), axis=0).any()
    ]
