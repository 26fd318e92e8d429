"""Read the poses that may lie beside a folder of meshes: poses.json, poses.yaml or poses.csv.

A pose maps the vertices as the mesh file stores them to the common frame: p' = R @ (scale * p) + position for columns.
"""

import csv
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.poses import Vec3, rotation_from_quat

from .json_fields import MAX_NUMBER
from .placing import check_placement
from .raw_scan import Points

NAMES = ("poses.json", "poses.yaml", "poses.yml", "poses.csv")

_UPS: dict[str, Vec3] = {"X": (1.0, 0.0, 0.0), "Y": (0.0, 1.0, 0.0), "Z": (0.0, 0.0, 1.0)}
_MAX_BYTES = 1 << 22
_MAX_DEPTH = 32
_FIELDS = ("position", "quat_wxyz", "scale", "transform", "label")
_COLUMNS = ("name", "x", "y", "z", "qw", "qx", "qy", "qz", "scale", "label")


@dataclass(frozen=True, eq=False)
class MeshPose:
    """Where one mesh stands, and what it is called; without a label its file's name decides."""

    T_scan_mesh: Points
    label: str = ""


@dataclass(frozen=True, eq=False)
class Poses:
    """What a poses file says; `faults` are the reasons why single objects of it cannot be used."""

    up: Vec3 | None = None
    metres_per_unit: float | None = None
    of: Mapping[str, MeshPose] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)


def find_poses(source: Path) -> Path | None:
    """Return the poses file of a folder, if it has one."""
    return next((source / name for name in NAMES if (source / name).is_file()), None)


def read_poses(path: Path) -> Poses:
    """Read a poses file; raises ScanError for the whole file, and lists what is wrong with single objects."""
    name = path.name
    if path.stat().st_size > _MAX_BYTES:
        raise ScanError(name, f"has {path.stat().st_size} bytes.", expected=f"at most {_MAX_BYTES}")
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = _parsed(text, path.suffix.lower(), name)
    except (ValueError, RecursionError, yaml.YAMLError, csv.Error) as error:
        said = " ".join(str(error).split())[:200]
        raise ScanError(name, f"cannot be read ({said}).", expected="JSON, YAML or CSV") from error
    if not isinstance(data, dict) or not isinstance(data.get("objects"), dict):
        raise ScanError(name, "has no objects.", expected="a mapping `objects` from mesh name to pose")
    found: dict[str, MeshPose] = {}
    faults: dict[str, str] = {}
    for key, entry in data["objects"].items():
        try:
            found[str(key)] = _pose(entry, f"{name}: {key}")
        except ScanError as error:
            faults[str(key)] = str(error)
    return Poses(_up(data, name), _unit(data, name), found, faults)


