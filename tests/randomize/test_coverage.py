"""How much of a policy's space was visited, measured on draws whose coverage is known."""

import numpy as np
import pytest
from scipy.stats import kstest
from tests.randomize.test_variants import chances, uniform

from blueprint.pipeline.randomize.coverage import (
    expected_discrepancy,
    measure_coverage,
    pair_cells,
    star_discrepancy,
)
from blueprint.pipeline.randomize.variants import draw_variant
from blueprint.pipeline.scene.records import Assembled


def test_the_discrepancy_is_kolmogorovs_statistic() -> None:
    u = np.random.default_rng(1).random(137)
    assert star_discrepancy(u) == pytest.approx(kstest(u, "uniform").statistic)
    assert star_discrepancy((np.arange(100) + 0.5) / 100) == pytest.approx(0.005)
    assert star_discrepancy(np.full(10, 0.5)) == pytest.approx(0.5)


def test_what_independent_draws_reach_is_as_expected() -> None:
    rng = np.random.default_rng(2)
    found = np.mean([star_discrepancy(rng.random(50)) for _ in range(400)])
    assert found == pytest.approx(expected_discrepancy(50), rel=0.05)
    pairs, visited, expected = pair_cells([rng.random(40) for _ in range(12)])
    assert pairs == 66
    assert visited == pytest.approx(expected, abs=0.04)


def test_factors_that_go_together_visit_few_cells() -> None:
    u = np.random.default_rng(3).random(400)
    assert pair_cells([u, u])[1] == pytest.approx(4 / 16)
    assert pair_cells([u]) == (0, None, None)


def test_coverage_of_variants(assembled: Assembled) -> None:
    factors = {
        "heavy": uniform("mass", 0.5, 2.0),
        "dim": uniform("light_intensity", 0.5, 1.0),
        "tint": uniform("color", 0.8, 1.2),
        "off_place": uniform("camera_shift", 0.0, 0.1),
        "places": {"vary": "poses"},
        "fixed": {"vary": "latency", "values": {"constant": 0.02}},
    }
    weighed = chances(assembled, count=60, **factors)
    variants = [draw_variant(weighed, index, lambda edits, arm: True) for index in range(60)]
    found = measure_coverage(weighed, variants, first=1)
    by_name = {entry.name: entry for entry in found.factors}
    assert (by_name["heavy"].targets, by_name["heavy"].draws) == (4, 4 * 59)
    assert by_name["tint"].draws == 3 * 4 * 59
    assert by_name["off_place"].draws == 2 * 59
    for entry in found.factors:
        assert sum(entry.counts) == entry.draws
        assert entry.cells_visited == 1.0
        assert entry.discrepancy is not None
        assert entry.discrepancy < 0.25
    assert by_name["fixed"].counts[0] == 59
    assert by_name["heavy"].without_effect_in == ("null",)
    assert by_name["off_place"].without_effect_in == ()
    assert {place.prop for place in found.places} == {"cracker_box", "tea_box", "can", "ell"}
    assert all(place.cells >= 4 and place.stayed < 0.2 for place in found.places)
    assert found.pairs == 3


def test_the_original_is_not_counted(assembled: Assembled) -> None:
    weighed = chances(assembled, count=1, dim=uniform("light_intensity", 0.5, 1.0))
    found = measure_coverage(weighed, [draw_variant(weighed, 0, lambda edits, arm: True)], first=1)
    assert found.factors[0].draws == 0
    assert found.factors[0].discrepancy is None
    assert found.pairs_visited is None
