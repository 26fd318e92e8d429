"""Quantiles: even numbers become what a policy says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest, truncnorm

from blueprint.pipeline.randomize.quantiles import quantile
from blueprint.pipeline.scene.distributions import Choice, Constant, LogUniform, Normal, Uniform

U = (np.arange(20000) + 0.5) / 20000
EVERY = (
    Uniform(uniform=(-2.0, 3.0)),
    LogUniform(log_uniform=(0.5, 8.0)),
    Normal.model_validate({"normal": {"mean": 1.0, "std": 2.0, "low": 0.0, "high": 2.5}}),
    Choice(choice=(4.0, 1.0, 2.0), weights=(1.0, 2.0, 1.0)),
    Constant(constant=7.0),
)


@pytest.mark.parametrize("distribution", EVERY)
@given(st.floats(2.0**-53, 1 - 2.0**-53))
def test_nothing_is_drawn_outside_the_support(distribution, u: float) -> None:
    low, high = distribution.support()
    assert low <= quantile(distribution, np.array([u]))[0] <= high


def test_the_shapes_are_those_of_the_distributions() -> None:
    assert quantile(EVERY[0], U).mean() == pytest.approx(0.5, abs=1e-3)
    assert np.exp(np.log(quantile(EVERY[1], U)).mean()) == pytest.approx(2.0, rel=1e-3)
    cut = truncnorm((0.0 - 1.0) / 2.0, (2.5 - 1.0) / 2.0, loc=1.0, scale=2.0)
    assert kstest(quantile(EVERY[2], U), cut.cdf).statistic < 1e-3
    values, counts = np.unique(quantile(EVERY[3], U), return_counts=True)
    assert dict(zip(values.tolist(), (counts / len(U)).tolist(), strict=True)) == {1.0: 0.5, 2.0: 0.25, 4.0: 0.25}
    assert (quantile(EVERY[4], U) == 7.0).all()


def test_a_normal_distribution_is_cut_at_three_deviations_where_nothing_is_said() -> None:
    assert Normal.model_validate({"normal": {"mean": 1.0, "std": 0.1}}).support() == pytest.approx((0.7, 1.3))
