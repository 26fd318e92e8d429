"""Read the folder that a finished 3D-RE-GEN run leaves behind: the repository's root, or its `output/`.

There is no manifest: what an object is and where it was in the photo is only in file names, `<label>__(<cx>, <cy>)`.
Poses are baked into the vertices of `glb/<key>.glb`, whose 16-bit indices wrap in large meshes; `3D/<key>/<key>.glb`
has sound faces.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.predictions import PartPrediction
from blueprint.pipeline.scene.provenance import PROVENANCE_FILE

from .mesh_limits import check_object_count
from .mesh_reader import MeshFault, MeshFile, read_mesh_files
from .particulate import OBJ_FILE, find_prediction, read_prediction
from .provenance import read_provenance
from .raw_scan import RawCamera, RawCloud, RawFailure, RawMesh, RawObject, RawScan, RawSurface
from .safe_arrays import read_arrays

NAME = "regen3d"
LOOKED_FOR = "a 3D-RE-GEN run: glb/<label>__(<x>, <y>).glb or glb/scene/combined_scene.glb, here or in output/"

_KEY = re.compile(r"^(?P<label>.+)__\((?P<cx>\d+), (?P<cy>\d+)\)$")
_NODE = re.compile(r"^(?P<key>.+?__\(\d+, \d+\))")
_COMBINED = "glb/scene/combined_scene.glb"
_INDEX_LIMIT = 1 << 16
_PHOTO = "tmp/converted_from_webp.png"
# The run makes no mesh of what carries one of these words, only a cloud.
_ROOM_WORDS = ("floor", "wall", "ceiling", "room")

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
        # A run with its MIDI variant leaves nothing but this file.
        return 0.4 if (output / _COMBINED).is_file() else 0.0
    signs = ("3D", "pre_3D/camera.npz", "findings/fullSize", "pointclouds/PLANE_SAMPLED.ply", "pointclouds")
    return 0.5 + 0.1 * sum((output / sign).exists() for sign in signs)


def files(source: Path) -> dict[str, Path]:
    """Return the files and folders that `read` looks at, by their name in the scan."""
    output = _output(source)
    inside = ("glb", "3D", "pre_3D/camera.npz", "findings/fullSize", "pointclouds/PLANE_SAMPLED.ply",
              "pointclouds/meshed/ground_aligned.glb", "pointclouds/meshed/ground_aligned.ply")  # fmt: skip
    inside += tuple(f"pointclouds/{path.name}" for path in _room_clouds(output))
    found = {f"output/{name}": output / name for name in inside}
    found |= {name: output.parent / name for name in (_PHOTO, "particulate", PROVENANCE_FILE)}
    found |= {"output/particulate": output / "particulate"}
    return {name: path for name, path in found.items() if path.exists()}


def read(source: Path) -> RawScan:
    """Read a run; an object that cannot be used is a failure with its reason. Raises ScanError for the whole scan."""
    output = _output(source)
    keys = sorted(_keys(output / "glb", ".glb"))
    check_object_count(len(keys), "output/glb")
    listed = [_files(output, key) for key in keys]
    plane = output / "pointclouds/PLANE_SAMPLED.ply"
    background = _background(output)
    clouds = _room_clouds(output)
    meshes = read_mesh_files(_wanted(output, listed, plane, background, clouds))
    objects, failures, remarks = _objects(output, listed, meshes) if keys else _combined(output)
    failures += _never_posed(output, {entry.key for entry in (*objects, *failures)})
    plane_mesh, background_mesh = meshes.get(plane), meshes.get(background)
    room = [meshes[path] for path in clouds]
    remarks += [mesh.reason for mesh in (plane_mesh, background_mesh, *room) if isinstance(mesh, MeshFault)]
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
        provenance=read_provenance(output.parent),
        remarks=tuple(remarks),
        room_clouds=tuple(
            RawCloud(mesh.file, label_of(path.stem), mesh.vertices())
            for path, mesh in zip(clouds, room, strict=True)
            if isinstance(mesh, RawMesh)
        ),
        background_slides=True,
        cutouts=tuple(
            output / "findings/fullSize" / f"{key}.png"
            for key in sorted(_keys(output / "findings/fullSize", ".png"))
            if not _is_room(key)
        ),
    )


def _background(output: Path) -> Path:
    meshed = output / "pointclouds/meshed"
    return next((path for path in (meshed / "ground_aligned.glb", meshed / "ground_aligned.ply") if path.is_file()),
                meshed / "ground_aligned.glb")  # fmt: skip


def _room_clouds(output: Path) -> list[Path]:
    """Return the clouds of what the detector called floor, wall or ceiling, which are in the run's common frame."""
    folder = output / "pointclouds"
    return [folder / f"{key}.ply" for key in sorted(_keys(folder, ".ply")) if _is_room(key)]


