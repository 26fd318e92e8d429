"""Read an existing USD scene of any upward axis and unit: its objects become objects of the scan, where they stand."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.provenance import PROVENANCE_FILE

from .mesh_limits import USD_SUFFIXES
from .mesh_reader import MeshFault, read_stage_file
from .placing import level_view, nearest_axis, place
from .provenance import read_provenance
from .raw_scan import RawFailure, RawObject, RawScan
from .raw_stage import RawStage, StageObject

NAME = "usd_scene"
LOOKED_FOR = "a USD scene: one .usd, .usda or .usdc file, or one of several that is called scene, stage, root or world"

_ROOT_NAMES = ("scene", "stage", "root", "world", "main")
_READ = USD_SUFFIXES | {".png", ".jpg", ".jpeg", ".webp", ".tga", ".bmp", ".mdl"}


def score(source: Path) -> float:
    """Return how surely a folder is such a scene: 0 without a root layer, more where its name says so."""
    root = _root_layer(source)
    if root is None:
        return 0.0
    return 0.6 if root.stem.lower() in _root_names(source) else 0.5


def files(source: Path) -> dict[str, Path]:
    """Return the files and folders that `read` may look at, by their name in the scan."""
    return {
        path.name: path
        for path in sorted(source.iterdir())
        if not path.name.startswith(".")
        and (path.is_dir() or path.suffix.lower() in _READ or path.name == PROVENANCE_FILE)
    }


def read(source: Path) -> RawScan:
    """Read a scene; an object that cannot be used is a failure with its reason. Raises ScanError for a whole scene."""
    root = _root_layer(source)
    if root is None:
        raise ScanError(source.name, "has no root layer.", expected=LOOKED_FOR)
    stage = read_stage_file(root, root.name, source)
    if isinstance(stage, MeshFault):
        raise ScanError(root.name, stage.reason.removeprefix(f"{root.name}: "))
    keys = _keys(stage.objects)
    return RawScan(
        format=NAME,
        objects=tuple(_object(keys[entry.path], entry, stage) for entry in stage.objects if entry.mesh is not None),
        failures=tuple(
            RawFailure(keys[entry.path], entry.label, entry.fault) for entry in stage.objects if entry.mesh is None
        ),
        T_scan_camera=level_view(stage.up),
        declared_up=stage.up,
        declared_metres_per_unit=stage.metres_per_unit,
        provenance=read_provenance(source),
        remarks=stage.notes,
    )


def _root_names(source: Path) -> tuple[str, ...]:
    return (*_ROOT_NAMES, source.resolve().name.lower())


def _root_layer(source: Path) -> Path | None:
    layers = sorted(path for path in source.iterdir() if path.suffix.lower() in USD_SUFFIXES and path.is_file())
    named = [path for name in _root_names(source) for path in layers if path.stem.lower() == name]
    if named:
        return named[0]
    return layers[0] if len(layers) == 1 else None


def _keys(objects: Sequence[StageObject]) -> dict[str, str]:
    """Return a key per prim path: the prim's own name, or the whole path where several have that name."""
    counts = Counter(entry.path.rpartition("/")[2] for entry in objects)
    names = {entry.path: entry.path.rpartition("/")[2] for entry in objects}
    return {path: name if counts[name] == 1 else path.strip("/") for path, name in names.items()}


def _object(key: str, entry: StageObject, stage: RawStage) -> RawObject:
    assert entry.mesh is not None
    T = entry.T_stage_object
    # An asset may be modelled with another axis upwards than the stage it stands in.
    own_up = nearest_axis(np.linalg.inv(T[:3, :3]) @ np.asarray(stage.up))
    return place(key, entry.label, entry.mesh, T, own_up)
