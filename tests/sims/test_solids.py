"""Rays and samples of unions of convex pieces, on shapes whose answers are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.pipeline.sims.solids import ConvexSolid, chords, convex_solid, surface_samples

X = np.array([[1.0, 0.0, 0.0]])


def box(center: tuple[float, float, float], half: tuple[float, float, float]) -> ConvexSolid:
    """Return a box as a convex piece."""
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    return convex_solid(np.array(center) + signs * np.array(half))


@given(st.floats(-0.9, 0.9), st.floats(-0.9, 0.9))
def test_a_ray_crosses_a_box(y: float, z: float) -> None:
    """It enters at the near face, leaves at the far one, and knows their normals."""
    chord = chords([box((0, 0, 0), (1, 1, 1))], np.array([[-3.0, y, z]]), X)
    assert (chord.enter_m[0], chord.leave_m[0]) == pytest.approx((2.0, 4.0))
    assert chord.enter_normal[0] == pytest.approx([-1, 0, 0], abs=1e-9)
    assert chord.leave_normal[0] == pytest.approx([1, 0, 0], abs=1e-9)


def test_a_ray_beside_a_box_misses() -> None:
    """Parallel to a face outside it, and pointing away."""
    cube = [box((0, 0, 0), (1, 1, 1))]
    assert np.isnan(chords(cube, np.array([[-3.0, 1.5, 0.0]]), X).enter_m[0])
    assert np.isnan(chords(cube, np.array([[3.0, 0.0, 0.0]]), X).enter_m[0])


def test_touching_pieces_are_one_body_and_distant_ones_are_not() -> None:
    """A seam of 1 mm is crossed, an opening of 10 mm ends the chord."""
    near, far = box((0, 0, 0), (0.1, 0.1, 0.1)), box((0.301, 0, 0), (0.2, 0.1, 0.1))
    start = np.array([[-1.0, 0.0, 0.0]])
    assert chords([far, near], start, X).leave_m[0] == pytest.approx(1.501)
    apart = box((0.31, 0, 0), (0.2, 0.1, 0.1))
    assert chords([apart, near], start, X).leave_m[0] == pytest.approx(1.1)


def test_samples_lie_on_the_outside_with_outward_normals() -> None:
    """Half of a small box is inside a large one; no sample is there."""
    pieces = [box((0, 0, 0), (0.1, 0.1, 0.1)), box((0.1, 0, 0), (0.05, 0.02, 0.02))]
    points, normals = surface_samples(pieces, 2000, np.random.default_rng(1))
    inside_large = (np.abs(points) < 0.1 - 1e-3).all(axis=1)
    inside_small = (np.abs(points - [0.1, 0, 0]) < np.array([0.05, 0.02, 0.02]) - 1e-3).all(axis=1)
    assert not (inside_large | inside_small).any()
    assert np.linalg.norm(normals, axis=1) == pytest.approx(np.ones(len(points)))
    depth = np.stack([(points @ p.normals.T - p.offsets_m).max(axis=1) for p in pieces]).min(axis=0)
    outside = np.stack([((points + 1e-3 * normals) @ p.normals.T - p.offsets_m).max(axis=1) for p in pieces]).min(
        axis=0
    )
    assert np.abs(depth).max() < 1e-6
    assert (outside > 0).mean() > 0.97
