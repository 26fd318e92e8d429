"""Candidate places for the robot."""

import numpy as np
import pytest

from blueprint.pipeline.assemble.robot_placement import (
    PEDESTAL,
    Footprint,
    RobotSettings,
    Workplace,
    facing_yaw_rad,
    given_place,
    grid_m,
    propose_before_handles,
    propose_places,
    ring_m,
)
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.shapes import inside_by_m, outline_gap_m, rectangle_m
from blueprint.pipeline.scene.supports import FLOOR, FLOOR_SURFACE, WorldSurface

BASE = Footprint((-0.15, -0.1), (0.08, 0.1))
TABLE = WorldSurface("table", "top", Pose.from_yaw((0.5, 1.0, 0.74), 0.3), (0.55, 0.35))
OUTLINE = TABLE.outline_m()


def work(surface: WorldSurface = TABLE, *, targets: dict | None = None, taken: tuple = ()) -> Workplace:
    """Return a workplace with two things to reach."""
    targets = targets or {"a": np.array([0.3, 1.1, 0.8]), "b": np.array([0.8, 1.1, 0.8])}
    return Workplace(surface, targets, taken, [OUTLINE], free_side_rad=-np.pi / 2)


def test_places_are_free_and_on_something() -> None:
    taken = rectangle_m(Pose((0.5, 0.9, 0.74)), (0.1, 0.1))
    places = propose_places(work(taken=(taken,)), BASE, RobotSettings(tries=100, spacing_m=0.0))
    assert {place.rests_on for place in places} == {"table", PEDESTAL}
    for place in places:
        outline = BASE.outline_m(place.T_world_base)
        assert place.T_world_base.position_m[2] == pytest.approx(0.74)
        if place.rests_on == "table":
            assert place.pedestal is None
            assert inside_by_m(outline, OUTLINE) >= 0
            assert outline_gap_m(outline, taken) >= 0.04
        else:
            assert place.pedestal is not None
            assert place.pedestal.half_extents_m[2] == pytest.approx(0.37)
            assert place.pedestal.T_world_box.position_m[2] == pytest.approx(0.37)
            assert outline_gap_m(outline, OUTLINE) >= 0.03


def test_pedestals_stand_on_the_photos_side() -> None:
    places = propose_places(work(), BASE, RobotSettings(tries=200, spacing_m=0.0))
    pedestals = [place for place in places if place.rests_on == PEDESTAL]
    assert pedestals
    assert max(place.T_world_base.position_m[1] for place in pedestals) <= 1.0 + 1e-9


