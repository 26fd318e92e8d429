"""Rules about what an asset shows: meshes, normals, looks and labels."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

# The stubs of usd-core leave UsdSemantics out.
from pxr import Usd, UsdGeom, UsdSemantics, UsdShade  # pyright: ignore[reportAttributeAccessIssue]

_UNIT_TOLERANCE = 1e-3


def check_surfaces(root: Usd.Prim) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong as code, message and prim."""
    for prim in Usd.PrimRange(root):
        path = str(prim.GetPath())
        if prim.IsA("Mesh"):
            yield from ((code, message, path) for code, message in _check_mesh(UsdGeom.Mesh(prim)))
        if prim.IsA("Gprim") and is_seen(prim):
            yield from ((code, message, path) for code, message in _check_look(prim))
        if prim.IsA("Material") and not _labels(prim, "material"):
            yield "SL.MAT.001", "the material is not labelled", path
    for taxonomy, code in (("class", "SL.001"), ("wikidata_qcode", "SL.QCODE.001")):
        if not _labels(root, taxonomy):
            yield code, f"the root has no label {taxonomy}", str(root.GetPath())


def is_seen(prim: Usd.Prim) -> bool:
    """Whether cameras see a prim: it is neither a guide nor a proxy."""
    return UsdGeom.Imageable(prim).ComputePurpose() in (UsdGeom.Tokens.default_, UsdGeom.Tokens.render)


def _check_mesh(mesh: UsdGeom.Mesh) -> Iterator[tuple[str, str]]:
    points = np.asarray(mesh.GetPointsAttr().Get() or [], dtype=np.float64).reshape(-1, 3)
    corners = np.asarray(mesh.GetFaceVertexIndicesAttr().Get() or [], dtype=np.int64)
    counts = np.asarray(mesh.GetFaceVertexCountsAttr().Get() or [], dtype=np.int64)
    if mesh.GetSubdivisionSchemeAttr().Get() != UsdGeom.Tokens.none:
        yield "VG.MESH.001", "the mesh is to be subdivided"
    if not len(points) or not np.isfinite(points).all():
        yield "VG.014", "points are missing or not finite"
        return
    if counts.sum() != len(corners) or corners.min(initial=0) < 0 or corners.max(initial=0) >= len(points):
        yield "VG.014", "faces name points that are not there"
        return
    extent = mesh.GetExtentAttr().Get()
    bounds = np.array([points.min(axis=0), points.max(axis=0)])
    if extent is None or not np.allclose(np.asarray(extent), bounds, atol=1e-5):
        yield "VG.002", "the extent is not that of the points"
    yield from _check_normals(mesh, {"faceVarying": len(corners), "uniform": len(counts), "vertex": len(points)})


def _check_normals(mesh: UsdGeom.Mesh, wanted: dict[str, int]) -> Iterator[tuple[str, str]]:
    normals: NDArray[np.float64] = np.asarray(mesh.GetNormalsAttr().Get() or [], dtype=np.float64).reshape(-1, 3)
    if not len(normals):
        yield "VG.027", "there are no normals"
        return
    kind = mesh.GetNormalsInterpolation()
    if len(normals) != wanted.get(kind, -1):
        yield "VG.028", f"{len(normals)} normals, which does not fit interpolation {kind}"
    elif np.abs(np.linalg.norm(normals, axis=1) - 1).max() > _UNIT_TOLERANCE:
        yield "VG.028", "normals are not of unit length"


def _check_look(prim: Usd.Prim) -> Iterator[tuple[str, str]]:
    look, _ = UsdShade.MaterialBindingAPI(prim).ComputeBoundMaterial()
    if not look:
        yield "VM.MAT.001", "no look is bound"
        return
    surface, _, _ = look.ComputeSurfaceSource()
    if not surface or surface.GetIdAttr().Get() != "UsdPreviewSurface":
        yield "VM.PS.001", f"its look {look.GetPath().name} is no preview surface"


def _labels(prim: Usd.Prim, taxonomy: str) -> list[str]:
    if not prim.HasAPI("SemanticsLabelsAPI", taxonomy):
        return []
    return [label for label in UsdSemantics.LabelsAPI(prim, taxonomy).GetLabelsAttr().Get() or [] if label.strip()]
