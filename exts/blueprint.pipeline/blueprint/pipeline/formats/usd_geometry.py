"""Read the shape of one foreign USD prim: a polygon mesh with its subsets, or one of the simple solids."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray
from pxr import Usd, UsdGeom, UsdShade

from blueprint.pipeline.errors import ScanError

from .mesh_limits import MAX_FACES, MAX_VERTICES, check_faces, check_points
from .raw_scan import Points, RawSurface
from .usd_look import BoundLook, LookReader

Ints = NDArray[np.int64]

_WHEN = Usd.TimeCode.EarliestTime()
_SIDES = 48
_AXES = {"X": [[0, 0, 1], [1, 0, 0], [0, 1, 0]], "Y": [[1, 0, 0], [0, 0, 1], [0, -1, 0]], "Z": np.eye(3)}


@dataclass(frozen=True, eq=False)
class _Polygons:
    """Triangles of a polygon mesh: rows of `corners` index the file's corner list, `face_of` the file's faces."""

    points: Points
    point_of_corner: Ints
    corners: Ints
    face_of: Ints


def surfaces_of(prim: Usd.Prim, T_object_prim: Points, looks: LookReader) -> list[RawSurface]:
    """Return a prim's surfaces, one per material, in the frame of its object; raises ScanError naming the prim."""
    name = str(prim.GetPath())
    surfaces = _mesh_surfaces(UsdGeom.Mesh(prim), looks, name) if prim.IsA("Mesh") else [_solid(prim, looks)]
    linear, shift = T_object_prim[:3, :3], T_object_prim[:3, 3]
    mirrored = float(np.linalg.det(linear)) < 0
    placed = []
    for surface in surfaces:
        vertices = surface.vertices @ linear.T + shift
        faces = surface.faces[:, ::-1].copy() if mirrored else surface.faces
        check_points(vertices, name)
        check_faces(faces, len(vertices), name)
        placed.append(RawSurface(vertices, faces, surface.uv, surface.look, name))
    return placed


def has_shape(prim: Usd.Prim) -> bool:
    """Return whether `surfaces_of` can read a prim."""
    return prim.IsA("Mesh") or prim.GetTypeName() in _SOLIDS


def _mesh_surfaces(mesh: UsdGeom.Mesh, looks: LookReader, name: str) -> list[RawSurface]:
    polygons = _polygons(mesh, name)
    prim = mesh.GetPrim()
    own = looks.of(prim)
    owner = np.zeros(len(mesh.GetFaceVertexCountsAttr().Get(_WHEN)), dtype=np.int64)
    bound = [own]
    for subset in UsdShade.MaterialBindingAPI(prim).GetMaterialBindSubsets():
        members = np.array(subset.GetIndicesAttr().Get(_WHEN) or [], dtype=np.int64)
        owner[members[(members >= 0) & (members < len(owner))]] = len(bound)
        bound.append(looks.of(subset.GetPrim(), own))
    chosen = owner[polygons.face_of]
    parts = [(look, polygons.corners[chosen == number]) for number, look in enumerate(bound)]
    return [_surface(prim, polygons, corners, look) for look, corners in parts if len(corners)]


def _polygons(mesh: UsdGeom.Mesh, name: str) -> _Polygons:
    """Return a mesh's polygons as fans of triangles, wound so that they are right-handed."""
    points = np.array(mesh.GetPointsAttr().Get(_WHEN) or [], dtype=np.float64).reshape(-1, 3)
    counts = np.array(mesh.GetFaceVertexCountsAttr().Get(_WHEN) or [], dtype=np.int64)
    indices = np.array(mesh.GetFaceVertexIndicesAttr().Get(_WHEN) or [], dtype=np.int64)
    if not len(counts) or not len(points):
        raise ScanError(name, "has no faces.", expected="a mesh with at least one polygon")
    if (counts < 0).any() or int(counts.sum()) != len(indices):
        raise ScanError(name, f"has {len(indices)} corners where its faces count {int(counts.sum())}.",
                        expected="faceVertexCounts that add up to faceVertexIndices")  # fmt: skip
    if (indices < 0).any() or (indices >= len(points)).any():
        raise ScanError(name, "has faces that name missing points.", expected=f"indices below {len(points)}")
    holes = np.array(mesh.GetHoleIndicesAttr().Get(_WHEN) or [], dtype=np.int64)
    fans = np.maximum(counts - 2, 0)
    fans[holes[(holes >= 0) & (holes < len(fans))]] = 0
    if not 0 < int(fans.sum()) <= MAX_FACES or len(points) > MAX_VERTICES:
        raise ScanError(name, f"has {int(fans.sum())} triangles.", expected=f"1 to {MAX_FACES}")
    face_of = np.repeat(np.arange(len(counts)), fans)
    first = (np.cumsum(counts) - counts)[face_of]
    step = np.arange(len(face_of)) - np.repeat(np.cumsum(fans) - fans, fans) + 1
    corners = np.stack([first, first + step, first + step + 1], axis=1)
    if mesh.GetOrientationAttr().Get(_WHEN) == UsdGeom.Tokens.leftHanded:
        corners = corners[:, ::-1]
    return _Polygons(points, indices, corners, face_of)


