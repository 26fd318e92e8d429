"""Read one foreign mesh file (.glb, .gltf, .obj, .ply, .stl) into plain nouns; runs in the child of mesh_reader."""

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray
from trimesh.visual.material import PBRMaterial

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.poses import Vec3, vec3

from .colours import srgb_from_linear
from .glb_pictures import lost_pictures
from .mesh_limits import check_faces, check_file, check_points
from .raw_scan import Points, RawLook, RawMesh, RawSurface
from .side_files import SideFiles
from .textures import as_png, limit_pictures

# What a parser that believes its input raises over a damaged file; running out of memory ends the process instead.
PARSER_ERRORS = (ValueError, TypeError, LookupError, AttributeError, AssertionError, ArithmeticError, NameError,
                 OSError, RecursionError, EOFError, struct.error)  # fmt: skip

_DEFAULT_ROUGHNESS = 0.7
_DEFAULT_COLOR = (0.7, 0.7, 0.7)


def read_mesh(path: Path, name: str, root: Path | None = None) -> RawMesh:
    """Read every geometry of a mesh file with its node's transform applied; vertices keep their order.

    Materials and textures beside it are read from inside `root`, which is the file's own folder when it is not given.
    Raises ScanError naming the file and what the parser stumbled over.
    """
    try:
        return _read(path, name, root or path.parent)
    except PARSER_ERRORS as error:
        raise ScanError(name, f"cannot be read: {_stumble(error)}") from error


def _read(path: Path, name: str, root: Path) -> RawMesh:
    limit_pictures()
    content = check_file(path, name)
    beside = SideFiles(path.parent, root)
    loaded = _load(content, path, beside)
    scene = loaded if isinstance(loaded, trimesh.Scene) else trimesh.Scene(loaded)
    surfaces: list[RawSurface] = []
    notes = lost_pictures(content) if path.suffix.lower() == ".glb" else []
    for node in scene.graph.nodes_geometry:
        transform, geometry_name = scene.graph[node]
        geometry = scene.geometry[geometry_name]
        if isinstance(geometry, trimesh.Trimesh) and len(geometry.faces):
            T = np.asarray(transform, dtype=np.float64)
            surfaces.append(_surface(geometry, T, name, str(node), notes))
    if not surfaces:
        raise ScanError(name, "has no faces.", expected="a mesh with at least one triangle")
    is_gltf = path.suffix.lower() in {".glb", ".gltf"}
    said = dict.fromkeys(f"{name}: {note}" for note in (*beside.notes, *notes))
    # glTF prescribes both; the other kinds say nothing.
    up, metres_per_unit = ((0.0, 1.0, 0.0), 1.0) if is_gltf else (None, None)
    return RawMesh(name, tuple(surfaces), up, metres_per_unit, tuple(said))


def read_cloud(path: Path, name: str) -> Points:
    """Read the points of a cloud or mesh file, shape (N, 3)."""
    try:
        loaded = _load(check_file(path, name), path, SideFiles(path.parent, path.parent))
        points = np.array(getattr(loaded, "vertices", np.empty((0, 3))), dtype=np.float64)
    except PARSER_ERRORS as error:
        raise ScanError(name, f"cannot be read: {_stumble(error)}") from error
    check_points(points, name)
    return points


def read_obj_geometry(path: Path, name: str) -> tuple[Points, NDArray[np.int32]]:
    """Read vertices and triangles of a Wavefront file in file order, which general readers do not keep."""
    vertices: list[list[float]] = []
    faces: list[list[int]] = []
    for number, line in enumerate(check_file(path, name).decode("utf-8", "replace").splitlines(), 1):
        words = line.split()
        if not words or words[0] not in ("v", "f"):
            continue
        try:
            if words[0] == "v":
                vertices.append([float(word) for word in words[1:4]])
            else:
                faces.append([int(word.partition("/")[0]) for word in words[1:]])
        except ValueError as error:
            raise ScanError(name, f"line {number} holds no numbers.", expected="`v x y z` or `f a b c`") from error
        if len(words) < 4 or (words[0] == "f" and len(words) != 4):
            raise ScanError(name, f"line {number} is not a vertex or triangle.", expected="three values")
    points = np.array(vertices, dtype=np.float64).reshape(-1, 3)
    corners = np.array(faces, dtype=np.int32).reshape(-1, 3)
    check_points(points, name)
    triangles = np.where(corners > 0, corners - 1, corners + len(points)).astype(np.int32)
    check_faces(triangles, len(points), name)
    return points, triangles


