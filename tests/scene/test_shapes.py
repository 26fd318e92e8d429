"""Outlines on the ground."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blueprint.pipeline.scene.colliders import BoxPiece, CylinderPiece, SpherePiece
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.shapes import (
    PropShape,
    box_corners,
    convex_outline,
    inside_by_m,
    outline_gap_m,
    primitive_corners,
    primitive_triangles,
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


TURNED = Pose((0.1, 0.2, 0.3), (0.8, 0.0, 0.6, 0.0))


@pytest.mark.parametrize(
    ("piece", "volume_m3"),
    [
        (BoxPiece(TURNED, (0.1, 0.2, 0.3)), 0.048),
        (CylinderPiece(TURNED, 0.1, 0.2), np.pi * 0.1**2 * 0.4),
        (SpherePiece((0.1, 0.2, 0.3), 0.1), 4 / 3 * np.pi * 0.1**3),
    ],
    ids=["box", "cylinder", "ball"],
)
def test_the_triangles_of_a_primitive_enclose_its_volume_wound_outwards(piece: BoxPiece, volume_m3: float) -> None:
    a, b, c = primitive_triangles(piece).transpose(1, 0, 2)
    enclosed = np.einsum("ij,ij->", a, np.cross(b, c)) / 6
    assert enclosed == pytest.approx(volume_m3, rel=0.01)
    assert np.abs(np.cross(b - a, c - a).sum(axis=0)).max() < 1e-12


def test_corners_of_round_pieces_lie_on_their_surface() -> None:
    rims = TURNED.inverse().apply(primitive_corners(CylinderPiece(TURNED, 0.1, 0.2)))
    assert np.allclose(np.hypot(rims[:, 0], rims[:, 1]), 0.1)
    assert set(np.round(rims[:, 2], 9)) == {-0.2, 0.2}
    ball = primitive_corners(SpherePiece((0.1, 0.2, 0.3), 0.1))
    assert np.allclose(np.linalg.norm(ball - (0.1, 0.2, 0.3), axis=1), 0.1)
