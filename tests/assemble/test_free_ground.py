"""The free ground that is left to put things down on."""

import numpy as np
import pytest

from blueprint.pipeline.assemble.free_ground import free_spots_m, room_share
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.shapes import outward_m, rectangle_m
from blueprint.pipeline.scene.supports import WorldSurface

TABLE = WorldSurface("table", "top", Pose.from_yaw((0.5, 1.0, 0.74), 0.3), (0.5, 0.3))
BASE = Pose((0.5, 1.0, 0.74))
RING = (0.12, 0.3)


def outline_at(place: Pose, half_m: float = 0.05) -> np.ndarray:
    """Return a square outline about a place."""
    return rectangle_m(place, (half_m, half_m))


def test_spots_keep_half_a_things_width_from_edges_and_things() -> None:
    box = outline_at(Pose((0.6, 1.0, 0.74)), 0.1)
    spots = free_spots_m(TABLE, [box])
    assert len(spots) > 20
    local = TABLE.T_world_surface.inverse().apply(np.column_stack([spots, np.full(len(spots), 0.74)]))
    assert (np.abs(local[:, :2]) <= np.array(TABLE.half_size_m) - 0.11 + 1e-9).all()
    assert outward_m(spots, box).min() >= 0.11


def test_an_empty_table_is_room_enough_and_a_full_one_is_none() -> None:
    assert room_share(free_spots_m(TABLE, []), BASE, outline_at(BASE), RING) == 1.0
    full = rectangle_m(TABLE.T_world_surface, (0.5, 0.3))
    assert room_share(free_spots_m(TABLE, [full]), BASE, outline_at(BASE), RING) == 0.0


def test_only_what_is_within_the_ring_and_beside_the_base_counts() -> None:
    spots = np.array([[0.5, 1.05], [0.5, 1.22], [0.5, 1.5]])
    assert room_share(spots, BASE, outline_at(BASE), RING) == pytest.approx(1 / 12)
    assert room_share(spots, BASE, outline_at(BASE, 0.15), RING) == 0.0
