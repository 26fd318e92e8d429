"""Packages weigh what is sold in their size, and doubt is stated as a chance."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.pipeline.scene.categories import Content, load_categories
from blueprint.pipeline.simready.confidence import confidence_of, spread_of_range, together
from blueprint.pipeline.simready.packages import sold_in, weigh_package

WET = Content(kind="soup", volume_l=(0.1, 1.0), density_kg_m3=(900, 1100), wall_m=0.0002, source="made up")
DRY = Content(kind="coffee", volume_l=(0.7, 4.0), density_kg_m3=(300, 560), wall_m=0.0002, source="made up")


@pytest.mark.parametrize(
    ("litres", "kinds"),
    [(0.3, ["soup"]), (0.8, ["soup", "coffee"]), (2.0, ["coffee"]), (0.01, ["soup"]), (50.0, ["coffee"])],
)
def test_what_is_sold_depends_on_the_size(litres: float, kinds: list[str]) -> None:
    assert [kind.kind for kind in sold_in((WET, DRY), litres)] == kinds


def test_between_two_kinds_the_middle_errs_least() -> None:
    package = weigh_package((WET, DRY), 0.0008, 0.05, "steel", 7850)
    inside = 0.0008 - 0.0002 * 0.05
    middle = (math.sqrt(900 * 1100) * math.sqrt(300 * 560)) ** 0.5
    assert package.content_kg == pytest.approx(middle * inside)
    assert package.walls_kg == pytest.approx(7850 * 0.0002 * 0.05)
    alone = weigh_package((WET,), 0.0008, 0.05, "steel", 7850)
    assert package.spread > 3 * alone.spread
    assert "soup or coffee, as sold in 0.8 l" in package.why


# Net weights and outer sizes of products that are in no scan here: what a label says, plus its package.
KNOWN_PACKAGES = [
    ("can", 0.000355 * 1.08, 0.030, 0.368 + 0.014),  # 12 fl oz drink
    ("can", 0.000435, 0.033, 0.425 + 0.055),  # No. 300, 15 oz beans
    ("can", 0.000996, 0.0554, 0.822 + 0.105),  # No. 2 1/2, 29 oz peaches
    ("can", 0.0034, 0.126, 3.0 + 0.33),  # No. 10, 106 oz tomatoes
    ("can", 0.00105, 0.0618, 0.400 + 0.10),  # infant formula, 400 g
    ("cereal_box", 0.19 * 0.30 * 0.065, 0.178, 0.510 + 0.075),  # 18 oz cornflakes
    ("box", 0.095 * 0.178 * 0.035, 0.053, 0.206 + 0.018),  # macaroni and cheese, 7.25 oz
    ("box", 0.30 * 0.22 * 0.15, 0.288, 1.5),  # a parcel by its dimensional weight
    ("bottle", 0.00055, 0.046, 0.50 + 0.02),  # half a litre of water
]


@pytest.mark.parametrize(("category", "volume_m3", "area_m2", "true_kg"), KNOWN_PACKAGES)
def test_other_products_weigh_within_a_factor_two(
    category: str, volume_m3: float, area_m2: float, true_kg: float
) -> None:
    entry = load_categories().of(category)
    density = {"steel": 7850, "cardboard": 690, "plastic": 950}[entry.material]
    package = weigh_package(entry.contents, volume_m3, area_m2, entry.material, density)
    assert 0.5 < (package.content_kg + package.walls_kg) / true_kg < 2.0


@given(st.floats(1e-6, 1.0), st.floats(1e-4, 50))
def test_a_package_is_never_lighter_than_nothing(volume_m3: float, area_m2: float) -> None:
    package = weigh_package((WET,), volume_m3, area_m2, "steel", 7850)
    assert package.content_kg > 0
    assert package.walls_kg > 0


@given(st.floats(0.01, 3), st.floats(0.01, 3))
def test_more_doubt_is_less_confidence(first: float, second: float) -> None:
    both = together((first, second))
    assert both >= max(first, second)
    assert confidence_of(both) <= min(confidence_of(first), confidence_of(second))


def test_confidence_is_the_chance_within_a_factor() -> None:
    assert confidence_of(0.0) == 1.0
    assert confidence_of(math.log(1.5)) == pytest.approx(0.68, abs=0.01)
    assert spread_of_range(1.0, 1.0) == 0.0
