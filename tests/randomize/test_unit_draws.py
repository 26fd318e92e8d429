"""The even numbers behind all draws: independent streams, and ties between factors."""

import numpy as np
import pytest
from scipy.stats import kstest, spearmanr

from blueprint.pipeline.randomize.unit_draws import tied, unit_draws
from blueprint.pipeline.scene.policies import Correlation

TARGETS = ("mug", "can")


def test_more_variants_targets_or_factors_leave_the_others_as_they_are() -> None:
    few = unit_draws(3, "mass", TARGETS, 5, 2)
    assert np.array_equal(unit_draws(3, "mass", TARGETS, 50, 2)[:5], few)
    assert np.array_equal(unit_draws(3, "mass", ("bowl", *TARGETS), 5, 2)[:, 1:], few)
    assert not np.array_equal(unit_draws(4, "mass", TARGETS, 5, 2), few)
    assert not np.array_equal(unit_draws(3, "friction", TARGETS, 5, 2), few)


def test_draws_are_even() -> None:
    drawn = unit_draws(1, "mass", TARGETS, 5000, 1)
    assert ((drawn > 0) & (drawn < 1)).all()
    assert kstest(drawn.reshape(-1), "uniform").pvalue > 0.01


@pytest.mark.parametrize("coefficient", [-0.6, 0.0, 0.8])
def test_tied_factors_go_together_and_each_stays_even(coefficient: float) -> None:
    drawn = {name: unit_draws(1, name, TARGETS, 4000, 1) for name in ("mass", "friction", "color")}
    targets = {name: TARGETS for name in drawn}
    ties = (Correlation(factors=("mass", "friction"), coefficient=coefficient),)
    after = tied(ties, drawn, targets)
    for at in range(len(TARGETS)):
        rank = spearmanr(after["mass"][:, at, 0], after["friction"][:, at, 0]).statistic
        assert rank == pytest.approx(6 / np.pi * np.arcsin(coefficient / 2), abs=0.04)
        assert kstest(after["friction"][:, at, 0], "uniform").pvalue > 0.001
    assert np.allclose(after["mass"], drawn["mass"])
    assert after["color"] is drawn["color"]
    across = spearmanr(after["mass"][:, 0, 0], after["friction"][:, 1, 0]).statistic
    assert abs(across) < 0.05


def test_only_targets_that_factors_share_are_tied() -> None:
    drawn = {"mass": unit_draws(1, "mass", TARGETS, 50, 1), "friction": unit_draws(1, "friction", ("can",), 50, 1)}
    ties = (Correlation(factors=("mass", "friction"), coefficient=0.9),)
    after = tied(ties, drawn, {"mass": TARGETS, "friction": ("can",)})
    assert np.allclose(after["mass"], drawn["mass"])
    assert not np.allclose(after["friction"], drawn["friction"])


def test_a_factor_that_joins_a_group_at_its_end_leaves_the_others() -> None:
    drawn = {name: unit_draws(1, name, TARGETS, 50, 1) for name in ("a", "b", "c")}
    targets = {name: TARGETS for name in drawn}
    two = tied((Correlation(factors=("a", "b"), coefficient=0.5),), drawn, targets)
    three = tied((Correlation(factors=("a", "b", "c"), coefficient=0.5),), drawn, targets)
    assert np.allclose(two["b"], three["b"])
