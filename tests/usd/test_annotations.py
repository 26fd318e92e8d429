"""Regions and grasps are guides below their link, which nothing collides with."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pxr import Usd, UsdGeom, UsdPhysics
from tests.usd.kitchenette import WHY, Made

from blueprint.pipeline.scene.edits import AddGrasp, AddRegion, GraspAnnotation, PlacementRegion
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.usd.payloads import Payloads
from blueprint.pipeline.usd.prop_asset import PropDecisions, write_prop_asset

REGION = PlacementRegion("behind_door", "frame", "in", Pose((0.0, 0.02, 0.2)), (0.2, 0.15, 0.15), (0.0, -1.0, 0.0))
HANDLE = GraspAnnotation("grasp_door_01", "door", (-0.2, -0.2, 0.2), (-0.2, -0.18, 0.2), (0.0, 1.0, 0.0), 0.7)
EDGE = replace(HANDLE, name="grasp_door_02", first_m=(0.1, -0.2, 0.3), second_m=(0.1, -0.18, 0.3))


@pytest.fixture(scope="module")
def cabinet(made: dict[str, Made], payload_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Usd.Stage:
    entry = made["cabinet"]
    notes = (AddRegion("cabinet", REGION, WHY), AddGrasp("cabinet", HANDLE, WHY), AddGrasp("cabinet", EDGE, WHY))
    decisions = PropDecisions(entry.prop, entry.articulation, (), (*entry.physics, *notes))
    folder = tmp_path_factory.mktemp("annotated")
    return Usd.Stage.Open(str(folder / write_prop_asset(folder, decisions, Payloads((payload_folder,)))))


def test_a_region_is_a_box_of_its_size_below_its_link(cabinet: Usd.Stage) -> None:
    prim = cabinet.GetPrimAtPath("/cabinet/frame/Regions/behind_door")
    bounds = (
        UsdGeom.BBoxCache(Usd.TimeCode.Default(), [UsdGeom.Tokens.guide]).ComputeWorldBound(prim).ComputeAlignedRange()
    )
    assert np.allclose(bounds.GetMin(), (-0.2, -0.13, 0.05))
    assert np.allclose(bounds.GetMax(), (0.2, 0.17, 0.35))
    assert prim.GetAttribute("blueprint:region:kind").Get() == "in"
    assert tuple(prim.GetAttribute("blueprint:region:opening").Get()) == (0, -1, 0)


def test_a_grasp_is_a_line_of_two_points_with_an_extent(cabinet: Usd.Stage) -> None:
    curve = UsdGeom.BasisCurves(cabinet.GetPrimAtPath("/cabinet/door/Grasps/grasp_identifier_01"))
    assert np.allclose(curve.GetPointsAttr().Get(), (HANDLE.first_m, HANDLE.second_m))
    assert curve.GetTypeAttr().Get() == "linear"
    low, high = curve.GetExtentAttr().Get()
    assert low[1] < -0.2 < -0.18 < high[1]
    prim = curve.GetPrim()
    assert prim.GetAttribute("blueprint:grasp:score").Get() == pytest.approx(0.7)
    assert prim.GetAttribute("blueprint:grasp:width").Get() == pytest.approx(0.02)
    assert cabinet.GetPrimAtPath("/cabinet/door/Grasps/grasp_identifier_02")


def test_neither_is_seen_or_touched(cabinet: Usd.Stage) -> None:
    found = [prim for prim in cabinet.Traverse() if {"Regions", "Grasps"} & set(str(prim.GetPath()).split("/"))]
    gprims = [prim for prim in found if prim.IsA(UsdGeom.Gprim)]
    assert len(gprims) == 3
    for prim in gprims:
        assert UsdGeom.Imageable(prim).ComputePurpose() == UsdGeom.Tokens.guide
        assert not prim.HasAPI(UsdPhysics.CollisionAPI)
