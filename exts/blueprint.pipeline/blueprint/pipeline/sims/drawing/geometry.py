"""What can be seen of a scene: the visible shapes of a Newton model as triangles in the frames of their bodies."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import newton
import numpy as np
from newton.utils import load_texture, normalize_texture
from numpy.typing import NDArray

from blueprint.pipeline.errors import InputError
from blueprint.pipeline.scene.poses import Pose, vec3

from .solids import solid_triangles

Floats = NDArray[np.float64]
WORLD = 0
"""The owner of what never moves; body i of the model owns as i + 1."""
SEGMENTS = 96
"""Facets around what is round and not a mesh: 0.05 % of the radius are cut off at most."""
ENDLESS_M = 2000.0
"""Length of the sides of a plane without an end."""


class CannotBeDrawn(InputError):
    """A visible shape has no triangles, or a texture that is no image."""

    def __init__(self, shape: str, fault: str) -> None:
        super().__init__(
            f"{shape}: {fault}; visible shapes are meshes, boxes, spheres, capsules, cylinders, cones, planes"
        )


@dataclass(frozen=True, eq=False, slots=True)
class Geometry:
    """Vertices: point (V, 3) in m, normal (V, 3), uv (V, 2) from the upper left corner, owner (V).

    Triangles: corners (F, 3), shape (F), whether part of a closed surface wound outwards (F). Shapes: label, colour
    (S, 3), sRGB 0 to 1, picture (S), -1 for none. Pictures are (H, W, 4) 8-bit sRGB.
    """

    points_m: Floats
    normals: Floats
    uvs: Floats
    owners: NDArray[np.int32]
    corners: NDArray[np.int32]
    shapes: NDArray[np.int32]
    solid: NDArray[np.bool_]
    labels: tuple[str, ...]
    colors: Floats
    picture_of: NDArray[np.int32]
    pictures: tuple[NDArray[np.uint8], ...]

    def points_of(self, owner: int) -> Floats:
        """Return the points (N, 3) of an owner."""
        return self.points_m[self.owners == owner]


@dataclass(frozen=True, eq=False, slots=True)
class _Part:
    """One shape's points, normals and texture coordinates by vertex, and its triangles."""

    points_m: Floats
    normals: Floats
    uvs: Floats
    corners: NDArray[np.int64]


def gather_geometry(model: Any) -> Geometry:
    """Return everything visible in a Newton model; raises CannotBeDrawn."""
    shown = np.flatnonzero(model.shape_flags.numpy() & int(newton.ShapeFlags.VISIBLE)).tolist()
    bodies = model.shape_body.numpy()
    places = model.shape_transform.numpy().astype(np.float64)
    scales = model.shape_scale.numpy().astype(np.float64)
    types = model.shape_type.numpy()
    album = _Album()
    parts: list[_Part] = []
    pictures: list[int] = []
    for shape in shown:
        label = model.shape_label[shape]
        mesh, scale = _mesh_of(model.shape_source[shape], newton.GeoType(int(types[shape])), scales[shape], label)
        part = _placed(_part(mesh, scale, int(types[shape])), places[shape])
        parts.append(part)
        pictures.append(album.number(mesh, label))
    counts = [len(part.points_m) for part in parts]
    starts = np.cumsum([0, *counts[:-1]])
    points = _joined([part.points_m for part in parts], 3)
    owners = np.repeat(bodies[shown].astype(np.int32) + 1, counts)
    corners = _joined([part.corners + start for part, start in zip(parts, starts, strict=True)], 3).astype(np.int32)
    return Geometry(
        points,
        _joined([part.normals for part in parts], 3),
        _joined([part.uvs for part in parts], 2),
        owners,
        corners,
        np.repeat(np.arange(len(shown), dtype=np.int32), [len(part.corners) for part in parts]),
        solid_triangles(points, owners, corners),
        tuple(model.shape_label[shape] for shape in shown),
        model.shape_color.numpy()[shown].astype(np.float64),
        np.array(pictures, dtype=np.int32),
        tuple(album.pictures),
    )


class _Album:
    """Each picture once, in the order in which shapes ask for them."""

    def __init__(self) -> None:
        self.pictures: list[NDArray[np.uint8]] = []
        self._numbers: dict[Any, int] = {}

    def number(self, mesh: Any, label: str) -> int:
        """Return the number of a mesh's picture, -1 where it has none."""
        if mesh.texture is None:
            return -1
        if mesh.texture_hash not in self._numbers:
            pixels = load_texture(mesh.texture)
            if pixels is None:
                raise CannotBeDrawn(label, f"its texture {mesh.texture} cannot be decoded")
            self._numbers[mesh.texture_hash] = len(self.pictures)
            self.pictures.append(_opaque(normalize_texture(pixels, require_channels=True)))
        return self._numbers[mesh.texture_hash]


