"""The room around the props."""

import numpy as np
import pytest

from blueprint.pipeline.assemble.room import beyond_walls_m, floor_slab, room_boxes, see_through
from blueprint.pipeline.scene.meshes import TextureRef
from blueprint.pipeline.scene.poses import Pose, quat_from_rotation
from blueprint.pipeline.scene.props import Appearance
from blueprint.pipeline.scene.rooms import RoomPlane
from blueprint.pipeline.scene.shapes import inside_by_m

CORNERS = np.array([[-0.5, 1.0, 0.0], [0.5, 2.0, 1.0]])
PAPER = Appearance((1.0, 1.0, 1.0), TextureRef("ab" * 32, 8, 8))
FLOOR_PLANE = RoomPlane("floor", "floor", Pose((0.3, 1.2, 0.002)), (1.5, 1.0), PAPER, 0.003, 900, "fitted")
_BACK = np.stack([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]], axis=1)
WALL = RoomPlane(
    "wall_1", "wall", Pose((0.0, 2.4, 1.2), quat_from_rotation(_BACK)), (2.0, 1.2), PAPER, 0.01, 500, "seen"
)
CEILING = RoomPlane(
    "ceiling", "ceiling", Pose((0.0, 1.0, 2.5), (0.0, 1.0, 0.0, 0.0)), (3.0, 3.0), PAPER, 0.01, 500, "seen"
)


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


def test_without_a_wall_in_the_scan_there_is_none() -> None:
    assert [box.name for box in room_boxes((), CORNERS)] == ["floor"]


def test_the_floor_lies_around_what_the_scan_shows_of_it() -> None:
    slab = floor_slab(CORNERS, FLOOR_PLANE)
    assert slab.T_world_box.position_m == pytest.approx((0.3, 1.2, -0.05))
    assert (slab.texture_half_m, slab.appearance) == ((1.5, 1.0), PAPER)
    low = np.array(slab.T_world_box.position_m) - slab.half_extents_m
    high = np.array(slab.T_world_box.position_m) + slab.half_extents_m
    assert (low[:2] <= CORNERS[0, :2] - 4).all()
    assert (high[:2] >= CORNERS[1, :2] + 4).all()


def test_a_wall_is_a_thick_slab_behind_its_plane() -> None:
    _, wall, ceiling = room_boxes((FLOOR_PLANE, WALL, CEILING), CORNERS)
    assert wall.T_world_box.position_m == pytest.approx((0.0, 2.45, 1.2))
    assert ceiling.T_world_box.position_m == pytest.approx((0.0, 1.0, 2.55))
    assert wall.half_extents_m == (2.0, 1.2, 0.05)


def test_what_hides_the_scene_is_solid_but_not_seen() -> None:
    boxes = room_boxes((FLOOR_PLANE, WALL, CEILING), CORNERS)
    targets = np.array([[0.0, 1.5, 0.8], [0.3, 1.4, 0.8]])
    light = (0.0, 0.5, -0.866)
    front = see_through(boxes, [(0.0, -1.0, 1.5)], light, targets)
    assert [box.visible for box in front] == [True, True, False]
    assert "from the light" in front[2].why
    behind = see_through(boxes, [(0.0, 4.0, 1.5)], light, targets)
    assert [box.visible for box in behind] == [True, False, False]
    assert "from a camera" in behind[1].why
    assert [box.half_extents_m for box in behind] == [box.half_extents_m for box in boxes]


def test_nobody_stands_behind_a_wall() -> None:
    (outline,) = beyond_walls_m((FLOOR_PLANE, WALL, CEILING))
    behind, before = np.array([[0.5, 3.0]]), np.array([[0.5, 2.0]])
    assert inside_by_m(behind, outline) > 0.5
    assert inside_by_m(before, outline) < -0.3
