"""Read a Particulate prediction: pred.npz (parts, joints, ranges) and pred.obj (the mesh it speaks of).

pred.obj is in the frame of the mesh that was given to Particulate. The joints are in a normalised frame that is stored
nowhere: the mesh turned to Z up ((x, y, z) to (x, -z, y)), centred on its box, divided by the largest extent. It is
computed again here.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.poses import vec3
from blueprint.pipeline.scene.predictions import PartPrediction, PredictedJoint

from .raw_scan import Points, RawMesh
from .safe_arrays import read_arrays

NPZ_FILE, OBJ_FILE = "pred.npz", "pred.obj"

_FIELDS = (
    "face_part_ids",
    "motion_hierarchy",
    "is_part_revolute",
    "is_part_prismatic",
    "revolute_plucker",
    "revolute_range",
    "prismatic_axis",
    "prismatic_range",
)
_MAX_PARTS = 64
_MIN_AXIS, _MAX_LINE = 1e-6, 1e6
_TO_Z_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])


def find_prediction(folders: list[Path]) -> Path | None:
    """Return the folder of a prediction, the first of `folders` (or its `eval/`) that holds pred.npz."""
    candidates = [place for folder in folders for place in (folder / "eval", folder)]
    return next((place for place in candidates if (place / NPZ_FILE).is_file()), None)


def read_prediction(folder: Path, mesh: RawMesh, name: str) -> PartPrediction:
    """Read a prediction into the frame of pred.obj, whose mesh is passed in; raises ScanError naming field and file."""
    npz_name = f"{name}/{NPZ_FILE}"
    arrays = read_arrays(folder / NPZ_FILE, npz_name, _FIELDS)
    vertices, faces = mesh.vertices(), mesh.faces()
    parts = _part_ids(arrays["face_part_ids"], len(faces), npz_name)
    part_count = _check_shapes(arrays, npz_name)
    if int(parts.max()) >= part_count:
        raise ScanError(npz_name, f"face_part_ids names part {int(parts.max())}.", expected=f"below {part_count}")
    joints = _joints(arrays, vertices, npz_name)
    return PartPrediction(vertices, faces, parts, joints, npz_name)


def _part_ids(ids: NDArray[Any], face_count: int, name: str) -> NDArray[np.int32]:
    if ids.shape != (face_count,) or ids.dtype.kind not in "iu":
        raise ScanError(
            name, f"face_part_ids has shape {ids.shape} and type {ids.dtype}.", expected=f"{face_count} part numbers"
        )
    if not 0 <= int(ids.min()) <= int(ids.max()) < _MAX_PARTS:
        raise ScanError(name, f"face_part_ids runs from {ids.min()} to {ids.max()}.", expected=f"0 to {_MAX_PARTS - 1}")
    return ids.astype(np.int32)


def _check_shapes(arrays: dict[str, NDArray[Any]], name: str) -> int:
    count = len(arrays["is_part_revolute"]) if arrays["is_part_revolute"].ndim == 1 else -1
    if not 1 <= count <= _MAX_PARTS:
        raise ScanError(
            name, f"is_part_revolute has shape {arrays['is_part_revolute'].shape}.", expected="1 to 64 parts"
        )
    wanted = {
        "is_part_prismatic": (count,),
        "revolute_plucker": (count, 6),
        "revolute_range": (count, 2),
        "prismatic_axis": (count, 3),
        "prismatic_range": (count, 2),
    }
    faults = [
        f"{field} has shape {arrays[field].shape} instead of {shape}"
        for field, shape in wanted.items()
        if arrays[field].shape != shape
    ]
    edges = arrays["motion_hierarchy"]
    whole = edges.dtype.kind in "iu" and edges.ndim == 2 and edges.shape[1] == 2
    if edges.size and not (whole and 0 <= int(edges.min()) <= int(edges.max()) < count):
        faults.append(f"motion_hierarchy of shape {edges.shape} and type {edges.dtype} is no pairs of 0..{count - 1}")
    if faults:
        raise ScanError(name, "; ".join(faults) + ".", expected="the arrays of one prediction")
    return count


@dataclass(frozen=True, eq=False)
class _Normalised:
    """The frame of the joints: p_mesh = TO_Z_UP^T (extent * p + centre)."""

    centre: Points
    extent: float

    def point(self, point: Points) -> Points:
        """Map a point to the mesh's frame."""
        return _TO_Z_UP.T @ (point * self.extent + self.centre)


def _normalised(vertices: Points) -> _Normalised:
    turned = vertices @ _TO_Z_UP.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    return _Normalised((low + high) / 2.0, float((high - low).max()))


def _joints(arrays: dict[str, NDArray[Any]], vertices: Points, name: str) -> tuple[PredictedJoint, ...]:
    edges = arrays["motion_hierarchy"].reshape(-1, 2).astype(int).tolist()
    _check_tree(edges, name)
    frame = _normalised(vertices)
    made = (_joint(arrays, parent, child, frame, name) for parent, child in edges)
    return tuple(joint for joint in made if joint is not None)


def _check_tree(edges: list[list[int]], name: str) -> None:
    """Raise ScanError unless every part has at most one parent and none is its own ancestor; roots may be several."""
    parent_of = {child: parent for parent, child in edges}
    if len(parent_of) != len(edges):
        raise ScanError(name, "motion_hierarchy gives a part two parents.", expected="a tree")
    for start in parent_of:
        part, steps = start, 0
        while part in parent_of and steps <= len(edges):
            part, steps = parent_of[part], steps + 1
        if steps > len(edges):
            raise ScanError(name, f"motion_hierarchy makes part {start} its own ancestor.", expected="a tree")


def _joint(
    arrays: dict[str, NDArray[Any]], parent: int, child: int, frame: _Normalised, name: str
) -> PredictedJoint | None:
    """Return the joint of a part, or None for one that its parent carries; a part that does both is a hinge."""
    kind: Literal["revolute", "prismatic"]
    if bool(arrays["is_part_revolute"][child]):
        kind = "revolute"
        axis, moment = np.split(np.asarray(arrays["revolute_plucker"][child], dtype=np.float64), 2)
        lower, upper = map(float, arrays["revolute_range"][child])
    elif bool(arrays["is_part_prismatic"][child]):
        kind = "prismatic"
        axis, moment = np.asarray(arrays["prismatic_axis"][child], dtype=np.float64), np.zeros(3)
        lower, upper = (float(limit) * frame.extent for limit in arrays["prismatic_range"][child])
    else:
        return None
    if not (np.abs(np.concatenate([axis, moment])) <= _MAX_LINE).all():
        raise ScanError(name, f"the axis of part {child} is not finite or far away.", expected="a line near the mesh")
    length = float(np.linalg.norm(axis))
    if length < _MIN_AXIS:
        raise ScanError(name, f"the axis of part {child} has length {length:g}.", expected="a direction")
    # The stored moment is axis x point, so the point of the line nearest to the centre is moment x axis.
    point = np.cross(moment, axis) / length**2
    return PredictedJoint(
        parent=parent,
        child=child,
        kind=kind,
        axis=vec3(_TO_Z_UP.T @ (axis / length)),
        origin=vec3(frame.point(point)),
        lower=lower,
        upper=upper,
    )
