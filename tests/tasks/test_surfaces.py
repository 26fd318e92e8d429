"""Where things are pushed: square to their sides first, short ways too, from a side where none is behind."""

from dataclasses import replace

import numpy as np
import pytest
from tests.tasks.workshop import TOP_M, situation

from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.tasks.situation import Situation
from blueprint.pipeline.tasks.surfaces import Ground, box_turn_rad, free_regions, pushes

WAYS_M = (0.10, 0.18)


def strokes(scene: Situation, prop: str, seed: int = 0) -> np.ndarray:
    """Return the level ways (N, 2) of all pushes that are drawn."""
    ground = Ground.of(scene, "table/top")
    rng = np.random.default_rng(seed)
    drawn = pushes(scene, prop, ground, rng, distance_m=WAYS_M, margin_m=0.03, gap_m=0.02, name="target")
    here = scene.pose(prop).position_m
    return np.array([np.subtract(each.poses[prop].position_m, here)[:2] for each in drawn]).reshape(-1, 2)


def alone(prop: str, T_world_prop: Pose, *others: tuple[str, Pose]) -> Situation:
    """Return the table with one thing on it, the rest out of the way, and others where they are told to be."""
    scene = situation()
    away = {name: Pose((5.0 + at, 5.0, 0.0)) for at, name in enumerate(scene.T_world_props)}
    return replace(scene, T_world_props={**away, prop: T_world_prop, **dict(others)})


@pytest.mark.parametrize("turn", [0.0, 0.3, 1.2, 2.5])
def test_the_smallest_rectangle_is_found(turn: float) -> None:
    corners = np.array([[0.1, 0.02], [-0.1, 0.02], [-0.1, -0.02], [0.1, -0.02]])
    R = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    off = (box_turn_rad(corners @ R.T) - turn) % (np.pi / 2)
    assert min(off, np.pi / 2 - off) < np.deg2rad(1.5)


def test_a_box_is_first_pushed_square_to_its_sides() -> None:
    """All ways are drawn once, then the shortest between them."""
    turn = 0.35
    ways = strokes(alone("brick", Pose.from_yaw((0.55, 0.0, TOP_M), turn)), "brick")
    lengths, headings = np.linalg.norm(ways, axis=1), np.arctan2(ways[:, 1], ways[:, 0])
    off = np.abs((headings - turn + np.pi / 4) % (np.pi / 2) - np.pi / 4)
    assert len(ways) == 32
    assert (off[:4] < np.deg2rad(2)).all()
    assert len(np.unique(np.round(headings, 3))) == 32
    np.testing.assert_allclose(lengths[16:], WAYS_M[0], atol=1e-9)
    assert ((lengths >= WAYS_M[0] - 1e-9) & (lengths <= WAYS_M[1])).all()
    assert np.ptp(lengths[:16]) > 0.02


def test_without_room_behind_it_a_thing_is_pushed_last() -> None:
    """Something stands in the hand's way behind a push to the left; such pushes are drawn when there are no others."""
    free = strokes(alone("box", Pose((0.55, 0.0, TOP_M))), "box")
    beside = Pose((0.55, -0.13, TOP_M))
    ways = strokes(alone("box", Pose((0.55, 0.0, TOP_M)), ("brick", beside)), "box")
    assert 0 < len(ways) < len(free)
    lengths = np.linalg.norm(ways, axis=1)
    to_the_left = np.flatnonzero(ways[:, 1] > 0.9 * lengths)
    past_it = np.flatnonzero(np.abs(ways[:, 0]) > 0.97 * lengths)
    assert len(to_the_left) > 0
    assert len(past_it) > 0
    assert to_the_left.min() > past_it.max()


def test_a_small_arm_finds_its_corner_of_a_large_surface_as_often_as_a_large_one() -> None:
    """Points are drawn where the robot reaches, not all over the table."""

    def found(reach_m: float) -> list[float]:
        scene = replace(alone("brick", Pose((0.55, 0.0, TOP_M))), reach_m=reach_m)
        ground, rng = Ground.of(scene, "table/top"), np.random.default_rng(2)
        drawn = free_regions(scene, "brick", ground, rng, margin_m=0.03, gap_m=0.01, least_move_m=0.05, name="target")
        base_m = np.asarray(scene.T_world_base.position_m)[:2]
        return [float(np.linalg.norm(np.asarray(each.poses["brick"].position_m)[:2] - base_m)) for each in drawn]

    near = 0.45
    assert max(found(near)) <= near
    assert len(found(near)) > 2 * sum(away_m <= near for away_m in found(2.0))
