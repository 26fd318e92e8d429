"""Arrangements with things moved, and what they say of a task that has a plan by a hair."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from blueprint.pipeline.episode.offers import Offer
from blueprint.pipeline.episode.records import Grasps, Offered
from blueprint.pipeline.offer.feasibility import Looking, look_at
from blueprint.pipeline.offer.stage import OfferSettings
from blueprint.pipeline.offer.sways import Swayer
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.tasks.candidates import list_candidates
from blueprint.pipeline.tasks.library import load_templates, shipped_tasks

FAR = Pose((9.0, 9.0, 9.0))
"""Where nothing is within reach."""
TURN_RAD = 0.5


@pytest.fixture
def looking(assembled: Assembled, grasps: Grasps) -> Looking:
    """The small scene with four other arrangements."""
    return Looking.at(assembled, grasps.tables(), OfferSettings())


def swayer(looking: Looking, *, shift_m: float = 0.05, seed: int = 0) -> Swayer:
    return Swayer(looking.search.means, looking.instant, looking.nominal, shift_m, TURN_RAD, seed)


def picked_up(looking: Looking) -> Offer:
    """Look at the task that picks up the box and puts it down again."""
    template = load_templates({"pick_place": shipped_tasks()["pick_place"]})["pick_place"]
    found = list_candidates(template, looking.nominal.manifest)
    return look_at(looking, template, next(each for each in found if each.roles["object"] == "box"))


def with_sways(looking: Looking, *sways: Mapping[str, Pose], share: float = 0.75) -> Looking:
    settings = looking.settings.model_copy(update={"sway_share": share})
    return replace(looking, settings=settings, sways=sways)


def test_things_are_moved_by_the_wanted_length_level_and_turned_no_more_than_allowed(looking: Looking) -> None:
    before = looking.nominal
    for number in range(4):
        moved = swayer(looking).arrangement(number)
        assert set(moved) == {"box", "crate"}
        for prop, pose in moved.items():
            here = before.pose(prop)
            way = np.subtract(pose.position_m, here.position_m)
            assert np.linalg.norm(way) == pytest.approx(0.05)
            assert way[2] == 0
            assert abs(pose.yaw_rad() - here.yaw_rad()) <= TURN_RAD


def test_arrangements_differ_from_each_other_and_are_the_same_again(looking: Looking) -> None:
    first = [swayer(looking).arrangement(number) for number in range(4)]
    assert first == [swayer(looking).arrangement(number) for number in range(4)]
    assert len({poses["box"].position_m for poses in first}) == 4
    assert swayer(looking, seed=1).arrangement(0) != first[0]


def test_what_would_leave_its_support_stays(looking: Looking) -> None:
    """The table is 0.7 m deep and 1 m wide: no way of 2 m ends on it."""
    assert swayer(looking, shift_m=2.0).arrangement(0) == {}


def test_what_has_no_room_among_its_neighbours_stays(looking: Looking) -> None:
    """A crate around the box ends every short way of it inside."""
    box = looking.nominal.pose("box")
    poses = {**looking.instant.T_world_props, "crate": box}
    instant, nominal = replace(looking.instant, T_world_props=poses), looking.nominal.moved(poses=poses)
    crowded = replace(looking, instant=instant, nominal=nominal)
    assert swayer(crowded, shift_m=0.01).arrangement(0) == {}


def test_a_task_with_room_to_spare_is_offered_and_the_arrangements_are_counted(looking: Looking) -> None:
    offer = picked_up(looking)
    assert offer.feasible
    assert offer.measures["sways_tried"] == offer.measures["sways_planned"] == 3


def test_a_task_that_only_the_nominal_scene_allows_is_refused_in_numbers(looking: Looking) -> None:
    """It ends with the second refusal: two of four are fewer than three."""
    offer = picked_up(with_sways(looking, *[{"box": FAR}] * 4))
    assert not offer.feasible
    assert offer.measures["sways_tried"] == 2
    assert offer.measures["sways_planned"] == 0
    assert offer.reason.startswith(
        "with things moved by 5 cm and turned by up to 30 degrees it has a plan in only 0 of 2 arrangements: box is"
    )
    assert "m from the shoulder" in offer.reason


@pytest.mark.parametrize(("share", "feasible"), [(0.5, True), (0.51, False), (1.0, False), (0.0, True)])
def test_the_share_decides(looking: Looking, share: float, feasible: bool) -> None:
    near = swayer(looking).arrangement(0)
    assert picked_up(with_sways(looking, {"box": FAR}, near, share=share)).feasible is feasible


def test_arrangements_that_leave_alone_what_a_task_handles_do_not_count(looking: Looking) -> None:
    offer = picked_up(with_sways(looking, {"crate": FAR}))
    assert offer.feasible
    assert "sways_tried" not in offer.measures


def test_none_are_looked_at_where_none_are_wanted(assembled: Assembled, grasps: Grasps) -> None:
    looking = Looking.at(assembled, grasps.tables(), OfferSettings(sways=0))
    assert looking.sways == ()
    assert picked_up(looking).feasible


def test_offers_carry_what_was_counted(offered: Offered) -> None:
    counted = [offer.measures for offer in offered.offers.feasible() if "sways_tried" in offer.measures]
    assert counted
    assert all(each["sways_planned"] <= each["sways_tried"] <= 4 for each in counted)
