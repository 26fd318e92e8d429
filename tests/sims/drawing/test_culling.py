"""Owners are left out only where none of their points can be seen."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from blueprint.pipeline.sims.drawing.culling import CUBE, Framing, in_window

FRAMING = Framing(160, 120, 130.0, (20, 30, 99, 80))


@given(st.integers(0, 2**32 - 1))
def test_a_box_of_which_a_point_is_seen_is_kept(seed: int) -> None:
    """Points all through a box anywhere around the camera, also across its plane."""
    random = np.random.default_rng(seed)
    center, half = random.uniform(-3, 3, 3), random.uniform(0.01, 2.0, 3)
    rotation = np.linalg.qr(random.normal(size=(3, 3)))[0]
    corners = (CUBE * half) @ rotation.T + center
    points = (random.uniform(-1, 1, (500, 3)) * half) @ rotation.T + center
    ahead = points[points[:, 2] < -1e-3]
    column = 80 + 130 * ahead[:, 0] / -ahead[:, 2]
    row = 60 - 130 * ahead[:, 1] / -ahead[:, 2]
    seen = ((column >= 20) & (column < 100) & (row >= 30) & (row < 81)).any()
    assert in_window(FRAMING, corners[None])[0] or not seen


def test_what_is_behind_or_beside_is_left_out() -> None:
    small = CUBE * 0.1
    places = [(0, 0, 1), (5, 0, -1), (-5, 0, -1), (0, 5, -1), (0, -5, -1), (0, 0, -1)]
    kept = in_window(FRAMING, np.array([small + place for place in places]))
    assert kept.tolist() == [False, False, False, False, False, True]
