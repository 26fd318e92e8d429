import re
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError
from tests.simready import shapes

from blueprint.pipeline.errors import RecipeError, UnknownName
from blueprint.pipeline.scene.categories import load_categories
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.props import Appearance, Prop
from blueprint.pipeline.simready.looks import Look
from blueprint.pipeline.simready.materials import (
    Material,
    MaterialChoice,
    choose_material,
    load_materials,
    propose_material,
)

METAL = Look(0.0, 0.0, 0.7, 0.0, 1.0)
GREY = Look(0.0, 0.05, 0.5, 0.08, 0.0)
WHITE = Look(0.0, 0.02, 0.95, 0.01, 0.0)
BROWN = Look(30.0, 0.5, 0.6, 0.05, 0.0)


@pytest.fixture
def prop(tmp_path: Path) -> Prop:
    return shapes.prop_of(tmp_path, shapes.box(0.1, 0.1, 0.1), "spoon")


def decide(prop: Prop, look: Look | None = None, name: str = "", **correction: object) -> MaterialChoice:
    category = load_categories().of(prop.category)
    decided = Correction.model_validate({"object": prop.id, **correction})
    visuals = [replace(prop.bodies[0].visuals[0], appearance=Appearance(name=name))]
    return choose_material(prop, category, decided, load_materials(), visuals, look)


def chosen(prop: Prop, look: Look | None = None, name: str = "", **correction: object) -> tuple[str, str]:
    choice = decide(prop, look, name, **correction)
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
    assert chosen(replace(prop, category="fork")) == ("steel", "usual for fork, which may also be of plastic or wood")


def test_a_word_of_the_label_overrules_the_category(prop: Prop) -> None:
    assert chosen(replace(prop, label="wooden spoon"))[0] == "wood"


def test_a_material_inside_the_name_of_the_thing_is_no_evidence(prop: Prop) -> None:
    named = replace(prop, label="plastic wine glass", category="wine_glass")
    assert chosen(named)[0] == "plastic"
    assert chosen(replace(named, label="wine glass")) == ("glass", "usual for wine glass")
    assert decide(named).confidence > decide(replace(named, label="wine glass")).confidence


def test_a_person_overrules_the_label(prop: Prop) -> None:
    name, why = chosen(replace(prop, label="wooden spoon"), material="plastic", why="it floats")
    assert (name, why) == ("plastic", "set by a person: it floats")


def test_a_name_in_the_scan_is_evidence_below_the_label(prop: Prop) -> None:
    name, why = chosen(prop, name="Oak_Veneer.003")
    assert (name, why) == ("wood", "the scan calls its material and mesh 'Oak_Veneer.003'")
    assert chosen(replace(prop, label="plastic spoon"), name="Oak_Veneer.003")[0] == "plastic"
    assert chosen(prop, name="material_0")[0] == "steel"


@pytest.mark.parametrize(
    ("category", "look", "material"),
    [
        ("unknown", METAL, "steel"),
        ("spoon", BROWN, "wood"),
        ("countertop", GREY, "stone"),
        ("countertop", WHITE, "wood"),
        ("countertop", BROWN, "wood"),
        ("mug", METAL, "steel"),
        ("banana", BROWN, "organic"),
        ("wine_glass", METAL, "glass"),
    ],
)
def test_a_look_decides_only_among_what_such_things_are_made_of(
    prop: Prop, category: str, look: Look, material: str
) -> None:
    choice = decide(replace(prop, category=category, label="thing"), look)
    assert choice.name == material
    if "saturation" in choice.why:
        assert choice.confidence < 0.5


def test_doubt_about_the_material_is_doubt_about_the_density(prop: Prop) -> None:
    worktop = replace(prop, category="countertop", label="countertop")
    assert decide(worktop).density_spread > 0.5
    assert decide(replace(worktop, label="granite countertop")).density_spread < 0.4
    assert decide(worktop, material="stone").density_spread < 0.1


def test_a_users_table_goes_over_the_shipped_rows(prop: Prop, tmp_path: Path) -> None:
    table = tmp_path / "ours.yaml"
    row = "{density_kg_m3: 7900, nonvisual_base: steel, friction: [0.3, 0.2], restitution: 0.1, words: [steel], "
    header = "format: blueprint.materials\nversion: 1\nmaterials:\n"
    table.write_text(f"{header}  steel: {row} source: 'density and friction: our own laboratory'}}\n")
    merged = load_materials(table)
    assert merged.of("steel").density_kg_m3 == 7900
    assert merged.of("wood") == load_materials().of("wood")
    table.write_text(f"{header}  steel: {row} source: ''}}\n")
    with pytest.raises(RecipeError, match=r"ours\.yaml: materials\.steel\.source"):
        load_materials(table)


def test_an_unknown_material_names_the_object_and_the_near_one(prop: Prop) -> None:
    with pytest.raises(UnknownName, match=r"'thing'.*'ceramik'.*did you mean 'ceramic'"):
        chosen(prop, material="ceramik")


def test_the_edit_carries_the_row(prop: Prop) -> None:
    category = load_categories().of("spoon")
    choice = choose_material(prop, category, Correction(object=prop.id), load_materials(), ())
    edit = propose_material(prop, "body", choice)
    assert (edit.density_kg_m3, edit.static_friction, edit.dynamic_friction) == (7850, 0.45, 0.35)
    assert "[CRC]" in edit.why
    assert edit.nonvisual_base == "steel"
    assert 0 < edit.confidence < 0.9


def test_sliding_friction_above_sticking_friction_is_refused() -> None:
    with pytest.raises(ValidationError, match="dynamic <= static"):
        Material(
            density_kg_m3=1, nonvisual_base="wood", friction=(0.2, 0.3), restitution=0, words=(), source="somewhere far"
        )
