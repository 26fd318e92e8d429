"""Read the folder that a finished 3D-RE-GEN run leaves behind: the repository's root, or its `output/`.

There is no manifest: what an object is and where it was in the photo is only in file names, `<label>__(<cx>, <cy>)`. Poses are
baked into the vertices of `glb/<key>.glb`, whose 16-bit indices wrap in large meshes; `3D/<key>/<key>.glb` has sound faces.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.predictions import PartPrediction

from .mesh_reader import MeshFault, MeshFile, read_mesh_files
from .particulate import OBJ_FILE, find_prediction, read_prediction
from .raw_scan import RawCamera, RawFailure, RawMesh, RawObject, RawScan
from .safe_arrays import read_arrays

NAME = "regen3d"
LOOKED_FOR = "a 3D-RE-GEN run: glb/<label>__(<x>, <y>).glb, in the folder or in its output/"

_KEY = re.compile(r"^(?P<label>.+)__\((?P<cx>\d+), (?P<cy>\d+)\)$")
_PHOTO = "tmp/converted_from_webp.png"
_MAX_OBJECTS = 2000

Meshes = Mapping[Path, RawMesh | MeshFault]


@dataclass(frozen=True, slots=True)
class _Files:
    """Where the parts of one object lie, if they are there."""

    key: str
    posed: Path
    canonical: Path
    prediction: Path | None

    @property
    def label(self) -> str:
        """The detector's words; the run writes `_` for spaces and dots."""
        return label_of(self.key)


def label_of(key: str) -> str:
    """Return the detector's words in an object's key."""
    match = _KEY.match(key)
    return (match["label"] if match else key).replace("_", " ").strip()


def score(source: Path) -> float:
    """Return how surely a folder is such a run: 0 without posed objects, up to 1 with everything a run leaves."""
    output = _output(source)
    if not _keys(output / "glb", ".glb"):
        return 0.0
    signs = ("3D", "pre_3D/camera.npz", "findings/fullSize", "pointclouds/PLANE_SAMPLED.ply", "pointclouds")
    return 0.5 + 0.1 * sum((output / sign).exists() for sign in signs)


def files(source: Path) -> dict[str, Path]:
    """Return the files and folders that `read` looks at, by their name in the scan."""
    output = _output(source)
    inside = ("glb", "3D", "pre_3D/camera.npz", "findings/fullSize", "pointclouds/PLANE_SAMPLED.ply",
              "pointclouds/meshed/ground_aligned.glb")  # fmt: skip
    found = {f"output/{name}": output / name for name in inside}
    found |= {name: output.parent / name for name in (_PHOTO, "particulate")}
    found |= {"output/particulate": output / "particulate"}
    return {name: path for name, path in found.items() if path.exists()}


def read(source: Path) -> RawScan:
    """Read a run; an object that cannot be used is a failure with its reason. Raises ScanError for the scan as a whole."""
    output = _output(source)
    keys = sorted(_keys(output / "glb", ".glb"))
    if len(keys) > _MAX_OBJECTS:
        raise ScanError("output/glb", f"holds {len(keys)} objects.", expected=f"at most {_MAX_OBJECTS}")
    listed = [_files(output, key) for key in keys]
    plane = output / "pointclouds/PLANE_SAMPLED.ply"
    background = output / "pointclouds/meshed/ground_aligned.glb"
    meshes = read_mesh_files(_wanted(output, listed, plane, background))
    objects, failures, remarks = _objects(output, listed, meshes)
    failures += _never_posed(output, set(keys))
    plane_mesh, background_mesh = meshes.get(plane), meshes.get(background)
    remarks += [mesh.reason for mesh in (plane_mesh, background_mesh) if isinstance(mesh, MeshFault)]
    photo = output.parent / _PHOTO
    return RawScan(
        format=NAME,
        objects=tuple(objects),
        failures=tuple(failures),
        # The common frame of a run is the photo's camera itself.
        T_scan_camera=np.eye(4),
        camera=_camera(output / "pre_3D/camera.npz", remarks),
        floor_points=plane_mesh.vertices() if isinstance(plane_mesh, RawMesh) else None,
        background=background_mesh if isinstance(background_mesh, RawMesh) else None,
        photo=photo if photo.is_file() else None,
        tilts_with_camera=True,
        remarks=tuple(remarks),
    )


