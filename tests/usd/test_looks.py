"""Render materials: labelled with what the links that wear them are made of; unworn ones are off."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from pxr import Usd, UsdSemantics, UsdShade
from tests.usd.kitchenette import Made

from blueprint.pipeline.usd.looks import NONVISUAL_BASE

VOCABULARY = {
    *("aluminum", "steel", "oxidized_steel", "iron", "oxidized_iron", "silver", "brass", "bronze"),
    *("oxidized_Bronze_Patina", "tin", "plastic", "fiberglass", "carbon_fiber", "vinyl", "plexiglass", "pvc", "nylon"),
    *("polyester", "clear_glass", "frosted_glass", "one_way_mirror", "mirror", "ceramic_glass", "asphalt", "concrete"),
    *("leaf_grass", "dead_leaf_grass", "rubber", "wood", "bark", "cardboard", "paper", "fabric", "skin", "fur_hair"),
    *("leather", "marble", "brick", "stone", "gravel", "dirt", "mud", "water", "salt_water", "snow", "ice"),
    "calibration_lambertian",
}


def _label(prim: Usd.Prim) -> list[str]:
    return list(UsdSemantics.LabelsAPI(prim, "material").GetLabelsAttr().Get())


@pytest.mark.parametrize(("name", "material"), [("can", "steel"), ("cracker_box", "cardboard"), ("table", "wood")])
def test_a_look_is_labelled_like_the_link_that_wears_it(assets: dict[str, Usd.Stage], name: str, material: str) -> None:
    look = assets[name].GetPrimAtPath(f"/{name}/Looks/look_00")
    assert _label(look) == [material]
    assert look.GetAttribute("omni:simready:nonvisual:base").Get() == NONVISUAL_BASE[material]
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


def test_every_material_of_ours_has_a_word_of_the_vocabulary(repository: Path) -> None:
    ours = yaml.safe_load((repository / "config" / "materials.yaml").read_text())["materials"]
    assert set(ours) <= set(NONVISUAL_BASE)
    assert set(NONVISUAL_BASE.values()) <= VOCABULARY