def _surface(prim: Usd.Prim, polygons: _Polygons, corners: Ints, bound: BoundLook) -> RawSurface:
    """Return the surface of some triangles; points are split where their texture coordinates differ."""
    flat = corners.reshape(-1)
    points = polygons.point_of_corner[flat]
    uv, per_corner = _texture_coordinates(prim, bound.st, polygons) if bound.look.texture_png else (None, False)
    if uv is None:
        kept, faces = np.unique(points, return_inverse=True)
        return RawSurface(polygons.points[kept], _triangles(faces), None, bound.look)
    at = uv[flat] if per_corner else uv[points]
    rows = np.column_stack([points, at])
    split, faces = np.unique(rows, axis=0, return_inverse=True)
    vertices = polygons.points[split[:, 0].astype(np.int64)]
    return RawSurface(vertices, _triangles(faces), split[:, 1:].astype(np.float32), bound.look)


def _triangles(flat: NDArray[Any]) -> NDArray[np.int32]:
    return flat.reshape(-1, 3).astype(np.int32)


def _texture_coordinates(prim: Usd.Prim, name: str, polygons: _Polygons) -> tuple[Points | None, bool]:
    """Return texture coordinates (N, 2) and whether they are per corner instead of per point; None without any."""
    primvar = UsdGeom.PrimvarsAPI(prim).FindPrimvarWithInheritance(name)
    values = primvar.ComputeFlattened(_WHEN) if primvar and primvar.HasValue() else None
    uv = np.array([] if values is None else values, dtype=np.float64)
    if uv.ndim != 2 or uv.shape[1] != 2 or not np.isfinite(uv).all():
        return None, False
    per_corner = primvar.GetInterpolation() == UsdGeom.Tokens.faceVarying
    wanted = len(polygons.point_of_corner) if per_corner else len(polygons.points)
    return (uv, per_corner) if len(uv) == wanted else (None, False)


def _solid(prim: Usd.Prim, looks: LookReader) -> RawSurface:
    made = _SOLIDS[prim.GetTypeName()](prim)
    vertices = np.asarray(made.vertices, dtype=np.float64)
    axis = prim.GetAttribute("axis").Get(_WHEN) if prim.HasAttribute("axis") else "Z"
    turned = vertices @ np.asarray(_AXES.get(str(axis), _AXES["Z"]), dtype=np.float64).T
    # Texture coordinates of solids are the renderer's own; only the colour is kept.
    return RawSurface(turned, np.asarray(made.faces, dtype=np.int32), None, looks.of(prim).look)


def _size(prim: Usd.Prim, name: str) -> float:
    value = prim.GetAttribute(name).Get(_WHEN)
    if not isinstance(value, int | float) or not 0 < value < 1e6:
        raise ScanError(str(prim.GetPath()), f"{name} is {value!r}.", expected="a length above zero")
    return float(value)


def _capsule(prim: Usd.Prim) -> trimesh.Trimesh:
    made = trimesh.creation.capsule(_size(prim, "height"), _size(prim, "radius"), count=[_SIDES, _SIDES])
    return made.apply_translation([0, 0, -float(made.bounds.mean(axis=0)[2])])


def _cone(prim: Usd.Prim) -> trimesh.Trimesh:
    height = _size(prim, "height")
    made = trimesh.creation.cone(_size(prim, "radius"), height, sections=_SIDES)
    return made.apply_translation([0, 0, -height / 2])


_SOLIDS: dict[str, Callable[[Usd.Prim], trimesh.Trimesh]] = {
    "Cube": lambda prim: trimesh.creation.box([_size(prim, "size")] * 3),
    "Sphere": lambda prim: trimesh.creation.icosphere(subdivisions=4, radius=_size(prim, "radius")),
    "Cylinder": lambda prim: trimesh.creation.cylinder(_size(prim, "radius"), _size(prim, "height"), sections=_SIDES),
    "Cone": _cone,
    "Capsule": _capsule,
}