def _opaque(pixels: Any) -> NDArray[np.uint8]:
    rgba = np.full((*pixels.shape[:2], 4), 255, dtype=np.uint8)
    rgba[..., :3] = pixels[..., :3]
    return rgba


def _joined(parts: list[Any], width: int) -> Any:
    return np.concatenate(parts) if parts else np.zeros((0, width))


def _mesh_of(source: Any, kind: newton.GeoType, size: Floats, label: str) -> tuple[Any, Floats]:
    """Return the mesh of a shape and the factors (3) by which it is scaled."""
    if source is not None and hasattr(source, "vertices"):
        return source, size
    x, y, z = size.tolist()
    up = newton.Axis.Z
    many: Mapping[str, Any] = {"up_axis": up, "segments": SEGMENTS, "compute_inertia": False}
    ball: Mapping[str, Any] = {"num_latitudes": SEGMENTS, "num_longitudes": SEGMENTS, "compute_inertia": False}
    create = newton.Mesh
    match kind:
        case newton.GeoType.BOX:
            mesh = create.create_box(x, y, z, compute_inertia=False)
        case newton.GeoType.SPHERE:
            mesh = create.create_sphere(x, **ball)
        case newton.GeoType.ELLIPSOID:
            mesh = create.create_ellipsoid(x, y, z, **ball)
        case newton.GeoType.CAPSULE:
            mesh = create.create_capsule(x, y, **many)
        case newton.GeoType.CYLINDER:
            mesh = create.create_cylinder(x, y, **many)
        case newton.GeoType.CONE:
            mesh = create.create_cone(x, y, **many)
        case newton.GeoType.PLANE:
            mesh = create.create_plane(x or ENDLESS_M, y or ENDLESS_M, compute_inertia=False)
        case _:
            raise CannotBeDrawn(label, f"a shape of type {kind.name} has no triangles")
    return mesh, np.ones(3)


def _part(mesh: Any, scale: Floats, kind: int) -> _Part:
    """Return a shape's triangles in its own frame, scaled."""
    points = np.asarray(mesh.vertices, dtype=np.float64) * scale
    corners = np.asarray(mesh.indices, dtype=np.int64).reshape(-1, 3)
    # A hull's vertices are not those that the coordinates of its mesh belong to.
    own = kind != int(newton.GeoType.CONVEX_MESH)
    normals = np.asarray(mesh.normals, dtype=np.float64) / scale if own and mesh.normals is not None else None
    uvs = _texture_coordinates(mesh) if own and mesh.uvs is not None else None
    if normals is not None and (uvs is not None or mesh.texture is None):
        return _Part(points, normals, np.zeros((len(points), 2)) if uvs is None else uvs, corners)
    # What belongs to faces rather than vertices needs vertices of its own.
    flat = corners.reshape(-1)
    loose = points[flat]
    facing = np.repeat(_face_normals(loose.reshape(-1, 3, 3)), 3, axis=0)
    return _Part(
        loose,
        facing if normals is None else normals[flat],
        _projected(loose, facing) if uvs is None else uvs[flat],
        np.arange(len(flat)).reshape(-1, 3),
    )


def _texture_coordinates(mesh: Any) -> Floats:
    """Return the coordinates as the material places them, v downwards."""
    transform = np.asarray(mesh.texture_transform, dtype=np.float64)
    u, v = (np.asarray(mesh.uvs, dtype=np.float64) @ transform[:, :2].T + transform[:, 2]).T
    return np.stack([u, 1.0 - v], axis=1)


def _face_normals(triangles: Floats) -> Floats:
    normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)


def _projected(points: Floats, normals: Floats) -> Floats:
    """Return texture coordinates of points without any, in metres along the two axes that a face lies along most."""
    axis = np.abs(normals).argmax(axis=1)
    across, along = np.array([1, 0, 0])[axis], np.array([2, 2, 1])[axis]
    row = np.arange(len(points))
    return np.stack([points[row, across], 1.0 - points[row, along]], axis=1)


def _placed(part: _Part, place: Floats) -> _Part:
    """Return a part in the frame of its body; `place` is position and quaternion (xyzw)."""
    x, y, z, w = place[3:].tolist()
    rotation = Pose((0.0, 0.0, 0.0), (w, x, y, z))
    points = Pose(vec3(place[:3]), (w, x, y, z)).apply(part.points_m)
    return _Part(points, rotation.apply(part.normals), part.uvs, part.corners)