def _is_room(key: str) -> bool:
    return any(word in label_of(key).lower().split() for word in _ROOM_WORDS)


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


def _wanted(output: Path, listed: list[_Files], plane: Path, background: Path, clouds: list[Path]) -> list[MeshFile]:
    wanted: list[MeshFile] = []
    for entry in listed:
        wanted.append(MeshFile(entry.posed, _name(output, entry.posed)))
        if entry.canonical.exists():
            wanted.append(MeshFile(entry.canonical, _name(output, entry.canonical)))
        if entry.prediction:
            obj = entry.prediction / OBJ_FILE
            wanted.append(MeshFile(obj, _name(output, obj), "obj_geometry"))
    wanted += [MeshFile(path, _name(output, path), "cloud") for path in (plane, *clouds) if path.exists()]
    if background.exists():
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
        if isinstance(posed, MeshFault):
            failures.append(RawFailure(entry.key, entry.label, posed.reason))
            continue
        prediction, problem = _prediction(output, entry, meshes)
        if isinstance(canonical, MeshFault):
            problem.append(f"{canonical.reason} The posed mesh is used instead.")
            canonical = None
        if canonical is None and _wrapped(posed):
            failures.append(RawFailure(entry.key, entry.label, " ".join([*problem, _wrapped_reason(posed)])))
            continue
        remarks += problem
        said = (*problem, *(canonical or posed).notes)
        objects.append(RawObject(entry.key, entry.label, posed, canonical, prediction=prediction, remarks=said))
    return objects, failures, remarks


def _combined(output: Path) -> tuple[list[RawObject], list[RawFailure], list[str]]:
    """Read the one file of a run with its MIDI variant: posed meshes only, named by their nodes."""
    path = output / _COMBINED
    mesh = read_mesh_files([MeshFile(path, _name(output, path))])[path]
    if isinstance(mesh, MeshFault):
        raise ScanError(mesh.name, mesh.reason)
    by_key: dict[str, list[RawSurface]] = {}
    for surface in mesh.surfaces:
        match = _NODE.match(surface.node)
        by_key.setdefault(match["key"] if match else surface.node, []).append(surface)
    check_object_count(len(by_key), mesh.file)
    parts = {key: RawMesh(mesh.file, tuple(surfaces)) for key, surfaces in sorted(by_key.items())}
    wrapped = {key: part for key, part in parts.items() if _wrapped(part)}
    failures = [RawFailure(key, label_of(key), _wrapped_reason(part)) for key, part in wrapped.items()]
    objects = [RawObject(key, label_of(key), part) for key, part in parts.items() if key not in wrapped]
    nameless = sorted(key for key in parts if not _KEY.match(key))
    said = (
        [f"{mesh.file}: {', '.join(nameless)[:200]} carry no key of a run; their nodes name them"] if nameless else []
    )
    return objects, failures, [*said, *mesh.notes]


def _wrapped(mesh: RawMesh) -> bool:
    """Whether a mesh has more vertices than its writer's 16-bit indices can name."""
    return any(
        len(surface.vertices) > _INDEX_LIMIT and int(surface.faces.max()) < _INDEX_LIMIT for surface in mesh.surfaces
    )


def _wrapped_reason(mesh: RawMesh) -> str:
    return f"{mesh.file}: its 16-bit indices have wrapped, and there is no sound mesh of it in output/3D"


def _prediction(output: Path, entry: _Files, meshes: Meshes) -> tuple[PartPrediction | None, list[str]]:
    """Read an object's prediction; a damaged one costs the joints, not the object, and is said."""
    if entry.prediction is None:
        return None, []
    mesh = meshes[entry.prediction / OBJ_FILE]
    if isinstance(mesh, MeshFault):
        return None, [f"{mesh.reason} The prediction is not used."]
    try:
        return read_prediction(entry.prediction, mesh, _name(output, entry.prediction)), []
    except ScanError as error:
        return None, [f"{error} The prediction is not used."]


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