def _stumble(error: Exception) -> str:
    lines = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:160]}"


def _load(content: bytes, path: Path, beside: SideFiles) -> Any:
    # From memory: the reader sees nothing of the disk but what `beside` gives it.
    kind = path.suffix.lower().lstrip(".")
    return trimesh.load(io.BytesIO(content), file_type=kind, process=False, resolver=beside)


def _surface(mesh: trimesh.Trimesh, transform: Points, name: str, node: str, notes: list[str]) -> RawSurface:
    vertices = np.array(mesh.vertices, dtype=np.float64)
    if not np.array_equal(transform, np.eye(4)):
        vertices = vertices @ transform[:3, :3].T + transform[:3, 3]
    faces = np.array(mesh.faces, dtype=np.int32)
    check_points(vertices, name)
    check_faces(faces, len(vertices), name)
    if np.linalg.det(transform[:3, :3]) < 0:
        faces = faces[:, ::-1].copy()
        notes.append(f"node {node!r} mirrors its mesh; its faces were turned round")
    uv = _texture_coordinates(mesh, len(vertices), node, notes)
    return RawSurface(vertices, faces, uv, _look(mesh, uv is not None, node, notes), node)


def _texture_coordinates(mesh: trimesh.Trimesh, count: int, node: str, notes: list[str]) -> NDArray[np.float32] | None:
    # trimesh turns glTF's downward v upwards while it reads, which is the convention of our nouns.
    uv = getattr(mesh.visual, "uv", None)
    if uv is None:
        return None
    if np.shape(uv) != (count, 2) or not np.isfinite(uv).all():
        notes.append(f"node {node!r} has texture coordinates that are not finite, or not one per vertex; left out")
        return None
    return np.array(uv, dtype=np.float32)


def _look(mesh: trimesh.Trimesh, has_uv: bool, node: str, notes: list[str]) -> RawLook:
    material = getattr(mesh.visual, "material", None)
    if material is None:
        return RawLook(base_color_rgb=_vertex_color(mesh))
    name = str(getattr(material, "name", None) or "")
    if not isinstance(material, PBRMaterial):
        material = material.to_pbr()
    linear = _DEFAULT_COLOR if material.baseColorFactor is None else np.asarray(material.baseColorFactor)[:3] / 255.0
    roughness = _share(material.roughnessFactor, _DEFAULT_ROUGHNESS)
    # glTF says that a missing factor means metal; writers that leave it out mean anything but that.
    metallic = _share(material.metallicFactor, 0.0)
    image = material.baseColorTexture if has_uv else None
    png, fault = (b"", "") if image is None else as_png(image)
    if image is None or fault:
        if fault:
            notes.append(f"the texture of node {node!r} {fault}; it was left out")
        color = _DEFAULT_COLOR if material.baseColorFactor is None else srgb_from_linear(np.asarray(linear))
        return RawLook(color, None, (0, 0), roughness, metallic, name)
    if image.width * image.height == 1:
        # A texture of one pixel is how some writers store a plain colour.
        pixel = np.asarray(image.convert("RGB"), dtype=np.float64).reshape(3) / 255.0
        return RawLook(vec3(pixel), None, (0, 0), roughness, metallic, name)
    factor = (1.0, 1.0, 1.0) if material.baseColorFactor is None else vec3(linear)
    return RawLook(factor, png, image.size, roughness, metallic, name)


def _share(value: Any, default: float) -> float:
    if value is None or not np.isfinite(float(value)):
        return default
    return float(np.clip(float(value), 0.0, 1.0))


def _vertex_color(mesh: trimesh.Trimesh) -> Vec3:
    visual: Any = mesh.visual
    if visual.kind != "vertex":
        return _DEFAULT_COLOR
    return vec3(np.asarray(visual.vertex_colors, dtype=np.float64)[:, :3].mean(axis=0) / 255.0)
