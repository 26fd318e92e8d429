"""Outlines seen from above: depths and gaps of known shapes, frame by frame."""

import numpy as np
import pytest

from blueprint.pipeline.episode.outlines import depth_inside_m, gap_between_m, outline_of

SQUARE = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])


def test_depths_and_gaps_of_squares() -> None:
    """A point 0.25 inside an edge; two squares 0.5 apart, and overlapping by as much."""
    assert depth_inside_m(np.array([[0.75, 0.1]]), outline_of(SQUARE[None]))[0] == pytest.approx(0.25)
    assert gap_between_m(SQUARE[None], SQUARE[None] + [2.5, 0.0])[0] == pytest.approx(0.5)
    assert gap_between_m(SQUARE[None], SQUARE[None] + [1.5, 0.3])[0] == pytest.approx(-0.5)


@pytest.mark.parametrize("count", [0, 1, 4, 5, 11])
def test_a_frame_is_measured_as_if_it_were_alone(count: int) -> None:
    """However many are asked for at once, and to the bit."""
    rng = np.random.default_rng(1)
    first, second, point = rng.random((count, 30, 3)), rng.random((count, 20, 3)) + 0.8, rng.random((count, 3))
    gaps, depths = gap_between_m(first, second), depth_inside_m(point, outline_of(first))
    assert gaps.shape == depths.shape == (count,)
    for at in range(count):
        one = slice(at, at + 1)
        assert gap_between_m(first[one], second[one])[0] == gaps[at]
        assert depth_inside_m(point[one], outline_of(first[one]))[0] == depths[at]
