"""Read foreign JSON objects field by field; every fault names file and field."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.errors import ScanError

MAX_NUMBER = 1e9
"""No pose, camera or size of a scan holds a larger number; products of such ones stay far from overflow."""

_MAX_JSON_BYTES = 1 << 22


def read_json_object(path: Path, name: str) -> dict[str, Any]:
    if not path.is_file():
        raise ScanError(name, "is missing.", expected="a JSON object")
    if path.stat().st_size > _MAX_JSON_BYTES:
        raise ScanError(name, f"has {path.stat().st_size} bytes.", expected=f"at most {_MAX_JSON_BYTES}")
    try:
        data = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ScanError(name, f"is not JSON ({error}).", expected="a JSON object") from error
    if not isinstance(data, dict):
        raise ScanError(name, f"holds a {type(data).__name__}.", expected="a JSON object")
    return data


def read_numbers(data: dict[str, Any], field: str, shape: tuple[int, ...], name: str) -> NDArray[np.float64]:
    try:
        values = np.array(data.get(field), dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ScanError(name, f"{field} holds no numbers.", expected=f"numbers of shape {shape}") from error
    if values.shape != shape or not (np.abs(values) <= MAX_NUMBER).all():
        problem = f"{field} has shape {values.shape} or is not finite and moderate."
        raise ScanError(name, problem, expected=f"numbers of shape {shape}")
    return values


def read_positive(data: dict[str, Any], field: str, name: str) -> float | None:
    value = data.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < MAX_NUMBER:
        raise ScanError(name, f"{field} is {value!r}.", expected="a number above zero")
    return float(value)


def read_share(data: dict[str, Any], field: str, default: float, name: str) -> float:
    value = data.get(field, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ScanError(name, f"{field} is {str(value)[:40]!r}.", expected="a number from 0 to 1")
    return float(value)
