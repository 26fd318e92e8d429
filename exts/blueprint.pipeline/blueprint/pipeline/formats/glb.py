"""Read one foreign mesh file (.glb, .gltf, .obj, .ply) into plain nouns; runs in the child process of mesh_reader."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image
from trimesh.visual.material import PBRMaterial

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.poses import Vec3, vec3

from .mesh_limits import MAX_TEXTURE_PIXELS, check_faces, check_file, check_points
from .raw_scan import Points, RawLook, RawMesh, RawSurface

_DEFAULT_ROUGHNESS = 0.7
_DEFAULT_COLOR = (0.7, 0.7, 0.7)


def read_mesh(path: Path, name: str) -> RawMesh:
    """Read every geometry of a mesh file with its node's transform applied; vertices keep their order.

    Raises ScanError naming the file; damage below that level raises whatever the parser raises.
    """
    Image.MAX_IMAGE_PIXELS = MAX_TEXTURE_PIXELS // 2
    loaded = _load(path, name)
    scene = loaded if isinstance(loaded, trimesh.Scene) else trimesh.Scene(loaded)
    surfaces: list[RawSurface] = []
    for node in scene.graph.nodes_geometry:
        transform, geometry_name = scene.graph[node]
        geometry = scene.geometry[geometry_name]
        if isinstance(geometry, trimesh.Trimesh) and len(geometry.faces):
            surfaces.append(_surface(geometry, np.asarray(transform, dtype=np.float64), name, str(node)))
    if not surfaces:
        raise ScanError(name, "has no faces.", expected="a mesh with at least one triangle")
    return RawMesh(name, tuple(surfaces))


def read_cloud(path: Path, name: str) -> Points:
    """Read the points of a cloud or mesh file, shape (N, 3)."""
    points = np.array(_load(path, name).vertices, dtype=np.float64)
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


def _load(path: Path, name: str) -> Any:
    content = check_file(path, name)
    # From memory and without a resolver: a foreign file cannot make the reader open another one.
    return trimesh.load(io.BytesIO(content), file_type=path.suffix.lower().lstrip("."), process=False)


def _surface(mesh: trimesh.Trimesh, transform: Points, name: str, node: str) -> RawSurface:
    vertices = np.array(mesh.vertices, dtype=np.float64)
    if not np.array_equal(transform, np.eye(4)):
        vertices = vertices @ transform[:3, :3].T + transform[:3, 3]
    faces = np.array(mesh.faces, dtype=np.int32)
    check_points(vertices, name)
    check_faces(faces, len(vertices), name)
    if np.linalg.det(transform[:3, :3]) < 0:
        faces = faces[:, ::-1].copy()
    return RawSurface(vertices, faces, _texture_coordinates(mesh, len(vertices)), _look(mesh), node)


def _texture_coordinates(mesh: trimesh.Trimesh, count: int) -> NDArray[np.float32] | None:
    # trimesh turns glTF's downward v upwards while it reads, which is the convention of our nouns.
    uv = getattr(mesh.visual, "uv", None)
    if uv is None or np.shape(uv) != (count, 2) or not np.isfinite(uv).all():
        return None
    return np.array(uv, dtype=np.float32)


def _look(mesh: trimesh.Trimesh) -> RawLook:
    material = getattr(mesh.visual, "material", None)
    if material is None:
        return RawLook(base_color_rgb=_vertex_color(mesh))
    if not isinstance(material, PBRMaterial):
        material = material.to_pbr()
    linear = _DEFAULT_COLOR if material.baseColorFactor is None else np.asarray(material.baseColorFactor)[:3] / 255.0
    image = material.baseColorTexture if getattr(mesh.visual, "uv", None) is not None else None
    roughness = _DEFAULT_ROUGHNESS if material.roughnessFactor is None else float(material.roughnessFactor)
    # glTF says that a missing factor means metal; writers that leave it out mean anything but that.
    metallic = 0.0 if material.metallicFactor is None else float(material.metallicFactor)
    if image is None:
        color = _DEFAULT_COLOR if material.baseColorFactor is None else _srgb(np.asarray(linear))
        return RawLook(color, None, (0, 0), roughness, metallic)
    if image.width * image.height == 1:
        # A texture of one pixel is how some writers store a plain colour.
        pixel = np.asarray(image.convert("RGB"), dtype=np.float64).reshape(3) / 255.0
        return RawLook(vec3(pixel), None, (0, 0), roughness, metallic)
    factor = (1.0, 1.0, 1.0) if material.baseColorFactor is None else vec3(linear)
    return RawLook(factor, _png(image), image.size, roughness, metallic)


def _vertex_color(mesh: trimesh.Trimesh) -> Vec3:
    visual: Any = mesh.visual
    if visual.kind != "vertex":
        return _DEFAULT_COLOR
    return vec3(np.asarray(visual.vertex_colors, dtype=np.float64)[:, :3].mean(axis=0) / 255.0)


def _srgb(linear: Points) -> Vec3:
    """IEC 61966-2-1."""
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.power(linear, 1 / 2.4) - 0.055)
    return vec3(np.clip(curved, 0.0, 1.0))


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, format="PNG", compress_level=6)
    return buffer.getvalue()
