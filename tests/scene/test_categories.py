"""The table of categories is sound, and detectors' words find their way into it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.categories import Categories, Category, load_categories, normalised_label
from blueprint.pipeline.scene.props import Role

PLAIN = {
    "priors": {},
    "mass_kg": [1, 2],
    "material": "wood",
    "role": "furniture",
    "fill": 1,
    "affordances": [],
    "wikidata": "Q1",
}


@pytest.mark.parametrize(
    ("label", "category"),
    [
        ("mustard bottle", "squeeze_bottle"),
        ("Cracker_Box", "cracker_box"),
        ("red kitchen chair", "chair"),
        ("soup can", "can"),
        ("cans", "can"),
        ("floor", "room"),
        ("floor lamp", "floor_lamp"),
        ("wall clock", "clock"),
        ("counter top", "countertop"),
        ("xylophone", None),
        ("", None),
    ],
)
def test_labels_name_categories(label: str, category: str | None) -> None:
    assert load_categories().named_by(label) == category


def test_an_unknown_category_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UnknownName, match="did you mean 'bottle'"):
        load_categories().of("botle")


def test_masses_contain_what_content_and_usual_size_give() -> None:
    for name, category in load_categories().categories.items():
        longest = max((size for size, _ in category.priors.values()), default=None)
        if category.contents and longest:
            most_kg = max(kind.density_kg_m3[1] for kind in category.contents) * (1.5 * longest) ** 3
            assert category.mass_kg[0] < most_kg, name


def test_packages_are_sold_in_every_size_between_the_smallest_and_the_largest() -> None:
    for name, category in load_categories().categories.items():
        sizes = sorted(kind.volume_l for kind in category.contents)
        for at in range(1, len(sizes)):
            assert sizes[at][0] <= max(high for _, high in sizes[:at]), name


def test_a_range_that_falls_is_refused() -> None:
    content = {"kind": "air", "volume_l": [2, 1], "density_kg_m3": [1, 2], "source": "none"}
    with pytest.raises(ValidationError, match="volume_l must rise"):
        Category.model_validate({**PLAIN, "contents": [content]})


def test_every_role_occurs() -> None:
    assert {category.role for category in load_categories().categories.values()} == set(Role)
    assert len(load_categories().categories) >= 40


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"mass_kg": [2, 1]}, "must rise"),
        ({"priors": {"height": [0, 0.1]}}, "metres above zero"),
        ({"priors": {"height": [1, 0.9]}}, "relative sigma"),
        ({"priors": {"girth": [1, 0.1]}}, "priors.girth"),
        ({"wikidata": "chair"}, "wikidata"),
        ({"synonyms": ["thing_b"]}, "stands for both"),
    ],
)
def test_a_damaged_table_is_refused(change: dict[str, object], complaint: str) -> None:
    table = {"thing_a": {**PLAIN, **change}, "thing_b": PLAIN}
    with pytest.raises(ValidationError, match=complaint):
        Categories.model_validate({"format": "blueprint.categories", "version": 1, "categories": table})


@given(st.text())
def test_labels_are_normalised_once_and_for_all(label: str) -> None:
    assert normalised_label(normalised_label(label)) == normalised_label(label)
