"""Attempts at episodes: which task and variant each takes, and that no seed is used twice."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from blueprint.pipeline.engine.attempts import Aim
from blueprint.pipeline.engine.keys import settings_in_key
from blueprint.pipeline.generate.stage import GenerateSettings, aim, paired
from blueprint.pipeline.scene.randomness import stream

FACTORS = ("generate/grasps", "generate/region", "generate/motion")


@given(st.integers(1, 12), st.integers(1, 12))
def test_every_task_meets_every_variant_before_any_pair_comes_twice(offers: int, variants: int) -> None:
    pairs = [paired(number, offers, variants) for number in range(2 * offers * variants)]
    assert len(set(pairs[: offers * variants])) == offers * variants
    assert [offer for offer, _ in pairs] == [number % offers for number in range(len(pairs))]
    first = pairs[: math.lcm(offers, variants)]
    assert [variant for _, variant in first] == [number % variants for number in range(len(first))]


def test_no_attempt_draws_what_another_has_drawn() -> None:
    """Retries are attempts with numbers of their own, so each draws from streams that nothing else has."""
    drawn = {
        (seed, number, factor): stream(seed, number, factor).integers(2**63, size=4).tobytes()
        for seed in (0, 1, 7)
        for number in range(1500)
        for factor in FACTORS
    }
    assert len(set(drawn.values())) == len(drawn)


def test_neighbouring_attempts_are_independent() -> None:
    values = np.array([stream(0, number, FACTORS[0]).standard_normal(8) for number in range(400)])
    assert abs(np.corrcoef(values[:-1].ravel(), values[1:].ravel())[0, 1]) < 0.06


def test_how_many_are_wanted_does_not_enter_keys() -> None:
    few = GenerateSettings(episodes=2)
    many = GenerateSettings(episodes=900, max_attempts=1000, least_success_share=0.5, share_judged_from=50)
    assert settings_in_key(few) == settings_in_key(many)
    assert aim(many) == Aim(900, 0.5, 50)
