"""Our own checks: nothing to say about our assets, and the right requirement named for each harm done to one."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from pxr import Gf, Sdf, Usd, UsdGeom, UsdPhysics, UsdShade
from tests.usd.kitchenette import Made

from blueprint.pipeline.usd.asset_checks import AssetFault, check_asset
from blueprint.pipeline.usd.asset_files import sidecar_of, stamp_date, thumbnail_of
from blueprint.pipeline.usd.physics_checks import check_physics
from blueprint.pipeline.usd.prop_asset import asset_path

Harm = Callable[[Usd.Stage], object]
FileHarm = Callable[[Path], object]


@pytest.fixture
def finished(asset_folder: Path, tmp_path: Path, made: dict[str, Made]) -> dict[str, Path]:
    """Every prop as a published asset: with a picture and a date."""
    shutil.copytree(asset_folder, tmp_path / "scene")
    assets = {name: tmp_path / "scene" / asset_path(name) for name in made}
    for asset in assets.values():
        stamp_date(asset, "2026-11-20")
        picture = thumbnail_of(asset)
        picture.parent.mkdir(parents=True)
        cv2.imwrite(str(picture), np.zeros((256, 256, 3), dtype=np.uint8))
    return assets


def _codes(faults: tuple[AssetFault, ...]) -> set[str]:
    return {fault.code for fault in faults}


def test_our_assets_break_no_rule(finished: dict[str, Path]) -> None:
    faults = {name: check_asset(asset) for name, asset in finished.items()}
    # The L-shaped block of these tests does not stand on the middle of its base.
    assert [str(fault) for fault in faults.pop("ell")] == [
        "VG.025: the origin is 20.0 mm off the middle of the base (at /ell)"
    ]
    assert faults == dict.fromkeys(faults, ())


def test_in_a_record_no_date_is_asked_for(finished: dict[str, Path]) -> None:
    sidecar_of(finished["can"]).unlink()
    assert check_asset(finished["can"], dated=False) == ()
    assert [str(fault) for fault in check_asset(finished["can"])] == ["SR.004: usd_date_generated is not said"]


def _body(stage: Usd.Stage) -> Usd.Prim:
    return stage.GetPrimAtPath("/can/body")


def _hull(stage: Usd.Stage) -> UsdGeom.Mesh:
    return UsdGeom.Mesh(stage.GetPrimAtPath("/can/body/collisions/hull_00"))


def _visual(stage: Usd.Stage) -> UsdGeom.Mesh:
    return UsdGeom.Mesh(stage.GetPrimAtPath("/can/body/visuals/mesh_00"))


def _look_like_the_visual(stage: Usd.Stage) -> None:
    hull, visual = _hull(stage), _visual(stage)
    hull.GetPointsAttr().Set(visual.GetPointsAttr().Get())
    hull.GetExtentAttr().Set(visual.GetExtentAttr().Get())


def _fix_to_the_world(stage: Usd.Stage) -> None:
    joint = UsdPhysics.FixedJoint.Define(stage, "/can/fix")
    joint.CreateBody1Rel().SetTargets(["/can/body"])


def _add_a_stray_body(stage: Usd.Stage) -> None:
    prim = UsdGeom.Xform.Define(stage, "/can/stray").GetPrim()
    UsdPhysics.RigidBodyAPI.Apply(prim)
    UsdPhysics.MassAPI.Apply(prim).CreateMassAttr(1.0)


def _squeeze_a_ball(stage: Usd.Stage) -> None:
    ball = UsdGeom.Sphere.Define(stage, "/can/body/collisions/ball")
    UsdPhysics.CollisionAPI.Apply(ball.GetPrim())
    ball.CreatePurposeAttr("guide")
    UsdGeom.XformCommonAPI(ball).SetScale(Gf.Vec3f(1, 2, 1))


HARMS: dict[str, tuple[str, Harm]] = {
    "lying": ("UN.006", lambda stage: UsdGeom.SetStageUpAxis(stage, "Y")),
    "centimetres": ("UN.007", lambda stage: UsdGeom.SetStageMetersPerUnit(stage, 0.01)),
    "grams": ("UN.002", lambda stage: UsdPhysics.SetStageKilogramsPerUnit(stage, 0.001)),
    "second root": ("HI.001", lambda stage: stage.DefinePrim("/other", "Xform")),
    "no kind": ("HI.004", lambda stage: Usd.ModelAPI(stage.GetDefaultPrim()).SetKind("group")),
    "bare over": ("HI.010", lambda stage: stage.OverridePrim("/can/nothing")),
    "moved root": ("VG.025", lambda stage: UsdGeom.XformCommonAPI(stage.GetDefaultPrim()).SetTranslate((1, 0, 0))),
    "origin off": ("VG.025", lambda stage: UsdGeom.XformCommonAPI(_visual(stage)).SetTranslate((0.05, 0, 0))),
    "unlabelled": ("SL.001", lambda stage: stage.GetDefaultPrim().RemoveAppliedSchema("SemanticsLabelsAPI:class")),
    "unlabelled material": ("SL.MAT.001", lambda stage: UsdShade.Material.Define(stage, "/can/Looks/another")),
    "no look": ("VM.MAT.001", lambda stage: UsdShade.MaterialBindingAPI(_visual(stage)).UnbindAllBindings()),
    "no normals": ("VG.027", lambda stage: _visual(stage).GetNormalsAttr().Block()),
    "long normals": ("VG.028", lambda stage: _hull(stage).GetNormalsAttr().Set([Gf.Vec3f(0, 0, 2)] * 64)),
    "few normals": ("VG.028", lambda stage: _hull(stage).GetNormalsAttr().Set([Gf.Vec3f(0, 0, 1)])),
    "subdivided": ("VG.MESH.001", lambda stage: _visual(stage).GetSubdivisionSchemeAttr().Set("catmullClark")),
    "lost points": ("VG.014", lambda stage: _visual(stage).GetPointsAttr().Set([Gf.Vec3f(0)])),
    "stale extent": ("VG.002", lambda stage: _hull(stage).GetExtentAttr().Set([Gf.Vec3f(0), Gf.Vec3f(9)])),
    "weightless": ("RB.007", lambda stage: UsdPhysics.MassAPI(_body(stage)).GetMassAttr().Set(0.0)),
    "impossible inertia": (
        "RB.007",
        lambda stage: UsdPhysics.MassAPI(_body(stage)).GetDiagonalInertiaAttr().Set(Gf.Vec3f(1, 1, 3)),
    ),
    "no body": ("RB.001", lambda stage: _body(stage).RemoveAPI(UsdPhysics.RigidBodyAPI)),
    "nested bodies": ("RB.012", lambda stage: UsdPhysics.RigidBodyAPI.Apply(stage.GetPrimAtPath("/can"))),
    "seen collider": ("RB.010", lambda stage: _hull(stage).GetPurposeAttr().Set("default")),
    "collider on a group": (
        "RB.COL.001",
        lambda stage: UsdPhysics.CollisionAPI.Apply(stage.GetPrimAtPath("/can/body/collisions")),
    ),
    "hollow collider": (
        "RB.COL.002",
        lambda stage: UsdPhysics.MeshCollisionAPI(_hull(stage)).GetApproximationAttr().Set("none"),
    ),
    "squeezed ball": ("RB.COL.004", _squeeze_a_ball),
    "no friction": ("PMT.001", lambda stage: UsdShade.MaterialBindingAPI(_hull(stage)).UnbindAllBindings()),
    "one mesh for both": ("VG.008", _look_like_the_visual),
    "held by the world": ("JT.002", _fix_to_the_world),
    "stray body": ("JT.001", _add_a_stray_body),
    "miscounted": ("SR.004", _add_a_stray_body),
}


@pytest.mark.parametrize("name", HARMS)
def test_harm_is_named_by_its_requirement(finished: dict[str, Path], name: str) -> None:
    code, harm = HARMS[name]
    stage = Usd.Stage.Open(str(finished["can"]))
    harm(stage)
    stage.GetRootLayer().Save()
    assert code in _codes(check_asset(finished["can"]))


def test_a_joint_without_range_or_link_is_named(finished: dict[str, Path]) -> None:
    stage = Usd.Stage.Open(str(finished["cabinet"]))
    rail = UsdPhysics.PrismaticJoint(stage.GetPrimAtPath("/cabinet/Joints/rail"))
    rail.GetUpperLimitAttr().Set(0.0)
    UsdPhysics.Joint(stage.GetPrimAtPath("/cabinet/Joints/hinge")).GetBody1Rel().SetTargets(["/cabinet/Looks"])
    stage.GetRootLayer().Save()
    said = [str(fault) for fault in check_asset(finished["cabinet"])]
    assert "JT.002: the limits 0 and 0 leave no range (at /cabinet/Joints/rail)" in said
    assert "JT.003: /cabinet/Looks is no rigid body (at /cabinet/Joints/hinge)" in said
    assert "JT.001: no joint connects door with frame (at /cabinet)" in said


def _point_outside(asset: Path) -> None:
    layer = Sdf.Layer.FindOrOpen(str(asset))
    layer.subLayerPaths.append("../../../../outside.usda")
    layer.Save()


def _point_absolutely(asset: Path) -> None:
    layer = Sdf.Layer.FindOrOpen(str(asset))
    layer.subLayerPaths.append(str(asset.parent / "layers" / "ingest.usdc"))
    layer.Save()


FILE_HARMS: dict[str, tuple[str, FileHarm]] = {
    "no thumbnail": ("SR.002", lambda asset: thumbnail_of(asset).unlink()),
    "no picture": ("SR.002", lambda asset: thumbnail_of(asset).write_bytes(b"not a picture, but long enough to be")),
    "small thumbnail": (
        "SR.002",
        lambda asset: cv2.imwrite(str(thumbnail_of(asset)), np.zeros((64, 64, 3), dtype=np.uint8)),
    ),
    "second USD": ("NP.005", lambda asset: (asset.parent / "another.usdc").write_bytes(b"")),
    "missing layer": ("NP.008", lambda asset: (asset.parent / "layers" / "repair.usdc").unlink()),
    "leads outside": ("AA.001", _point_outside),
    "absolute path": ("NP.007", _point_absolutely),
    "said twice": ("SR.004", lambda asset: sidecar_of(asset).write_text(json.dumps({"author": "someone"}))),
}


@pytest.mark.parametrize("name", FILE_HARMS)
def test_harm_to_files_is_named_by_its_requirement(finished: dict[str, Path], tmp_path: Path, name: str) -> None:
    code, harm = FILE_HARMS[name]
    (tmp_path / "outside.usda").write_text("#usda 1.0\n")
    harm(finished["can"])
    assert code in _codes(check_asset(finished["can"]))


def test_another_folder_name_is_seen(finished: dict[str, Path]) -> None:
    home = finished["can"].parent.parent
    home.rename(home.with_name("Tin"))
    assert {"NP.005", "NP.002"} <= _codes(check_asset(home.with_name("Tin") / "simready_usd" / "can.usda"))


def test_a_chain_of_links_hangs_together() -> None:
    stage = Usd.Stage.CreateInMemory()
    root = UsdGeom.Xform.Define(stage, "/chain").GetPrim()
    for link in "abcd":
        UsdPhysics.RigidBodyAPI.Apply(UsdGeom.Xform.Define(stage, f"/chain/{link}").GetPrim())
    for first, second in ("cd", "bc", "ab"):
        joint = UsdPhysics.FixedJoint.Define(stage, f"/chain/{first}_{second}")
        joint.GetBody0Rel().SetTargets([f"/chain/{first}"])
        joint.GetBody1Rel().SetTargets([f"/chain/{second}"])
    assert "JT.001" not in {code for code, _, _ in check_physics(root)}
    stage.GetPrimAtPath("/chain/b_c").SetActive(False)
    loose = [message for code, message, _ in check_physics(root) if code == "JT.001"]
    assert loose == ["no joint connects c, d with a"]
