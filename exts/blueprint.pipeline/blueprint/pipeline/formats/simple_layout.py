"""Read the simple layout: scene_info.json, objects/<id>/ with a mesh, pose.json and bounds.json; Y up, usually metres.

Such exports may hold a unit cube's content for every object: where a posed mesh does not fill its bounds.json, it is
stretched along its own axes until it does.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.poses import rotation_from_quat
from blueprint.pipeline.scene.predictions import PartPrediction
from blueprint.pipeline.scene.provenance import PROVENANCE_FILE

from .json_fields import read_json_object, read_numbers, read_positive, read_share
from .mesh_limits import check_object_count
from .mesh_reader import MeshFault, MeshFile, read_mesh_files
from .particulate import OBJ_FILE, find_prediction, read_prediction
from .placing import check_placement
from .provenance import read_provenance
from .raw_scan import Points, RawCamera, RawFailure, RawLook, RawMesh, RawObject, RawScan

NAME = "simple_layout"
LOOKED_FOR = "the simple layout: scene_info.json beside objects/<id>/ with a mesh"

_INFO = "scene_info.json"
_MESH_NAMES = ("mesh.glb", "model.glb", "asset.glb", "mesh.obj")
_PHOTOS = ("source.png", "photo.png", "image.png")
_SURFACE = {"roughness": 0.7, "metallic": 0.0}
_BACKGROUND = "background"
_BOUNDS_TOLERANCE = 0.02
_MIN_QUAT = 1e-6


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
    names = (_INFO, "objects", _BACKGROUND, "camera", PROVENANCE_FILE, *_PHOTOS)
    return {name: source / name for name in names if (source / name).exists()}


def read(source: Path) -> RawScan:
    """Read a scene; an object that cannot be used is a failure with its reason. Raises ScanError for the whole scan."""
    info = read_json_object(source / _INFO, _INFO)
    frame = info.get("coordinate_frame", "y_up")
    if frame not in ("y_up", "z_up"):
        raise ScanError(_INFO, f"coordinate_frame is {frame!r}.", expected="'y_up' or 'z_up'")
    folders = sorted(path for path in (source / "objects").iterdir() if path.is_dir())
    check_object_count(len(folders), "objects")
    meshes = read_mesh_files([file for folder in (*folders, source / _BACKGROUND) for file in _mesh_files(folder)])
    background, remarks = _background(source / _BACKGROUND, meshes)
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
        declared_metres_per_unit=read_positive(info, "meters_per_unit", _INFO),
        photo=photo,
        background=background,
        provenance=read_provenance(source),
        remarks=tuple(remarks),
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
    start = max(number for number, part in enumerate(parts) if part in ("objects", _BACKGROUND))
    return "/".join(parts[start:])


def _background(folder: Path, meshes: Mapping[Path, RawMesh | MeshFault]) -> tuple[RawMesh | None, list[str]]:
    """Read the room's mesh where there is one; one that is damaged costs the room, and is said."""
    path = _mesh_path(folder)
    if path is None:
        return None, []
    try:
        if isinstance(mesh := meshes[path], MeshFault):
            raise ScanError(mesh.name, mesh.reason)
        pose, bounds = folder / "pose.json", folder / "bounds.json"
        T = _transform(read_json_object(pose, _name(pose)), _name(pose)) if pose.is_file() else np.eye(4)
        box = _bounds(bounds) if bounds.is_file() else None
    except ScanError as error:
        return None, [f"{error} The scene has no room."]
    stretch, shift, remarks = _fit_to_bounds(mesh.vertices(), T, box, _BACKGROUND)
    standing = mesh.mapped(T[:3, :3] @ np.diag(stretch), T[:3, 3] + shift)
    return _coloured(standing, _material(folder)), remarks


def _label(folder: Path) -> str:
    path = folder / "label.json"
    if path.is_file():
        label = read_json_object(path, _name(path)).get("label")
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
    pose = read_json_object(folder / "pose.json", f"objects/{folder.name}/pose.json")
    T = _transform(pose, f"objects/{folder.name}/pose.json")
    bounds_path = folder / "bounds.json"
    bounds = _bounds(bounds_path) if bounds_path.is_file() else None
    stretch, shift, remarks = _fit_to_bounds(mesh.vertices(), T, bounds, f"objects/{folder.name}")
    colour = _material(folder)
    canonical = _coloured(mesh.mapped(np.diag(stretch), np.zeros(3)), colour)
    posed = canonical.mapped(T[:3, :3], T[:3, 3] + shift)
    contact = pose.get("is_floor_contact")
    joints = _prediction(folder, meshes, stretch, remarks)
    on_floor = contact if isinstance(contact, bool) else None
    return RawObject(folder.name, label, posed, canonical, on_floor, joints, (*remarks, *mesh.notes))


