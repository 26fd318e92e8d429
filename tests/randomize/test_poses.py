"""Drawn places."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blueprint.pipeline.randomize.poses import Mover, Outline, Ring, draw_poses, turned, turned_outline
from blueprint.pipeline.scene.edits import SupportSurface
from blueprint.pipeline.scene.policies import PoseFactor
from blueprint.pipeline.scene.poses import Pose, angle_between_rad
from blueprint.pipeline.scene.randomness import stream
from blueprint.pipeline.scene.shapes import PropShape, box_corners, inside_by_m, outline_gap_m, rectangle_m
from blueprint.pipeline.scene.supports import FLOOR_SURFACE, world_surfaces

SHAPE = PropShape((box_corners((0.03, 0.08, 0.1)) + np.array([0.0, 0.0, 0.1]),))
TOP = SupportSurface("top", "body", Pose((0.0, 0.0, 0.7)), (0.5, 0.3), 0.03)
(TABLE,) = world_surfaces("table", Pose.from_yaw((0.0, 1.0, 0.0), 0.4), [TOP])
PLACES = {"a": (-0.2, 1.0), "b": (0.0, 1.1), "c": (0.2, 1.05)}
MOVERS = [Mover.of(name, SHAPE, Pose.from_yaw((x, y, 0.7), 0.1), TABLE) for name, (x, y) in PLACES.items()]
RING = Ring(np.array([0.0, 0.6]), 0.3, 0.72)
WIDE = PoseFactor(vary="poses", shift_m=0.3, turn_deg=180, attempts=40)
ANYWHERE = PoseFactor(vary="poses", over="surface", turn_deg=180, attempts=200)


def draw(seed: int, wanted: PoseFactor = WIDE, movers=MOVERS, obstacles=()):
    """Draw places for everything that may move."""
    streams = {mover.prop: stream(seed, 1, mover.prop) for mover in movers}
    return draw_poses(movers, [Outline.of(points) for points in obstacles], RING, streams, wanted)


@pytest.mark.parametrize("wanted", [WIDE, ANYWHERE])
@given(st.integers(0, 100_000))
@settings(max_examples=40, deadline=None)
def test_drawn_scenes_are_possible(wanted: PoseFactor, seed: int) -> None:
    obstacle = rectangle_m(Pose((0.0, 0.75, 0.0)), (0.1, 0.05))
    moves = [placed.move for placed in draw(seed, wanted, obstacles=(obstacle,))]
    outlines = [SHAPE.outline_m(move.T_world_prop) for move in moves]
    for index, (move, mover) in enumerate(zip(moves, MOVERS, strict=True)):
        assert move.prop == mover.prop
        assert move.T_world_prop.position_m[2] == 0.7
        shift = np.subtract(move.T_world_prop.position_m, mover.T_world_prop.position_m)
        assert wanted is ANYWHERE or np.linalg.norm(shift) <= WIDE.shift_m + 1e-12
        if move.T_world_prop != mover.T_world_prop:
            assert inside_by_m(outlines[index], TABLE.outline_m()) >= wanted.edge_m - 1e-6
            assert outline_gap_m(outlines[index], obstacle) >= wanted.gap_m - 1e-5
            distance = np.linalg.norm(np.array(move.T_world_prop.position_m[:2]) - RING.base_xy_m)
            assert RING.near_m <= distance <= RING.far_m
        assert all(outline_gap_m(outlines[index], other) >= 0 for other in outlines[:index])


def test_a_whole_surface_is_used() -> None:
    places = np.array([draw(seed, ANYWHERE, MOVERS[:1])[0].move.T_world_prop.position_m for seed in range(200)])
    assert (np.ptp(places[:, :2], axis=0) > (0.7, 0.35)).all()


def test_the_outline_that_is_kept_is_that_of_the_move() -> None:
    for placed in draw(5):
        low, high = placed.outline.points_m.min(axis=0), placed.outline.points_m.max(axis=0)
        outline = SHAPE.outline_m(placed.move.T_world_prop)
        assert np.allclose((low, high), (outline.min(axis=0), outline.max(axis=0)), atol=2e-6)


def test_a_seed_gives_the_same_draw_and_another_a_different_one() -> None:
    moves = [[placed.move for placed in draw(seed)] for seed in (5, 5, 6)]
    assert moves[0] == moves[1] != moves[2]


def test_a_new_prop_does_not_move_the_first_ones() -> None:
    far = Mover.of("d", SHAPE, Pose((5.0, 5.0, 0.0)), FLOOR_SURFACE)
    first = [placed.move for placed in draw(5, movers=[*MOVERS, far])][:3]
    assert first == [placed.move for placed in draw(5)]


def test_a_prop_without_room_stays_and_says_so() -> None:
    crowd = rectangle_m(Pose((0.0, 1.0, 0.0)), (3.0, 3.0))
    moves = [placed.move for placed in draw(1, obstacles=(crowd,))]
    assert [move.T_world_prop for move in moves] == [mover.T_world_prop for mover in MOVERS]
    assert {move.why for move in moves} == {"stays: none of 40 draws had room"}


def test_a_prop_out_of_the_ring_may_only_come_nearer() -> None:
    far = Mover.of("far", SHAPE, Pose((0.0, 3.0, 0.0)), FLOOR_SURFACE)
    for seed in range(10):
        (placed,) = draw(seed, movers=[far])
        assert np.linalg.norm(np.array(placed.move.T_world_prop.position_m[:2]) - RING.base_xy_m) <= 2.4


def test_a_leaning_prop_leans_on_when_turned() -> None:
    leaning = Pose.from_yaw((1.0, 2.0, 0.7), 0.3) @ Pose((0.0, 0.0, 0.0), (np.cos(0.05), np.sin(0.05), 0.0, 0.0))
    after = turned(leaning, np.array([0.1, 0.0, 0.0]), 0.5)
    assert after.rotation()[2] == pytest.approx(leaning.rotation()[2])
    assert angle_between_rad(leaning, after) == pytest.approx(0.5, abs=1e-6)
    assert after.position_m == pytest.approx((1.1, 2.0, 0.7))


def test_a_turned_outline_is_that_of_the_turned_prop() -> None:
    rest = MOVERS[0].T_world_prop
    start, shift = np.asarray(rest.position_m)[:2], np.array([0.1, -0.05])
    outline = turned_outline(SHAPE.outline_m(rest), start, shift, 0.7)
    expected = SHAPE.outline_m(turned(rest, np.array([*shift, 0.0]), 0.7))
    assert outline_gap_m(outline, expected) == pytest.approx(-0.06, abs=1e-9)
    assert np.allclose(sorted(outline.tolist()), sorted(expected.tolist()))
