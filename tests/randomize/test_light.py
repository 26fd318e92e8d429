"""Where a lamp's rays come from after it was turned and raised."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.pipeline.randomize.light import LOWEST_RAD, light_edit, turned_ray
from blueprint.pipeline.scene.manifests import Light

LIGHT = Light("key", (0.6, 0.0, -0.8), (1.0, 1.0, 1.0), 1.0, "/World/lights/key")


def test_a_ray_is_turned_and_raised() -> None:
    assert turned_ray((0.6, 0.0, -0.8), np.pi / 2, 0.0) == pytest.approx((0.0, 0.6, -0.8))
    level = turned_ray((1.0, 0.0, 0.0), 0.0, 0.0)
    assert level[2] == pytest.approx(-np.sin(LOWEST_RAD))
    raised = turned_ray((0.6, 0.0, -0.8), 0.0, 0.2)
    assert np.arcsin(-raised[2]) == pytest.approx(np.arcsin(0.8) + 0.2)


@given(st.floats(-np.pi, np.pi), st.floats(-2.0, 2.0))
def test_light_stays_above(turn_rad: float, rise_rad: float) -> None:
    ray = turned_ray(LIGHT.direction, turn_rad, rise_rad)
    assert np.linalg.norm(ray) == pytest.approx(1)
    assert ray[2] <= -np.sin(LOWEST_RAD) + 1e-9


def test_a_lamp_that_does_not_vary_has_no_edit() -> None:
    assert light_edit(LIGHT, {("light_intensity", "other"): np.array([2.0])}, {}) is None
