from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blueprint.pipeline.simready.rectangles import largest_rectangle


def triangles(corners: list[tuple[float, float]]) -> np.ndarray:
    """Return a convex outline as a fan of triangles."""
    return np.array([[corners[0], b, c] for b, c in pairwise(corners[1:])])


def quad(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    return triangles([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])


@given(st.floats(-1.5, 1.5), st.floats(0.2, 1.5), st.floats(0.1, 1.0))
@settings(max_examples=25, deadline=None)
def test_a_turned_rectangle_is_found_from_inside(yaw: float, length: float, width: float) -> None:
    turn = np.array([[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]])
    found = largest_rectangle(quad(-length / 2, -width / 2, length / 2, width / 2) @ turn.T + (2.0, -1.0))
    assert found is not None
    cell = max(0.004, max(length, width) / 250)
    long, short = max(length, width), min(length, width)
    assert 2 * found.half_size_m[0] == pytest.approx(long, abs=3 * cell)
    assert 2 * found.half_size_m[1] == pytest.approx(short, abs=3 * cell)
    assert 2 * found.half_size_m[0] <= long + cell
    assert found.center_m == pytest.approx((2.0, -1.0), abs=2 * cell)
    if long > 1.1 * short:
        heading = yaw if length > width else yaw + np.pi / 2
        assert abs(np.sin(found.yaw_rad - heading)) < 1e-3


def test_the_larger_arm_of_an_angle_is_taken() -> None:
    found = largest_rectangle(np.concatenate([quad(0, 0, 1.0, 0.4), quad(0, 0.4, 0.2, 0.9)]))
    assert found is not None
    assert found.area_m2 == pytest.approx(0.4, rel=0.06)
    assert found.center_m == pytest.approx((0.5, 0.2), abs=0.01)


def test_in_a_disc_it_is_the_inscribed_square() -> None:
    angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    found = largest_rectangle(triangles([(float(np.cos(a)), float(np.sin(a))) for a in angles]))
    assert found is not None
    assert found.area_m2 == pytest.approx(2.0, rel=0.05)


def test_a_speck_holds_nothing() -> None:
    assert largest_rectangle(quad(0, 0, 0.001, 0.001)) is None