def _output(source: Path) -> Path:
    return source / "output" if (source / "output" / "glb").is_dir() else source


def _keys(folder: Path, suffix: str) -> list[str]:
    if not folder.is_dir():
        return []
    return [path.stem for path in folder.iterdir() if path.suffix == suffix and _KEY.match(path.stem)]


def _files(output: Path, key: str) -> _Files:
    canonical = output / "3D" / key / f"{key}.glb"
    beside = [output.parent / "particulate" / key, output / "particulate" / key, canonical.parent]
    return _Files(key, output / "glb" / f"{key}.glb", canonical, find_prediction(beside))


def _wanted(output: Path, listed: list[_Files], plane: Path, background: Path) -> list[MeshFile]:
    wanted: list[MeshFile] = []
    for entry in listed:
        wanted.append(MeshFile(entry.posed, _name(output, entry.posed)))
        if entry.canonical.exists():
            wanted.append(MeshFile(entry.canonical, _name(output, entry.canonical)))
        if entry.prediction:
            obj = entry.prediction / OBJ_FILE
            wanted.append(MeshFile(obj, _name(output, obj), "obj_geometry"))
    if plane.exists():
        wanted.append(MeshFile(plane, _name(output, plane), "cloud"))
    elif background.exists():
        wanted.append(MeshFile(background, _name(output, background)))
    return wanted


def _name(output: Path, path: Path) -> str:
    return path.relative_to(output.parent).as_posix()


def _objects(output: Path, listed: list[_Files], meshes: Meshes) -> tuple[list[RawObject], list[RawFailure], list[str]]:
    objects: list[RawObject] = []
    failures: list[RawFailure] = []
    remarks: list[str] = []
    for entry in listed:
        posed, canonical = meshes[entry.posed], meshes.get(entry.canonical)
        fault = next((mesh for mesh in (posed, canonical) if isinstance(mesh, MeshFault)), None)
        if fault is not None or isinstance(posed, MeshFault):
            failures.append(RawFailure(entry.key, entry.label, fault.reason if fault else ""))
            continue
        assert not isinstance(canonical, MeshFault)
        prediction, problem = _prediction(output, entry, meshes)
        remarks += problem
        objects.append(
            RawObject(entry.key, entry.label, posed, canonical, prediction=prediction, remarks=tuple(problem))
        )
    return objects, failures, remarks


def _prediction(output: Path, entry: _Files, meshes: Meshes) -> tuple[PartPrediction | None, list[str]]:
    """Read an object's prediction; a damaged one costs the joints, not the object, and is said."""
    if entry.prediction is None:
        return None, []
    mesh = meshes[entry.prediction / OBJ_FILE]
    if isinstance(mesh, MeshFault):
        return None, [f"{mesh.reason} The object stays rigid."]
    try:
        return read_prediction(entry.prediction, mesh, _name(output, entry.prediction)), []
    except ScanError as error:
        return None, [f"{error} The object stays rigid."]


def _never_posed(output: Path, posed: set[str]) -> list[RawFailure]:
    """Return the objects that were seen in the photo and have no pose; parts of the room never get one."""
    seen = set(_keys(output / "findings/fullSize", ".png")) | {
        path.name for path in (output / "3D").glob("*/") if _KEY.match(path.name)
    }
    return [
        RawFailure(key, label_of(key), f"no posed mesh: output/glb/{key}.glb is missing, its pose was not found")
        for key in sorted(seen - posed)
    ]


def _camera(path: Path, remarks: list[str]) -> RawCamera | None:
    if not path.is_file():
        return None
    name = "output/pre_3D/camera.npz"
    try:
        arrays = read_arrays(path, name, ("focal", "image_size"))
    except ScanError as error:
        remarks.append(str(error))
        return None
    focal, size = np.asarray(arrays["focal"], dtype=float).reshape(-1), arrays["image_size"].reshape(-1)
    if len(focal) != 1 or len(size) != 2 or not np.isfinite(focal[0]) or focal[0] <= 0 or (size < 1).any():
        remarks.append(f"{name}: focal {focal.tolist()} or image_size {size.tolist()} is no camera")
        return None
    # `extrinsic` turns into a frame that nothing else of the run uses.
    return RawCamera(np.eye(4), float(focal[0]), int(size[0]), int(size[1]))
