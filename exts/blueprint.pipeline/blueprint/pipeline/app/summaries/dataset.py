"""Summarise an exported dataset, as it says of itself; `blueprint verify` is what checks it."""

import json
from pathlib import Path
from typing import Any

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.formats.lerobot import INFO_PATH, read_info

from .summary import Summary

CERTIFICATE_PATH = "certificate/certificate.json"
FORMAT_VERSION = 1


def summarise_dataset(root: Path) -> Summary:
    """Return what a dataset claims to hold; raises ScanError where it is of a version that is not read."""
    info, certificate = read_info(root), _certificate(root)
    cameras = [name for name, spec in info["features"].items() if spec["dtype"] == "video"]
    length_s = info["total_frames"] / info["fps"]
    rows = [
        ("content", f"{info['total_episodes']} episodes, {info['total_frames']} frames, {length_s:.1f} s"),
        ("robot", str(info.get("robot_type"))),
        ("cameras", ", ".join(cameras) or "none"),
        ("features", ", ".join(name for name in info["features"] if name not in cameras)),
        ("grade", certificate["grade"] if certificate else "no certificate"),
    ]
    if certificate:
        rows += [("because", reason) for reason in certificate["reasons_for_test_data"]]
        rows += [("gate", _gate(gate)) for gate in certificate["gates"]]
    data = {
        "kind": "dataset",
        "codebase_version": info["codebase_version"],
        "episodes": info["total_episodes"],
        "frames": info["total_frames"],
        "fps": info["fps"],
        "robot_type": info.get("robot_type"),
        "cameras": cameras,
        "features": info["features"],
        "grade": certificate["grade"] if certificate else None,
        "gates": certificate["gates"] if certificate else [],
        "replayable": certificate["replayable"] if certificate else None,
    }
    return Summary("dataset", f"a LeRobot dataset, {info['codebase_version']}", tuple(rows), data)


def _gate(gate: dict[str, Any]) -> str:
    value = "not measured" if gate["value"] is None else f"{gate['value']:.4g}"
    return f"{gate['figure']}: {value} ({gate['limit']}) {'passed' if gate['passed'] else 'FAILED'}"


def _certificate(root: Path) -> dict[str, Any] | None:
    path = root / CERTIFICATE_PATH
    if not path.is_file():
        return None
    try:
        certificate = json.loads(path.read_bytes())
    except json.JSONDecodeError as error:
        raise ScanError(
            CERTIFICATE_PATH, f"is not JSON: {error}", expected=f"what was written beside {INFO_PATH}"
        ) from error
    if certificate["version"] > FORMAT_VERSION:
        raise ScanError(CERTIFICATE_PATH, f"version {certificate['version']} is newer than this program",
                        expected="an upgrade")  # fmt: skip
    return certificate