def _parsed(text: str, suffix: str, name: str) -> Any:
    if suffix == ".json":
        return json.loads(text, object_pairs_hook=_unique_pairs)
    return _from_csv(text, name) if suffix == ".csv" else _from_yaml(text)


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = sorted(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
    if twice:
        raise ValueError(f"{', '.join(twice[:5])} is there twice")
    return dict(pairs)


class _UniqueLoader(yaml.SafeLoader):
    """Plain YAML without anchors, which multiply, and without names that are given twice."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse aliases, and nests deeper than any pose needs."""
        if self.check_event(yaml.events.AliasEvent):
            raise ValueError("it uses an alias")
        self._depth = getattr(self, "_depth", 0) + 1
        if self._depth > _MAX_DEPTH:
            raise ValueError(f"it is nested deeper than {_MAX_DEPTH}")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Build a mapping after checking its names."""
        return _unique_pairs([(str(self.construct_object(key, True)), self.construct_object(value, True))
                              for key, value in node.value])  # fmt: skip


_UniqueLoader.add_constructor("tag:yaml.org,2002:map", _UniqueLoader.construct_mapping)


def _from_yaml(text: str) -> Any:
    loader = _UniqueLoader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _from_csv(text: str, name: str) -> dict[str, Any]:
    """Return the rows as the other two kinds have them; `# up_axis: Z` and the like stand above the header."""
    lines = text.splitlines()
    heads = [line.lstrip("# ").partition(":") for line in lines if line.startswith("#")]
    data: dict[str, Any] = {key.strip(): value.strip() for key, _, value in heads}
    rows = csv.DictReader([line for line in lines if line.strip() and not line.startswith("#")], strict=True)
    unknown = sorted(set(rows.fieldnames or ()) - set(_COLUMNS))
    if unknown or not {"name", "x", "y", "z"} <= set(rows.fieldnames or ()):
        raise ScanError(name, f"has columns {', '.join(rows.fieldnames or ()) or 'none'}.",
                        expected=f"name, x, y, z and any of {', '.join(_COLUMNS[4:])}")  # fmt: skip
    pairs = [(str(row["name"]), _from_row(row)) for row in rows]
    data["objects"] = _unique_pairs(pairs)
    return data


def _from_row(row: Mapping[str, str | None]) -> dict[str, Any]:
    entry: dict[str, Any] = {"position": [row["x"], row["y"], row["z"]]}
    if row.get("qw"):
        entry["quat_wxyz"] = [row.get(name) for name in ("qw", "qx", "qy", "qz")]
    return entry | {name: row[name] for name in ("scale", "label") if row.get(name)}


def _up(data: Mapping[str, Any], name: str) -> Vec3 | None:
    axis = data.get("up_axis")
    if axis is None:
        return None
    if not isinstance(axis, str) or axis.upper() not in _UPS:
        raise ScanError(name, f"up_axis is {str(axis)[:40]!r}.", expected="'X', 'Y' or 'Z'")
    return _UPS[axis.upper()]


def _unit(data: Mapping[str, Any], name: str) -> float | None:
    value = data.get("metres_per_unit")
    if value is None:
        return None
    number = _numbers(value, (), f"{name}: metres_per_unit")
    if not 0 < float(number) < 1e9:
        raise ScanError(name, f"metres_per_unit is {str(value)[:40]!r}.", expected="a number above zero")
    return float(number)


def _pose(entry: Any, name: str) -> MeshPose:
    if not isinstance(entry, dict) or set(entry) - set(_FIELDS):
        found = ", ".join(sorted(map(str, entry)))[:200] if isinstance(entry, dict) else type(entry).__name__
        raise ScanError(name, f"is {found}.", expected=f"any of {', '.join(_FIELDS)}")
    if "transform" in entry and set(entry) & {"position", "quat_wxyz", "scale"}:
        raise ScanError(name, "has both a transform and parts of one.", expected="one of them")
    T = np.eye(4)
    if "transform" in entry:
        T = _numbers(entry["transform"], (4, 4), f"{name}: transform")
    else:
        quat = _numbers(entry.get("quat_wxyz", (1, 0, 0, 0)), (4,), f"{name}: quat_wxyz")
        if float(np.linalg.norm(quat)) < 1e-6:
            raise ScanError(name, "quat_wxyz has length 0.", expected="a quaternion, real part first")
        scale = entry.get("scale", 1.0)
        is_list = isinstance(scale, list | tuple)
        scales = np.broadcast_to(_numbers(scale, (3,) if is_list else (), f"{name}: scale"), 3)
        T[:3, :3] = rotation_from_quat(quat) * scales
        T[:3, 3] = _numbers(entry.get("position", (0, 0, 0)), (3,), f"{name}: position")
    check_placement(T, name)
    label = entry.get("label", "")
    if not isinstance(label, str):
        raise ScanError(name, f"label is {str(label)[:40]!r}.", expected="a text")
    return MeshPose(T, label.strip())


def _numbers(value: Any, shape: tuple[int, ...], name: str) -> Points:
    try:
        numbers = np.array(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ScanError(name, "holds no numbers.", expected=f"numbers of shape {shape}") from error
    if numbers.shape != shape or not (np.abs(numbers) <= MAX_NUMBER).all():
        problem = f"has shape {numbers.shape} or is not finite and moderate."
        raise ScanError(name, problem, expected=f"numbers of shape {shape}")
    return numbers
