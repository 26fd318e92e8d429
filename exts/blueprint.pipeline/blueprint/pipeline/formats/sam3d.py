"""Read what SAM 3D Objects gives for each object of a photo, dumped into one folder per object.

The model writes no files of its own: it returns a dictionary. The layout read here is that dictionary, saved:
`objects/<name>/object.glb` is `output["glb"]`, `pose.json` (or `pose.npz`) holds `rotation`, `translation` and `scale`
as they are, with or without their leading axes of length one.

Conventions, from the model's sources (facebookresearch/sam-3d-objects, commit cf06676): the pose maps the Z-up frame of
the splats to PyTorch3D's camera frame (x left, y up, z forward). Its points are rows, p' = (scale * p) @ R + t, where R
is the matrix of the wxyz quaternion; for columns the rotation is R's transpose. The mesh was turned to Y up when it
was exported, and has to be turned back first.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.poses import rotation_from_quat
from blueprint.pipeline.scene.provenance import PROVENANCE_FILE

from .cameras import read_intrinsics
from .json_fields import MAX_NUMBER, read_json_object
from .mesh_limits import check_object_count
from .mesh_reader import MeshFault, MeshFile, read_mesh_files
from .placing import Y_UP, check_placement, place, words
from .provenance import read_provenance
from .raw_scan import Points, RawFailure, RawMesh, RawObject, RawScan
from .safe_arrays import read_arrays

NAME = "sam3d"
LOOKED_FOR = "a SAM 3D Objects dump: objects/<name>/object.glb with pose.json or pose.npz"

_MESH_NAMES = ("object.glb", "mesh.glb")
_POSE_NAMES = ("pose.json", "pose.npz", "parameters.json")
_PHOTOS = ("image.png", "image.jpg", "photo.png", "photo.jpg")
_INTRINSICS = "intrinsics.json"
_FIELDS = {"rotation": 4, "translation": 3, "scale": 3}

# Columns: what the exporter turned up, (x, y, z) to (x, z, -y), is turned back.
_Z_UP_FROM_GLB = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
# PyTorch3D's camera looks along +Z with x to the left; ours looks along -Z with x to the right.
_CAMERA_FROM_PYTORCH3D = np.diag([-1.0, 1.0, -1.0])


def score(source: Path) -> float:
    """Return how surely a folder is such a dump: 0 without a mesh beside a pose, up to 1 with photo and camera."""
    folders = _folders(source)
    posed = [folder for folder in folders if _first(folder, _POSE_NAMES) and _first(folder, _MESH_NAMES)]
    if not posed or (source / "scene_info.json").is_file():
        return 0.0
    named = any((folder / "object.glb").is_file() for folder in posed)
    return 0.6 + 0.2 * named + 0.1 * (_first(source, _PHOTOS) is not None) + 0.1 * (source / _INTRINSICS).is_file()


def files(source: Path) -> dict[str, Path]:
    """Return the files and folders that `read` looks at, by their name in the scan."""
    names = ("objects", _INTRINSICS, PROVENANCE_FILE, *_PHOTOS)
    return {name: source / name for name in names if (source / name).exists()}


def read(source: Path) -> RawScan:
    """Read a dump; an object that cannot be used is a failure with its reason. Raises ScanError for the whole scan."""
    folders = _folders(source)
    check_object_count(len(folders), "objects")
    found = [(folder, _first(folder, _MESH_NAMES)) for folder in folders]
    meshes = read_mesh_files([MeshFile(path, _name(path)) for _, path in found if path is not None])
    objects: list[RawObject] = []
    failures: list[RawFailure] = []
    for folder, path in found:
        try:
            objects.append(_object(folder, path, meshes))
        except ScanError as error:
            failures.append(RawFailure(folder.name, words(folder.name), str(error)))
    remarks: list[str] = []
    return RawScan(
        format=NAME,
        objects=tuple(objects),
        failures=tuple(failures),
        # The common frame of the poses is the photo's camera itself.
        T_scan_camera=np.eye(4),
        camera=read_intrinsics(source / _INTRINSICS, _INTRINSICS, np.eye(4), remarks),
        photo=_first(source, _PHOTOS),
        provenance=read_provenance(source),
        remarks=tuple(remarks),
    )


def scan_from_glb(rotation: Points, translation: Points, scale: Points) -> Points:
    """Return the (4, 4) map of a GLB's vertices to the camera's frame (x right, y up), from a pose as it is given."""
    T = np.eye(4)
    T[:3, :3] = _CAMERA_FROM_PYTORCH3D @ rotation_from_quat(rotation).T @ np.diag(scale) @ _Z_UP_FROM_GLB
    T[:3, 3] = _CAMERA_FROM_PYTORCH3D @ translation
    return T


def _folders(source: Path) -> list[Path]:
    objects = source / "objects"
    return sorted(path for path in objects.iterdir() if path.is_dir()) if objects.is_dir() else []


def _first(folder: Path, names: Sequence[str]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _name(path: Path) -> str:
    return f"objects/{path.parent.name}/{path.name}"


def _object(folder: Path, path: Path | None, meshes: Mapping[Path, RawMesh | MeshFault]) -> RawObject:
    pose_file = _first(folder, _POSE_NAMES)
    if path is None or pose_file is None:
        missing, wanted = ("mesh", _MESH_NAMES) if path is None else ("pose", _POSE_NAMES)
        listed = ", ".join(sorted(entry.name for entry in folder.iterdir())[:12]) or "nothing"
        raise ScanError(f"objects/{folder.name}", f"has no {missing}; found {listed}.", expected=" or ".join(wanted))
    mesh = meshes[path]
    if isinstance(mesh, MeshFault):
        raise ScanError(f"objects/{folder.name}", mesh.reason)
    T = _pose(pose_file)
    return place(folder.name, words(folder.name), mesh, T, Y_UP)


def _pose(path: Path) -> Points:
    name = _name(path)
    given: Mapping[str, Any]
    given = read_arrays(path, name, _FIELDS) if path.suffix == ".npz" else read_json_object(path, name)
    rotation, translation, scale = (_vector(given.get(field), field, size, name) for field, size in _FIELDS.items())
    if float(np.linalg.norm(rotation)) < 1e-6:
        raise ScanError(name, "rotation has length 0.", expected="a quaternion, real part first")
    T = scan_from_glb(rotation, translation, scale)
    check_placement(T, name)
    return T


def _vector(value: Any, field: str, size: int, name: str) -> Points:
    """Return one vector of the output dictionary, whose tensors carry leading axes of length one."""
    try:
        numbers = np.array(value, dtype=np.float64).reshape(-1)
    except (TypeError, ValueError, OverflowError) as error:
        raise ScanError(name, f"{field} holds no numbers.", expected=f"{size} numbers") from error
    if field == "scale" and numbers.size == 1:
        numbers = np.repeat(numbers, 3)
    if numbers.shape != (size,) or not (np.abs(numbers) <= MAX_NUMBER).all():
        problem = f"{field} has {numbers.size} numbers, or ones that are not finite and moderate."
        raise ScanError(name, problem, expected=f"{size} numbers")
    return numbers
