"""Render materials: labelled with what the links that wear them are made of; unworn ones are off."""

from collections.abc import Mapping

import pytest
from pxr import Usd, UsdGeom, UsdSemantics, UsdShade
from tests.usd.kitchenette import Made

from blueprint.pipeline.scene.edits import SetMaterial
from blueprint.pipeline.usd.looks import describe_looks


def _label(prim: Usd.Prim) -> list[str]:
    return list(UsdSemantics.LabelsAPI(prim, "material").GetLabelsAttr().Get())


@pytest.mark.parametrize(("name", "material"), [("can", "steel"), ("cracker_box", "cardboard"), ("table", "wood")])
def test_a_look_is_labelled_like_the_link_that_wears_it(assets: dict[str, Usd.Stage], name: str, material: str) -> None:
    look = assets[name].GetPrimAtPath(f"/{name}/Looks/look_00")
    assert _label(look) == [material]
    assert look.GetAttribute("omni:simready:nonvisual:base").Get() == material
    assert look.GetAttribute("omni:simready:nonvisual:coating").Get() == "none"
    assert list(look.GetAttribute("omni:simready:nonvisual:attributes").Get()) == ["none"]


def test_every_material_prim_is_labelled(assets: dict[str, Usd.Stage], made: Mapping[str, Made]) -> None:
    for name in made:
        materials = [prim for prim in assets[name].Traverse() if UsdShade.Material(prim)]
        assert materials
        assert all(_label(prim) for prim in materials)


def test_a_look_that_only_the_split_link_wore_is_off(assets: dict[str, Usd.Stage]) -> None:
    looks = assets["cabinet"].GetPrimAtPath("/cabinet/Looks")
    assert not looks.GetChild("look_00").IsActive()
    assert looks.GetChild("body_part_look_00").IsActive()


def test_a_look_shared_by_matter_that_sensors_see_differently_claims_neither() -> None:
    stage = Usd.Stage.CreateInMemory()
    look = UsdShade.Material.Define(stage, "/pan/Looks/shared")
    for body in ("base", "grip"):
        ball = UsdGeom.Sphere.Define(stage, f"/pan/{body}/visual")
        UsdShade.MaterialBindingAPI.Apply(ball.GetPrim()).Bind(look)
    steel, oak = (
        SetMaterial("pan", "", name, 1.0, 0.5, 0.4, 0.0, "", 1.0, base)
        for name, base in (("our_steel", "oxidized_steel"), ("oak", "wood"))
    )
    describe_looks(stage, "/pan", {"base": steel, "grip": oak})
    assert _label(look.GetPrim()) == ["oak", "our_steel"]
    assert not look.GetPrim().HasAttribute("omni:simready:nonvisual:base")
    describe_looks(stage, "/pan", {"base": steel, "grip": steel})
    assert look.GetPrim().GetAttribute("omni:simready:nonvisual:base").Get() == "oxidized_steel"
