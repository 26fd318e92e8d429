"""The floor."""

import numpy as np
import pytest

from blueprint.pipeline.assemble.room import floor_slab


def test_the_floor_lies_below_everything_with_its_face_at_zero() -> None:
    corners = np.array([[-1.3, 0.2, 0.0], [2.4, 3.1, 1.0]])
    slab = floor_slab(corners)
    assert slab.T_world_box.position_m[2] + slab.half_extents_m[2] == pytest.approx(0)
    center, half = np.array(slab.T_world_box.position_m), np.array(slab.half_extents_m)
    assert ((center - half)[:2] <= corners[0, :2] - 3.9).all()
    assert ((center + half)[:2] >= corners[1, :2] + 3.9).all()


def test_a_hair_does_not_move_the_floor() -> None:
    corners = np.array([[-1.31, 0.21, 0.0], [2.42, 3.12, 1.0]])
    assert floor_slab(corners) == floor_slab(corners + 1e-6)
