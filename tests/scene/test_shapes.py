"""Outlines on the ground."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.shapes import (
    PropShape,
    box_corners,
    convex_outline,
    inside_by_m,
    outline_gap_m,
    rectangle_m,
)

POINTS = st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=6, max_size=20)


def square(x: float, y: float, half: float, yaw_rad: float = 0.0) -> np.ndarray:
    """Return a square's outline."""
    return rectangle_m(Pose.from_yaw((x, y, 0.0), yaw_rad), (half, half))


@given(st.integers(0, 10_000))
@settings(deadline=None)
def test_an_outline_is_counterclockwise_and_holds_its_points(seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(15, 2))
    outline = convex_outline(points)
    following = np.roll(outline, -1, axis=0)
    area = 0.5 * np.sum(outline[:, 0] * following[:, 1] - outline[:, 1] * following[:, 0])
    assert area > 0
    assert inside_by_m(points, outline) > -1e-12


@pytest.mark.parametrize(("distance", "gap"), [(3.0, 1.0), (2.0, 0.0), (1.5, -0.5)])
def test_the_gap_between_squares(distance: float, gap: float) -> None:
    assert outline_gap_m(square(0, 0, 1), square(distance, 0, 1)) == pytest.approx(gap)


def test_a_turned_square_reaches_further() -> None:
    gap = outline_gap_m(square(0, 0, 1), square(3, 0, 1, np.pi / 4))
    assert gap == pytest.approx(2 - np.sqrt(2))


@given(st.integers(0, 10_000))
@settings(deadline=None)
def test_the_gap_never_exceeds_the_distance(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first = convex_outline(rng.normal(size=(6, 2)))
    second = convex_outline(rng.normal((3.0, 0.0), size=(6, 2)))
    along = np.linspace(0, 1, 60)[:, None]
    edges = [np.concatenate([a + along * (b - a) for a, b in zip(o, np.roll(o, -1, axis=0), strict=True)])
             for o in (first, second)]  # fmt: skip
    distance = np.linalg.norm(edges[0][:, None] - edges[1][None], axis=2).min()
    assert outline_gap_m(first, second) <= distance + 1e-9


def test_inside_by_is_signed() -> None:
    assert inside_by_m(square(0, 0, 1), square(0, 0, 3)) == pytest.approx(2)
    assert inside_by_m(square(2.5, 0, 1), square(0, 0, 3)) == pytest.approx(-0.5)


def test_a_shape_in_the_world() -> None:
    shape = PropShape((box_corners((0.1, 0.2, 0.3)) + np.array([0.0, 0.0, 0.3]),))
    pose = Pose.from_yaw((1.0, 2.0, 0.5), np.pi / 2)
    assert shape.lowest_m(pose) == pytest.approx(0.5)
    assert np.ptp(shape.outline_m(pose), axis=0) == pytest.approx([0.4, 0.2])
