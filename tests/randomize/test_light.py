"""Drawn light."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.pipeline.randomize.light import LOWEST_RAD, LightRanges, draw_light, turned_ray
from blueprint.pipeline.scene.manifests import Light
from blueprint.pipeline.scene.randomness import stream

LIGHT = Light("key", (0.6, 0.0, -0.8), (1.0, 1.0, 1.0), 1.0, "/World/lights/key")


@given(st.integers(0, 100_000))
def test_light_stays_above_and_bright(seed: int) -> None:
    drawn = draw_light(LIGHT, stream(seed, 1, "light"), LightRanges())
    assert np.linalg.norm(drawn.direction) == pytest.approx(1)
    assert drawn.direction[2] <= -np.sin(LOWEST_RAD) + 1e-9
    assert 0.75 <= drawn.intensity <= 1.2
    red, green, blue = drawn.color_rgb
    assert green == 1.0
    assert min(red, blue) >= 0.92
    assert max(red, blue) == 1.0


def test_a_ray_is_turned_and_raised() -> None:
    assert turned_ray((0.6, 0.0, -0.8), np.pi / 2, 0.0) == pytest.approx((0.0, 0.6, -0.8))
    level = turned_ray((1.0, 0.0, 0.0), 0.0, 0.0)
    assert level[2] == pytest.approx(-np.sin(LOWEST_RAD))
    raised = turned_ray((0.6, 0.0, -0.8), 0.0, 0.2)
    assert np.arcsin(-raised[2]) == pytest.approx(np.arcsin(0.8) + 0.2)