def test_the_first_place_has_most_targets_in_its_ring() -> None:
    settings = RobotSettings(tries=100, spacing_m=0.0)
    targets = {"near": np.array([0.4, 1.0, 0.8]), "far": np.array([3.0, 1.0, 0.8]), "too": np.array([0.7, 1.2, 0.8])}
    counts = [len(place.in_ring) for place in propose_places(work(targets=targets), BASE, settings)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == 2


def test_tested_places_are_not_next_to_one_another() -> None:
    places = propose_places(work(), BASE, RobotSettings(tries=8, spacing_m=0.2))
    positions = np.array([place.T_world_base.position_m for place in places])
    distances = np.linalg.norm(positions[:, None] - positions[None], axis=2) + 10 * np.eye(len(places))
    assert len(places) == 8
    assert distances.min() >= 0.2


def test_a_scene_on_the_floor_gets_a_robot_on_the_floor() -> None:
    targets = {"a": np.array([0.0, 0.0, 0.05]), "b": np.array([0.3, 0.0, 0.05])}
    places = propose_places(work(FLOOR_SURFACE, targets=targets), BASE, RobotSettings())
    assert places[0].in_ring == ("a", "b")
    assert places[0].T_world_base.position_m[2] == 0
    assert all(outline_gap_m(BASE.outline_m(place.T_world_base), OUTLINE) >= 0.04 for place in places)


@pytest.mark.parametrize(
    ("offsets", "yaw"),
    [
        ([(1.0, 1.0), (1.0, -1.0)], 0.0),
        ([(-1.0, 1.0), (-1.0, -1.0)], np.pi),
        ([(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)], np.pi / 2),
        ([(0.0, -2.0)], -np.pi / 2),
    ],
)
def test_the_robot_faces_the_middle_of_what_it_must_reach(offsets: list, yaw: float) -> None:
    found = facing_yaw_rad([np.array(offset) for offset in offsets])
    assert np.cos(found - yaw) == pytest.approx(1)


def test_a_persons_place() -> None:
    pose = given_place("0.1 0.2 0.7 90")
    assert pose.position_m == (0.1, 0.2, 0.7)
    assert pose.yaw_rad() == pytest.approx(np.pi / 2)
    with pytest.raises(ValueError, match="could not convert"):
        given_place("0.1 0.2 up 90")


def test_a_robot_of_the_floor_stands_beside_furniture_at_floor_height() -> None:
    wide = Footprint((-0.27, -0.27), (0.27, 0.27), (0.4, 1.0), floor_only=True)
    places = propose_places(work(), wide, RobotSettings(tries=50, spacing_m=0.0))
    assert places
    for place in places:
        assert place.rests_on == FLOOR
        assert place.pedestal is None
        assert place.T_world_base.position_m[2] == 0.0
        assert outline_gap_m(wide.outline_m(place.T_world_base), OUTLINE) >= 0.04


def test_the_ring_is_the_robots_own_unless_a_person_says_otherwise() -> None:
    small = Footprint(BASE.low_m, BASE.high_m, (0.1, 0.25))
    assert ring_m(small, RobotSettings()) == (0.1, 0.25)
    assert ring_m(small, RobotSettings(near_m=0.2)) == (0.2, 0.25)


def test_a_pedestal_stands_farther_away_where_something_lower_juts_out() -> None:
    jutting = rectangle_m(TABLE.T_world_surface, (0.6, 0.4))
    crowded = Workplace(TABLE, work().targets_m, (OUTLINE,), [OUTLINE, jutting], free_side_rad=-np.pi / 2)
    places = propose_places(crowded, BASE, RobotSettings(tries=50, spacing_m=0.0))
    assert {place.rests_on for place in places} == {PEDESTAL}
    assert min(outline_gap_m(BASE.outline_m(place.T_world_base), jutting) for place in places) >= 0.03


def test_before_handles_pedestals_are_lower_and_farther_too() -> None:
    handle = TABLE.T_world_surface.apply([0.0, -0.36, -0.2])
    targets = {"cup": np.array([0.5, 1.1, 0.8]), "chest/slide": handle}
    places = propose_before_handles(work(targets=targets), BASE, RobotSettings(tries=60, spacing_m=0.0))
    heights = {round(place.T_world_base.position_m[2], 2) for place in places}
    gaps = [outline_gap_m(BASE.outline_m(place.T_world_base), OUTLINE) for place in places]
    assert heights == {0.74, 0.62, 0.5}
    assert min(gaps) >= 0.03
    assert max(gaps) > 0.2
    for place in places:
        assert place.pedestal is not None
        top_m = place.pedestal.T_world_box.position_m[2] + place.pedestal.half_extents_m[2]
        assert top_m == pytest.approx(place.T_world_base.position_m[2])
        bottom_m = place.pedestal.T_world_box.position_m[2] - place.pedestal.half_extents_m[2]
        assert bottom_m == pytest.approx(0.0)


def test_a_robot_of_the_floor_stands_on_it_before_handles() -> None:
    wide = Footprint((-0.27, -0.27), (0.27, 0.27), (0.4, 1.0), floor_only=True)
    places = propose_before_handles(work(), wide, RobotSettings(tries=10))
    assert places
    assert {place.rests_on for place in places} == {FLOOR}


def test_a_robot_on_a_riser_stands_so_much_higher_on_a_block_of_its_own() -> None:
    raised = Footprint(BASE.low_m, BASE.high_m, riser_m=0.1)
    places = propose_places(work(), raised, RobotSettings(tries=100, spacing_m=0.0))
    assert {place.rests_on for place in places} == {"table", PEDESTAL}
    for place in places:
        assert place.T_world_base.position_m[2] == pytest.approx(0.84)
        assert place.pedestal is not None
        middle_m, half_m = place.pedestal.T_world_box.position_m[2], place.pedestal.half_extents_m[2]
        assert middle_m + half_m == pytest.approx(0.84)
        assert middle_m - half_m == pytest.approx(0.74 if place.rests_on == "table" else 0.0)


def test_a_robot_of_the_floor_may_stand_on_a_riser_there() -> None:
    raised = Footprint((-0.27, -0.27), (0.27, 0.27), (0.4, 1.0), floor_only=True, riser_m=0.2)
    for place in propose_places(work(), raised, RobotSettings(tries=10)):
        assert place.pedestal is not None
        assert place.pedestal.half_extents_m[2] == pytest.approx(0.1)
        assert place.T_world_base.position_m[2] == pytest.approx(0.2)


def test_a_small_arm_is_tried_at_more_places_nearer_to_one_another() -> None:
    targets = {"a": np.array([0.5, 1.0, 0.8]), "b": np.array([0.6, 1.15, 0.8])}
    small = Footprint((-0.05, -0.05), (0.05, 0.05), (0.12, 0.28))
    settings = RobotSettings()
    places = propose_places(work(targets=targets), small, settings)
    points = np.array([place.T_world_base.position_m for place in places])
    apart_m = np.linalg.norm(points[:, None] - points[None], axis=-1) + np.eye(len(points))
    assert grid_m(small, settings) == pytest.approx(0.04)
    assert 0.08 - 1e-9 <= apart_m.min() < 0.12
    assert len(places) > settings.tries
    assert len(propose_places(work(targets=targets), BASE, settings)) == settings.tries


def test_radii_that_leave_no_ring_still_give_a_grid() -> None:
    assert grid_m(BASE, RobotSettings(near_m=0.8, far_m=0.5)) > 0


def test_a_robot_does_not_turn_to_what_is_far_out_of_its_reach() -> None:
    near, far = np.array([0.5, 1.1, 0.8]), np.array([3.0, -4.0, 0.8])
    small = Footprint((-0.05, -0.05), (0.05, 0.05), (0.12, 0.28))
    for place in propose_places(work(targets={"near": near, "far": far}), small, RobotSettings(tries=4)):
        if place.in_ring:
            heading = place.T_world_base.rotation()[:2, 0]
            away = near[:2] - np.asarray(place.T_world_base.position_m)[:2]
            assert heading @ away == pytest.approx(np.linalg.norm(away))
