"""Read the simple layout: scene_info.json, objects/<id>/ with a mesh, pose.json and bounds.json; Y up, usually metres.

Such exports may hold a unit cube's content for every object: where a posed mesh does not fill its bounds.json, it is
stretched along its own axes until it does.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.poses import rotation_from_quat
from blueprint.pipeline.scene.provenance import PROVENANCE_FILE

from .mesh_reader import MeshFault, MeshFile, read_mesh_files
from .particulate import OBJ_FILE, find_prediction, read_prediction
from .provenance import read_provenance
from .raw_scan import Points, RawCamera, RawFailure, RawLook, RawMesh, RawObject, RawScan, RawSurface

NAME = "simple_layout"
LOOKED_FOR = "the simple layout: scene_info.json beside objects/<id>/ with a mesh"

_INFO = "scene_info.json"
_MESH_NAMES = ("mesh.glb", "model.glb", "asset.glb", "mesh.obj")
_PHOTOS = ("source.png", "photo.png", "image.png")
_BOUNDS_TOLERANCE = 0.02
_MAX_JSON_BYTES = 1 << 22
_MAX_OBJECTS = 2000


def score(source: Path) -> float:
    """Return how surely a folder has this layout: 0 without scene_info.json and objects/."""
    if not (source / _INFO).is_file() or not (source / "objects").is_dir():
        return 0.0
    signs = (
        any(source.glob("objects/*/pose.json")),
        any(source.glob("objects/*/bounds.json")),
        (source / "camera").is_dir(),
    )
    return 0.6 + 0.1 * sum(signs)


def files(source: Path) -> dict[str, Path]:
    """Return the files and folders that `read` looks at, by their name in the scan."""
    names = (_INFO, "objects", "camera", PROVENANCE_FILE, *_PHOTOS)
    return {name: source / name for name in names if (source / name).exists()}


def read(source: Path) -> RawScan:
    """Read a scene; an object that cannot be used is a failure with its reason. Raises ScanError for the whole scan."""
    info = _read_json(source / _INFO, _INFO)
    frame = info.get("coordinate_frame", "y_up")
    if frame not in ("y_up", "z_up"):
        raise ScanError(_INFO, f"coordinate_frame is {frame!r}.", expected="'y_up' or 'z_up'")
    folders = sorted(path for path in (source / "objects").iterdir() if path.is_dir())
    if len(folders) > _MAX_OBJECTS:
        raise ScanError("objects", f"holds {len(folders)} objects.", expected=f"at most {_MAX_OBJECTS}")
    meshes = read_mesh_files([file for folder in folders for file in _mesh_files(folder)])
    objects: list[RawObject] = []
    failures: list[RawFailure] = []
    for folder in folders:
        label = folder.name
        try:
            label = _label(folder)
            objects.append(_object(folder, label, meshes))
        except ScanError as error:
            failures.append(RawFailure(folder.name, label, str(error)))
    camera = _camera(source / "camera")
    photo = next((source / name for name in _PHOTOS if (source / name).is_file()), None)
    return RawScan(
        format=NAME,
        objects=tuple(objects),
        failures=tuple(failures),
        T_scan_camera=camera.T_scan_camera if camera else _viewpoint(objects, frame),
        camera=camera,
        declared_up=(0.0, 1.0, 0.0) if frame == "y_up" else (0.0, 0.0, 1.0),
        declared_metres_per_unit=_positive(info, "meters_per_unit", _INFO),
        photo=photo,
        provenance=read_provenance(source),
    )


def _mesh_files(folder: Path) -> list[MeshFile]:
    path = _mesh_path(folder)
    prediction = find_prediction([folder])
    wanted = [MeshFile(path, _name(path))] if path else []
    return wanted + (
        [MeshFile(prediction / OBJ_FILE, _name(prediction / OBJ_FILE), "obj_geometry")] if prediction else []
    )


def _mesh_path(folder: Path) -> Path | None:
    return next((folder / name for name in _MESH_NAMES if (folder / name).exists()), None)


def _name(path: Path) -> str:
    parts = path.parts
    return "/".join(parts[len(parts) - 1 - parts[::-1].index("objects") :])


def _label(folder: Path) -> str:
    path = folder / "label.json"
    if path.is_file():
        label = _read_json(path, _name(path)).get("label")
        if not isinstance(label, str) or not label.strip():
            raise ScanError(_name(path), f"label is {label!r}.", expected="a text")
        return label.replace("_", " ")
    # Without a label file the category is the id without its number.
    return folder.name.rstrip("0123456789").rstrip("_-").replace("_", " ") or folder.name


def _object(folder: Path, label: str, meshes: Mapping[Path, RawMesh | MeshFault]) -> RawObject:
    path = _mesh_path(folder)
    if path is None:
        found = ", ".join(sorted(entry.name for entry in folder.iterdir())) or "nothing"
        raise ScanError(f"objects/{folder.name}", f"has no mesh; found {found}.", expected=" or ".join(_MESH_NAMES))
    mesh = meshes[path]
    if isinstance(mesh, MeshFault):
        raise ScanError(f"objects/{folder.name}", mesh.reason)
    pose = _read_json(folder / "pose.json", f"objects/{folder.name}/pose.json")
    T = _transform(pose, f"objects/{folder.name}/pose.json")
    bounds_path = folder / "bounds.json"
    bounds = _bounds(bounds_path) if bounds_path.is_file() else None
    stretch, shift, remarks = _fit_to_bounds(mesh.vertices(), T, bounds, folder.name)
    colour = _material(folder)
    canonical = _mapped(mesh, np.diag(stretch), np.zeros(3), colour)
    posed = _mapped(canonical, T[:3, :3], T[:3, 3] + shift, None)
    contact = pose.get("is_floor_contact")
    prediction = find_prediction([folder])
    joints = None
    if prediction is not None:
        obj = meshes[prediction / OBJ_FILE]
        if isinstance(obj, MeshFault):
            remarks.append(f"{obj.reason} The object stays rigid.")
        else:
            try:
                read_joints = read_prediction(prediction, obj, _name(prediction))
                joints = read_joints if np.allclose(stretch, stretch[0]) else None
                joints = joints.transformed(np.eye(3), float(stretch[0]), np.zeros(3)) if joints else None
            except ScanError as error:
                remarks.append(f"{error} The object stays rigid.")
    on_floor = contact if isinstance(contact, bool) else None
    return RawObject(folder.name, label, posed, canonical, on_floor, joints, tuple(remarks))


def _fit_to_bounds(vertices: Points, T: Points, bounds: Points | None, name: str) -> tuple[Points, Points, list[str]]:
    """Return the stretch along the mesh's axes and the shift after the pose that make a mesh fill its bounds."""
    still = (np.ones(3), np.zeros(3))
    if bounds is None:
        return *still, []
    posed = vertices @ T[:3, :3].T + T[:3, 3]
    size, wanted = np.ptp(posed, axis=0), bounds[1] - bounds[0]
    centre, target = (posed.min(axis=0) + posed.max(axis=0)) / 2, bounds.mean(axis=0)
    near = _BOUNDS_TOLERANCE * max(float(wanted.max()), 1e-9)
    if np.abs(size - wanted).max() <= near and np.abs(centre - target).max() <= near:
        return *still, []
    # |linear| maps own extents to extents in the scene; a mesh that is turned by 45 degrees has no unique answer.
    mixing, own = np.abs(T[:3, :3]), np.ptp(vertices, axis=0)
    if np.linalg.cond(mixing) > 20:
        return *still, [f"objects/{name}/bounds.json contradicts mesh and pose, and the turn leaves no way to fit them"]
    stretch = np.linalg.solve(mixing, wanted) / np.where(own > 0, own, 1.0)
    stretch = np.where(own > 0, stretch, 1.0)
    if not (np.isfinite(stretch).all() and (stretch > 0).all()):
        return *still, [f"objects/{name}/bounds.json contradicts mesh and pose"]
    fitted = (vertices * stretch) @ T[:3, :3].T + T[:3, 3]
    shift = target - (fitted.min(axis=0) + fitted.max(axis=0)) / 2
    said = ", ".join(f"{factor:.4g}" for factor in stretch)
    return stretch, shift, [f"the mesh was stretched by {said} along its axes to fill objects/{name}/bounds.json"]


