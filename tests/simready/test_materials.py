import re
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError
from tests.simready import shapes

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.categories import load_categories
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.props import Appearance, Prop
from blueprint.pipeline.simready.materials import Material, choose_material, load_materials, propose_material

METAL = Appearance(metallic=1.0)


@pytest.fixture
def prop(tmp_path: Path) -> Prop:
    return shapes.prop_of(tmp_path, shapes.box(0.1, 0.1, 0.1), "spoon")


def chosen(prop: Prop, looks: tuple[Appearance, ...] = (), **correction: object) -> tuple[str, str]:
    category = load_categories().of(prop.category)
    decided = Correction.model_validate({"object": prop.id, **correction})
    choice = choose_material(prop, category, decided, load_materials(), looks)
    return choice.name, choice.why


def test_every_category_names_a_material_that_exists() -> None:
    known = load_materials().materials
    assert {category.material for category in load_categories().categories.values()} <= set(known)


def test_every_row_is_physical_and_names_its_source() -> None:
    for name, material in load_materials().materials.items():
        assert 20 <= material.density_kg_m3 <= 20_000, name
        assert re.search(r"density: .*friction: ", material.source), name
        assert "[" in material.source, name


def test_the_category_decides_where_nothing_else_does(prop: Prop) -> None:
    assert chosen(prop) == ("steel", "usual for spoon")


def test_a_word_of_the_label_overrules_the_category(prop: Prop) -> None:
    assert chosen(replace(prop, label="wooden spoon"))[0] == "wood"


def test_a_material_inside_the_name_of_the_thing_is_no_evidence(prop: Prop) -> None:
    named = replace(prop, label="plastic wine glass", category="wine_glass")
    assert chosen(named)[0] == "plastic"
    assert chosen(replace(named, label="wine glass")) == ("glass", "usual for wine glass")


def test_a_person_overrules_the_label(prop: Prop) -> None:
    name, why = chosen(replace(prop, label="wooden spoon"), material="plastic", why="it floats")
    assert (name, why) == ("plastic", "set by a person: it floats")


def test_only_a_nameless_thing_is_judged_by_its_look(prop: Prop) -> None:
    nameless = replace(prop, label="thing", category="unknown")
    assert chosen(nameless, (METAL,))[0] == "steel"
    assert chosen(nameless, (Appearance(),))[0] == "plastic"
    assert chosen(replace(prop, category="mug", label="mug"), (METAL,))[0] == "ceramic"


def test_an_unknown_material_names_the_object_and_the_near_one(prop: Prop) -> None:
    with pytest.raises(UnknownName, match=r"'thing'.*'ceramik'.*did you mean 'ceramic'"):
        chosen(prop, material="ceramik")


def test_the_edit_carries_the_row(prop: Prop) -> None:
    category = load_categories().of("spoon")
    choice = choose_material(prop, category, Correction(object=prop.id), load_materials(), [])
    edit = propose_material(prop, "body", choice)
    assert (edit.density_kg_m3, edit.static_friction, edit.dynamic_friction) == (7850, 0.45, 0.35)
    assert "[CRC]" in edit.why


def test_sliding_friction_above_sticking_friction_is_refused() -> None:
    with pytest.raises(ValidationError, match="dynamic <= static"):
        Material(density_kg_m3=1, friction=(0.2, 0.3), restitution=0, words=(), source="somewhere far")
