"""Noise of sensors: of the deviation asked for, the same for the same instant, and never where nothing was seen."""

import numpy as np
import pytest

from blueprint.pipeline.sims.protocols import Frame
from blueprint.pipeline.sims.sensing import IDEAL, Sensing, sensed


def frame(side: int = 200) -> Frame:
    """Return a grey picture two metres away, with a hole."""
    depth = np.full((side, side), 2.0, dtype=np.float32)
    depth[:20] = 0.0
    rgb = np.full((side, side, 3), 120, dtype=np.uint8)
    return Frame(rgb, depth, np.ones((side, side), dtype=np.int32), np.zeros((side, side, 3), dtype=np.float32))


def test_an_ideal_sensor_hands_the_picture_on() -> None:
    clean = frame()
    assert sensed(clean, IDEAL, 3) is clean


@pytest.mark.parametrize("std", [1.0, 6.0])
def test_colour_noise(std: float) -> None:
    clean = frame()
    noisy = sensed(clean, Sensing(std, 0.0, 5), 3)
    change = noisy.rgb.astype(float) - 120
    # Rounding to whole levels adds a twelfth to the variance.
    assert change.std() == pytest.approx(np.sqrt(std**2 + 1 / 12), rel=0.02)
    assert abs(change.mean()) < 0.05
    assert noisy.depth_m is clean.depth_m
    assert noisy.instance is clean.instance
    assert noisy.normal is clean.normal
    assert (clean.rgb == 120).all()


def test_depth_noise_leaves_what_was_not_hit() -> None:
    clean = frame()
    noisy = sensed(clean, Sensing(0.0, 0.003, 5), 3).depth_m
    assert noisy[20:].std() == pytest.approx(4 * 0.003, rel=0.03)
    assert (noisy[:20] == 0).all()
    assert noisy.dtype == np.float32


def test_noise_is_a_function_of_seed_and_instant() -> None:
    clean = frame()
    first = sensed(clean, Sensing(4.0, 0.003, 5), 3)
    again = sensed(clean, Sensing(4.0, 0.003, 5), 3)
    assert np.array_equal(first.rgb, again.rgb)
    assert np.array_equal(first.depth_m, again.depth_m)
    for other in (sensed(clean, Sensing(4.0, 0.003, 6), 3), sensed(clean, Sensing(4.0, 0.003, 5), 4)):
        a, b = first.rgb.astype(float).reshape(-1) - 120, other.rgb.astype(float).reshape(-1) - 120
        assert abs(np.corrcoef(a, b)[0, 1]) < 0.02
    assert abs(np.corrcoef(first.rgb[:, :, 0].reshape(-1), first.rgb[:, :, 1].reshape(-1))[0, 1]) < 0.02