def _mapped(mesh: RawMesh, linear: Points, shift: Points, colour: RawLook | None) -> RawMesh:
    surfaces = tuple(
        RawSurface(
            surface.vertices @ linear.T + shift,
            surface.faces,
            surface.uv,
            colour if colour is not None and surface.look.texture_png is None else surface.look,
        )
        for surface in mesh.surfaces
    )
    return RawMesh(mesh.file, surfaces)


def _material(folder: Path) -> RawLook | None:
    path = folder / "material.json"
    if not path.is_file():
        return None
    data = _read_json(path, _name(path))
    red, green, blue = _numbers(data, "base_color", (3,), _name(path)).tolist()
    return RawLook(
        (red, green, blue), roughness=float(data.get("roughness", 0.7)), metallic=float(data.get("metallic", 0.0))
    )


def _transform(pose: dict[str, Any], name: str) -> Points:
    if "transform_matrix" in pose:
        T = _numbers(pose, "transform_matrix", (4, 4), name)
    else:
        T = np.eye(4)
        scale = _numbers(pose, "scale", (3,), name) if "scale" in pose else np.ones(3)
        T[:3, :3] = rotation_from_quat(_numbers(pose, "rotation_quaternion", (4,), name)) * scale
        T[:3, 3] = _numbers(pose, "translation", (3,), name)
    if abs(float(np.linalg.det(T[:3, :3]))) < 1e-12 or not np.allclose(T[3], (0, 0, 0, 1)):
        raise ScanError(name, "transform_matrix is no placement.", expected="an invertible row-major 4x4 matrix")
    if np.linalg.det(T[:3, :3]) < 0:
        raise ScanError(name, "transform_matrix mirrors the object.", expected="a positive determinant")
    return T


