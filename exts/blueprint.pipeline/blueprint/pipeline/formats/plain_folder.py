"""Read a plain folder of meshes, one object per file, with an optional poses file.

Without a pose a mesh stands where its vertices are, turned from the upward axis of its format to the common one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.poses import Vec3
from blueprint.pipeline.scene.predictions import PartPrediction
from blueprint.pipeline.scene.provenance import PROVENANCE_FILE

from .mesh_limits import USD_SUFFIXES, check_object_count
from .mesh_reader import MeshFault, MeshFile, read_mesh_files
from .particulate import OBJ_FILE, find_prediction, read_prediction
from .placing import Y_UP, Z_UP, level_view, nearest_axis, place, turn_to_y_up, words
from .poses_file import NAMES, Poses, find_poses, read_poses
from .provenance import read_provenance
from .raw_scan import Points, RawFailure, RawMesh, RawObject, RawScan

NAME = "plain_folder"
LOOKED_FOR = (
    "a plain folder: .glb, .gltf, .obj, .ply, .stl or .usd meshes, here or in meshes/, with an optional poses file"
)

_SUFFIXES = USD_SUFFIXES | {".glb", ".gltf", ".obj", ".ply", ".stl"}
# Where a file says nothing: modelling programs write OBJ with Y up, CAD and scanners write PLY and STL with Z up.
_USUAL_UP = {".obj": Y_UP, ".ply": Z_UP, ".stl": Z_UP}
_PHOTOS = ("photo.png", "photo.jpg", "image.png", "image.jpg")
_PREDICTIONS = "particulate"


def score(source: Path) -> float:
    """Return how surely a folder is one of meshes: little, since any other format has meshes too."""
    if not _mesh_files(source):
        return 0.0
    return 0.55 if find_poses(source) else 0.3


def files(source: Path) -> dict[str, Path]:
    """Return the files and folders that `read` may look at, by their name in the scan."""
    beside = {".mtl", ".bin", ".png", ".jpg", ".jpeg", ".webp", ".tga", ".bmp"} | _SUFFIXES
    found = {path.name: path for path in sorted(source.iterdir()) if path.suffix.lower() in beside}
    folders = ("meshes", "textures", "materials", _PREDICTIONS)
    return found | {name: source / name for name in (*folders, *NAMES, PROVENANCE_FILE) if (source / name).exists()}


def read(source: Path) -> RawScan:
    """Read a folder; an object that cannot be used is a failure with its reason. Raises ScanError for a whole scan."""
    given = _gather(source)
    remarks: list[str] = []
    up = given.poses.up or _common_up(given.sound(), remarks)
    unit = given.poses.metres_per_unit or _common_unit(given.sound(), remarks)
    objects: list[RawObject] = []
    failures = given.without_mesh()
    for path, key in given.keys.items():
        mesh = given.meshes[path]
        reason = mesh.reason if isinstance(mesh, MeshFault) else given.poses.faults.get(key)
        if isinstance(mesh, RawMesh) and reason is None:
            objects.append(_object(given, path, mesh, up, unit))
        else:
            failures.append(RawFailure(key, words(path.stem), reason or ""))
    photo = next((source / name for name in _PHOTOS if (source / name).is_file()), None)
    return RawScan(
        format=NAME,
        objects=tuple(objects),
        failures=tuple(failures),
        T_scan_camera=level_view(up),
        declared_up=up,
        declared_metres_per_unit=unit,
        photo=photo,
        provenance=read_provenance(source),
        remarks=tuple(remarks),
    )


@dataclass(frozen=True, eq=False)
class _Given:
    """What lies in the folder: `keys` names each mesh file, `predictions` says where its parts were predicted."""

    source: Path
    keys: Mapping[Path, str]
    predictions: Mapping[Path, Path]
    meshes: Mapping[Path, RawMesh | MeshFault]
    poses: Poses
    poses_name: str

    def sound(self) -> dict[Path, RawMesh]:
        """Return the meshes that could be read."""
        return {path: mesh for path in self.keys if isinstance(mesh := self.meshes[path], RawMesh)}

    def without_mesh(self) -> list[RawFailure]:
        """Return what the poses file names and the folder lacks."""
        absent = sorted((set(self.poses.of) | set(self.poses.faults)) - set(self.keys.values()))
        reason = f"{self.poses_name} names it, and there is no mesh file of that name"
        return [RawFailure(key, words(key), reason) for key in absent]


def _gather(source: Path) -> _Given:
    paths = _mesh_files(source)
    check_object_count(len(paths), source.name)
    keys = _keys(source, paths)
    poses_path = find_poses(source)
    poses = read_poses(poses_path) if poses_path else Poses()
    places = {path: find_prediction([source / _PREDICTIONS / key]) for path, key in keys.items()}
    predictions = {path: place for path, place in places.items() if place is not None}
    wanted = [MeshFile(path, _name(source, path), root=source) for path in paths]
    wanted += [
        MeshFile(place / OBJ_FILE, _name(source, place / OBJ_FILE), "obj_geometry") for place in predictions.values()
    ]
    return _Given(source, keys, predictions, read_mesh_files(wanted), poses, poses_path.name if poses_path else "")


def _mesh_files(source: Path) -> list[Path]:
    folders = [folder for folder in (source, source / "meshes") if folder.is_dir()]
    found = [path for folder in folders for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES]
    return sorted(path for path in found if path.is_file())


def _keys(source: Path, paths: Sequence[Path]) -> dict[Path, str]:
    """Return a key per file: its stem, or its name where several files have that stem, or its place in the folder."""
    stems, names = Counter(path.stem for path in paths), Counter(path.name for path in paths)
    return {
        path: path.stem if stems[path.stem] == 1 else path.name if names[path.name] == 1 else _name(source, path)
        for path in paths
    }


def _name(source: Path, path: Path) -> str:
    return path.relative_to(source).as_posix()


def _common_up(meshes: Mapping[Path, RawMesh], remarks: list[str]) -> Vec3:
    """Return the upward axis that all files agree on, or Z where they do not; what is a guess is said."""
    ups = {_up_of(path, mesh) for path, mesh in meshes.items()}
    if any(mesh.up is None for mesh in meshes.values()):
        kinds = ", ".join(sorted({path.suffix.lower() for path, mesh in meshes.items() if mesh.up is None}))
        remarks.append(f"{kinds} files declare no upward axis; the usual one was taken: name `up_axis` in a poses file")
    return ups.pop() if len(ups) == 1 else Z_UP


def _common_unit(meshes: Mapping[Path, RawMesh], remarks: list[str]) -> float | None:
    """Return the unit that the files declare, metres where they differ, or None where none declares one."""
    units = {mesh.metres_per_unit for mesh in meshes.values()} - {None}
    silent = sorted({path.suffix.lower() for path, mesh in meshes.items() if mesh.metres_per_unit is None})
    if silent:
        taken = "the unit of the others was taken" if units else "sizes decide it"
        remarks.append(f"{', '.join(silent)} files declare no unit; {taken}: name `metres_per_unit` in a poses file")
    else:
        remarks.append("the unit is the one of the mesh format; no poses file confirms it")
    return units.pop() if len(units) == 1 else (1.0 if units else None)


def _up_of(path: Path, mesh: RawMesh) -> Vec3:
    return mesh.up or _USUAL_UP[path.suffix.lower()]


def _object(given: _Given, path: Path, mesh: RawMesh, up: Vec3, unit: float | None) -> RawObject:
    key, own_up = given.keys[path], _up_of(path, mesh)
    pose = given.poses.of.get(key)
    said: list[str] = []
    if pose is not None:
        T = pose.T_scan_mesh
        # What stands upright is what the pose turns upwards, whatever the format calls up.
        own_up = nearest_axis(np.linalg.inv(T[:3, :3]) @ np.asarray(up))
    else:
        T = np.eye(4)
        scale = mesh.metres_per_unit / unit if mesh.metres_per_unit and unit else 1.0
        T[:3, :3] = scale * turn_to_y_up(up).T @ turn_to_y_up(own_up)
        if given.poses_name:
            said.append(f"{given.poses_name} has no pose for {key}; it stands where its vertices are")
    prediction = _prediction(given, path, turn_to_y_up(own_up), said)
    label = pose.label if pose is not None and pose.label else words(path.stem)
    placed = place(key, label, mesh, T, own_up, remarks=said)
    if placed.canonical is None and prediction is not None:
        remarks = (*placed.remarks, f"{prediction.source} speaks of a mesh that was stretched; it is not used")
        return replace(placed, remarks=remarks)
    return replace(placed, prediction=prediction)


def _prediction(given: _Given, path: Path, turn: Points, said: list[str]) -> PartPrediction | None:
    """Read a mesh's prediction into its Y-up frame; a damaged one costs the joints, and is said."""
    place_of = given.predictions.get(path)
    if place_of is None:
        return None
    mesh = given.meshes[place_of / OBJ_FILE]
    try:
        if isinstance(mesh, MeshFault):
            raise ScanError(mesh.name, mesh.reason)
        read = read_prediction(place_of, mesh, _name(given.source, place_of))
    except ScanError as error:
        said.append(f"{error} The prediction is not used.")
        return None
    return read.transformed(turn, 1.0, np.zeros(3))
