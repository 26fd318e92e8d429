"""Streams depend on seed, variant and name alone."""

from hypothesis import given
from hypothesis import strategies as st

from blueprint.pipeline.scene.randomness import stream

seeds = st.integers(0, 2**32)


@given(seeds, seeds, st.text(min_size=1))
def test_the_same_stream_gives_the_same_numbers(seed: int, variant: int, name: str) -> None:
    assert stream(seed, variant, name).random(3).tolist() == stream(seed, variant, name).random(3).tolist()


def test_seed_variant_and_name_each_make_another_stream() -> None:
    draws = {stream(*key).random() for key in ((0, 0, "mass"), (1, 0, "mass"), (0, 1, "mass"), (0, 0, "light"))}
    assert len(draws) == 4


def test_a_new_factor_does_not_move_the_others() -> None:
    alone = stream(7, 3, "mass").random(2).tolist()
    stream(7, 3, "friction").random(100)
    assert stream(7, 3, "mass").random(2).tolist() == alone