def _bounds(path: Path) -> Points:
    data = _read_json(path, _name(path))
    low, high = _numbers(data, "min", (3,), _name(path)), _numbers(data, "max", (3,), _name(path))
    if (high < low).any() or float((high - low).max()) == 0.0:
        raise ScanError(_name(path), f"max {high.tolist()} is not above min {low.tolist()}.", expected="a box")
    return np.stack([low, high])


def _camera(folder: Path) -> RawCamera | None:
    if not (folder / "intrinsics.json").is_file() or not (folder / "extrinsics.json").is_file():
        return None
    inside, outside = (_read_json(folder / name, f"camera/{name}") for name in ("intrinsics.json", "extrinsics.json"))
    focal = float(_numbers(inside, "matrix", (3, 3), "camera/intrinsics.json")[0, 0])
    width, height = (int(_positive(inside, side, "camera/intrinsics.json") or 0) for side in ("width", "height"))
    T = _numbers(outside, "matrix", (4, 4), "camera/extrinsics.json")
    if focal <= 0 or width < 1 or height < 1 or not np.allclose(T[:3, :3] @ T[:3, :3].T, np.eye(3), atol=1e-3):
        raise ScanError(
            "camera", "intrinsics or extrinsics are no camera.", expected="focal length, size and a rotation"
        )
    return RawCamera(T, focal, width, height)


def _viewpoint(objects: list[RawObject], frame: str) -> Points:
    """Return a level view along -Z (or +Y) from above the middle of all objects, for a scene without a camera."""
    T = np.eye(4)
    if frame == "z_up":
        T[:3, :3] = [[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]]
    if objects:
        points = np.concatenate([entry.posed.vertices() for entry in objects])
        T[:3, 3] = (points.min(axis=0) + points.max(axis=0)) / 2
    return T


def _read_json(path: Path, name: str) -> dict[str, Any]:
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


def _numbers(data: dict[str, Any], field: str, shape: tuple[int, ...], name: str) -> Points:
    try:
        values = np.array(data.get(field), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ScanError(name, f"{field} holds no numbers.", expected=f"numbers of shape {shape}") from error
    if values.shape != shape or not np.isfinite(values).all():
        raise ScanError(
            name, f"{field} has shape {values.shape} or is not finite.", expected=f"numbers of shape {shape}"
        )
    return values


def _positive(data: dict[str, Any], field: str, name: str) -> float | None:
    value = data.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        raise ScanError(name, f"{field} is {value!r}.", expected="a number above zero")
    return float(value)
