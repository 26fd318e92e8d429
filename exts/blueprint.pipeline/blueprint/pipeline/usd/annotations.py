"""Regions and grasps of a prop as guides below the link that carries them, so that they go where it goes."""

from pxr import Gf, Sdf, Usd, UsdGeom

from blueprint.pipeline.scene.edits import AddGrasp, AddRegion

from .author import author_box
from .names import body_path, prim_name

REGIONS, GRASPS = "Regions", "Grasps"

_TYPES = Sdf.ValueTypeNames
_REGION_COLOR, _GRASP_COLOR = Gf.Vec3f(0.2, 0.6, 0.9), Gf.Vec3f(0.9, 0.5, 0.1)
_LINE_WIDTH_M = 0.002


def apply_region(stage: Usd.Stage, root: str, edit: AddRegion) -> None:
    """Write a placement region as a box without collision, which no camera sees; its facts are attributes."""
    region = edit.region
    group = _group(stage, root, region.body, REGIONS)
    prim = author_box(stage, f"{group}/{prim_name(region.name)}", region.T_prop_region, region.half_size_m)
    _as_guide(prim, _REGION_COLOR)
    _fact(prim, "region:kind", _TYPES.Token, region.kind)
    _fact(prim, "region:halfSize", _TYPES.Float3, Gf.Vec3f(*region.half_size_m))
    _fact(prim, "region:opening", _TYPES.Vector3f, Gf.Vec3f(*region.opening))
    prim.SetCustomDataByKey("blueprint:region", edit.why)


def apply_grasp(stage: Usd.Stage, root: str, edit: AddGrasp, number: int) -> None:
    """Write a grasp as a straight line through both contact points, as SimReady's FET_005 wants it."""
    grasp = edit.grasp
    group = _group(stage, root, grasp.body, GRASPS)
    curve = UsdGeom.BasisCurves.Define(stage, f"{group}/grasp_identifier_{number:02d}")
    points = [Gf.Vec3f(*grasp.first_m), Gf.Vec3f(*grasp.second_m)]
    curve.CreateTypeAttr(UsdGeom.Tokens.linear)
    curve.CreateCurveVertexCountsAttr([2])
    curve.CreatePointsAttr(points)
    curve.CreateWidthsAttr([_LINE_WIDTH_M])
    curve.SetWidthsInterpolation(UsdGeom.Tokens.constant)
    curve.CreateExtentAttr(UsdGeom.Curves.ComputeExtent(points, [_LINE_WIDTH_M]))
    prim = curve.GetPrim()
    _as_guide(prim, _GRASP_COLOR)
    _fact(prim, "grasp:name", _TYPES.String, grasp.name)
    _fact(prim, "grasp:approach", _TYPES.Vector3f, Gf.Vec3f(*grasp.approach))
    _fact(prim, "grasp:width", _TYPES.Float, grasp.width_m)
    _fact(prim, "grasp:score", _TYPES.Float, grasp.score)
    prim.SetCustomDataByKey("blueprint:grasp", edit.why)


def _group(stage: Usd.Stage, root: str, body: str, name: str) -> str:
    path = f"{body_path(root, body)}/{name}"
    UsdGeom.Scope.Define(stage, path)
    return path


def _as_guide(prim: Usd.Prim, color: Gf.Vec3f) -> None:
    UsdGeom.Imageable(prim).CreatePurposeAttr(UsdGeom.Tokens.guide)
    UsdGeom.Gprim(prim).CreateDisplayColorAttr([color])


def _fact(prim: Usd.Prim, name: str, kind: Sdf.ValueTypeName, value: object) -> None:
    prim.CreateAttribute(f"blueprint:{name}", kind, True).Set(value)
