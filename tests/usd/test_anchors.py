"""Furniture stands still by the scene's word alone, and its asset is free."""

from pathlib import Path

import pytest
from pxr import Usd, UsdPhysics
from tests.usd.kitchenette_scene import write_kitchenette


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Usd.Stage:
    """The composed scene."""
    folder: Path = tmp_path_factory.mktemp("record")
    write_kitchenette(folder)
    return Usd.Stage.Open(str(folder / "scene" / "scene.usda"))


def _is_rigid(stage: Usd.Stage, path: str) -> bool:
    return stage.GetPrimAtPath(path).HasAPI(UsdPhysics.RigidBodyAPI)


def test_a_table_is_no_rigid_body_in_the_scene_and_keeps_its_mass(stage: Usd.Stage) -> None:
    assert not _is_rigid(stage, "/World/props/table/body")
    assert UsdPhysics.MassAPI(stage.GetPrimAtPath("/World/props/table/body")).GetMassAttr().Get() > 1
    asset = Usd.Stage.Open(str(Path(stage.GetRootLayer().realPath).parent / "assets/table/simready_usd/table.usda"))
    assert _is_rigid(asset, "/table/body")


def test_a_cabinet_is_fixed_by_its_main_link(stage: Usd.Stage) -> None:
    joint = UsdPhysics.FixedJoint(stage.GetPrimAtPath("/World/props/cabinet/Joints/fix_frame"))
    assert joint.GetBody0Rel().GetTargets() == ["/World/props/cabinet"]
    assert joint.GetBody1Rel().GetTargets() == ["/World/props/cabinet/frame"]
    assert all(_is_rigid(stage, f"/World/props/cabinet/{link}") for link in ("frame", "door", "drawer"))


def test_what_is_to_be_moved_is_left_alone(stage: Usd.Stage) -> None:
    assert _is_rigid(stage, "/World/props/can/body")
    assert not stage.GetPrimAtPath("/World/props/can/Joints")