def _prediction(
    folder: Path, meshes: Mapping[Path, RawMesh | MeshFault], stretch: Points, remarks: list[str]
) -> PartPrediction | None:
    """Read an object's prediction; one that is damaged or meets a stretched mesh costs the joints, and is said."""
    place = find_prediction([folder])
    if place is None:
        return None
    mesh = meshes[place / OBJ_FILE]
    try:
        if isinstance(mesh, MeshFault):
            raise ScanError(mesh.name, mesh.reason)
        prediction = read_prediction(place, mesh, _name(place))
    except ScanError as error:
        remarks.append(f"{error} The prediction is not used.")
        return None
    if not np.allclose(stretch, stretch[0]):
        remarks.append(f"{_name(place)} speaks of a mesh that had to be stretched. The prediction is not used.")
        return None
    return prediction.transformed(np.eye(3), float(stretch[0]), np.zeros(3))


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
        return *still, [f"{name}/bounds.json contradicts mesh and pose, and the turn leaves no way to fit them"]
    stretch = np.linalg.solve(mixing, wanted) / np.where(own > 0, own, 1.0)
    stretch = np.where(own > 0, stretch, 1.0)
    if not (np.isfinite(stretch).all() and (stretch > 0).all()):
        return *still, [f"{name}/bounds.json contradicts mesh and pose"]
    fitted = (vertices * stretch) @ T[:3, :3].T + T[:3, 3]
    shift = target - (fitted.min(axis=0) + fitted.max(axis=0)) / 2
    said = ", ".join(f"{factor:.4g}" for factor in stretch)
    return stretch, shift, [f"the mesh was stretched by {said} along its axes to fill {name}/bounds.json"]


def _coloured(mesh: RawMesh, colour: RawLook | None) -> RawMesh:
    """Return a mesh with the declared colour where it has no texture."""
    if colour is None:
        return mesh
    surfaces = (
        surface if surface.look.texture_png is not None else replace(surface, look=colour) for surface in mesh.surfaces
    )
    return replace(mesh, surfaces=tuple(surfaces))


def _material(folder: Path) -> RawLook | None:
    path = folder / "material.json"
    if not path.is_file():
        return None
    data = read_json_object(path, _name(path))
    red, green, blue = read_numbers(data, "base_color", (3,), _name(path)).tolist()
    roughness, metallic = (read_share(data, field, default, _name(path)) for field, default in _SURFACE.items())
    return RawLook((red, green, blue), roughness=roughness, metallic=metallic)


def _transform(pose: dict[str, Any], name: str) -> Points:
    T = np.eye(4)
    if "transform_matrix" in pose:
        T = read_numbers(pose, "transform_matrix", (4, 4), name)
    else:
        quat_wxyz = read_numbers(pose, "rotation_quaternion", (4,), name)
        if float(np.linalg.norm(quat_wxyz)) < _MIN_QUAT:
            raise ScanError(name, "rotation_quaternion has length 0.", expected="a quaternion, real part first")
        scale = read_numbers(pose, "scale", (3,), name) if "scale" in pose else np.ones(3)
        T[:3, :3] = rotation_from_quat(quat_wxyz) * scale
        T[:3, 3] = read_numbers(pose, "translation", (3,), name)
    check_placement(T, name)
    if np.linalg.det(T[:3, :3]) < 0:
        raise ScanError(name, "transform_matrix mirrors the object.", expected="a positive determinant")
    return T


def _bounds(path: Path) -> Points:
    data = read_json_object(path, _name(path))
    low, high = read_numbers(data, "min", (3,), _name(path)), read_numbers(data, "max", (3,), _name(path))
    if (high < low).any() or float((high - low).max()) == 0.0:
        raise ScanError(_name(path), f"max {high.tolist()} is not above min {low.tolist()}.", expected="a box")
    return np.stack([low, high])


def _camera(folder: Path) -> RawCamera | None:
    if not (folder / "intrinsics.json").is_file() or not (folder / "extrinsics.json").is_file():
        return None
    inside, outside = (
        read_json_object(folder / name, f"camera/{name}") for name in ("intrinsics.json", "extrinsics.json")
    )
    focal = float(read_numbers(inside, "matrix", (3, 3), "camera/intrinsics.json")[0, 0])
    width, height = (int(read_positive(inside, side, "camera/intrinsics.json") or 0) for side in ("width", "height"))
    T = read_numbers(outside, "matrix", (4, 4), "camera/extrinsics.json")
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
