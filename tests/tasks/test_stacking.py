"""What stands on top of something."""

import numpy as np
import pytest
from numpy.typing import NDArray

from blueprint.pipeline.tasks.stacking import STEADY_RAD, steadiness_rad

Array = NDArray[np.float64]


def _box(half_m: tuple[float, float, float], bottom_m: float = 0.0) -> Array:
    signs = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, -1).T
    return signs * half_m + [0.0, 0.0, bottom_m + half_m[2]]


def test_a_box_on_a_wider_one_is_as_steady_as_its_own_base_allows() -> None:
    """The angle at which the middle is over the edge of the base."""
    steady = steadiness_rad(_box((0.03, 0.05, 0.1), bottom_m=0.08), _box((0.1, 0.1, 0.04)))
    assert steady == pytest.approx(np.arctan2(0.03, 0.1), rel=0.05)


def test_a_ridge_carries_nothing_beside_it() -> None:
    """A top that sinks by two millimetres towards its edges holds no tall box, though it is wide."""
    wide = _box((0.03, 0.04, 0.04))
    ridge = np.array([[0.004, y, wide[:, 2].max() + 0.002] for y in (-0.04, 0.04)])
    tall = _box((0.03, 0.05, 0.1), bottom_m=float(ridge[0, 2]))
    assert steadiness_rad(tall, np.concatenate([wide, ridge])) < STEADY_RAD
    assert steadiness_rad(tall, wide) > STEADY_RAD


def test_a_middle_beside_its_seat_is_not_steady_at_all() -> None:
    """The angle is negative."""
    aside = _box((0.03, 0.03, 0.05), bottom_m=0.08) + np.array([0.05, 0.0, 0.0])
    assert steadiness_rad(aside, _box((0.02, 0.02, 0.04))) < 0
