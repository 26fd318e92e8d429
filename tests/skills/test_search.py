"""Steps become legs that follow one another, or a refusal that says which step and why."""

import re
from dataclasses import replace

import numpy as np
import pytest

from blueprint.pipeline.episode.outcomes import FailureCode
from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.skills.legs import Close, Follow, Spread, Transit
from blueprint.pipeline.skills.search import Plan, Refusal, Search
from blueprint.pipeline.skills.situation import Situation


def moved(start: Situation, by_m: tuple[float, float, float]) -> Pose:
    """Where the box would be, moved level."""
    here = start.T_world_props["box"]
    return Pose(tuple(np.add(here.position_m, by_m).tolist()), here.quat_wxyz)


def pick_and_place(goal: Pose) -> list[Step]:
    """The steps of a pick and place."""
    box = {"object": "box"}
    return [
        Step("reach"),
        Step("grasp", box),
        Step("lift", box, {"height_m": 0.1}),
        Step("carry", box),
        Step("place", box, {}, goal),
        Step("release", box),
        Step("retreat"),
    ]


def test_a_plan_ends_at_the_first_change_of_contact(search: Search, start: Situation) -> None:
    """Reach and grasp only, although all steps were looked at; every leg begins where the last one ended."""
    plan = search.plan(start, pick_and_place(moved(start, (0.1, 0.15, 0.0))))
    assert isinstance(plan, Plan)
    legs = [leg for step in plan.legs for leg in step]
    assert isinstance(legs[-1], Close)
    assert not any(isinstance(leg, Transit) for leg in legs)
    here = start.arm_rad
    for leg in legs:
        if isinstance(leg, Follow):
            np.testing.assert_allclose(leg.path_rad[0], here, atol=1e-9)
            here = leg.path_rad[-1]
    assert legs[-1].after.held is not None
    assert legs[-1].after.held.prop == "box"


def test_the_rest_is_planned_from_what_is_held(search: Search, start: Situation) -> None:
    """From the closed hand: up, over, down onto the place, and open."""
    steps = pick_and_place(moved(start, (0.1, 0.15, 0.0)))
    first = search.plan(start, steps)
    assert isinstance(first, Plan)
    rest = search.plan(first.legs[-1][-1].after, steps[2:])
    assert isinstance(rest, Plan)
    assert isinstance(rest.legs[-1][-1], Spread)
    placed = rest.legs[-1][-1].after
    assert placed.held is None
    goal = steps[4].pose
    assert goal is not None
    drop = np.subtract(placed.T_world_props["box"].position_m, goal.position_m)
    np.testing.assert_allclose(drop, [0, 0, search.means.distances.drop_m], atol=1e-9)


def test_a_place_inside_the_chest_is_refused(search: Search, start: Situation) -> None:
    """The refusal names the step at which every way ended."""
    sunk = search.plan(start, pick_and_place(moved(start, (-0.15, 0.95, -0.1))))
    assert isinstance(sunk, Refusal)
    assert (sunk.step.skill, sunk.failure) == ("place", FailureCode.UNREACHABLE)
    causes = (
        r"(\d+) out of reach \(nearest misses by \d+ mm\), (\d+) with the arm against chest/drawer on the straight way"
    )
    total, *counts = re.search(rf"place of box cannot be done: of (\d+) holds: {causes}", sunk.message).groups()
    assert sum(map(int, counts)) == int(total)


def test_a_place_out_of_reach_says_by_how_much(search: Search, start: Situation) -> None:
    """Two metres beyond what the arm reaches, from every hold; asked again, what is remembered says the same."""
    far = pick_and_place(moved(start, (2.0, 0.0, 0.0)))
    refused, again = search.plan(start, far), search.plan(start, far)
    assert isinstance(refused, Refusal)
    assert isinstance(again, Refusal)
    count, off_mm = re.fullmatch(
        r"place of box cannot be done: all (\d+) holds out of reach \(nearest misses by (\d+) mm\)", refused.message
    ).groups()
    assert 1 < int(count) <= len(search.means.tables["box"].grasps)
    assert 1000 < int(off_mm) < 2600
    assert again == refused


def test_grasps_are_counted_once_each(search: Search, start: Situation) -> None:
    """A box that hangs too far off: as many misses as there are grasps."""
    away = replace(start, T_world_props={"box": moved(start, (1.2, 0.0, 0.0))})
    refused = search.plan(away, pick_and_place(moved(start, (0.1, 0.15, 0.0))))
    assert isinstance(refused, Refusal)
    count = len(search.means.tables["box"].grasps)
    assert refused.message.startswith(
        f"no grasp of box can be done: all {count} grasps out of reach (nearest misses by "
    )


def test_what_has_no_grasps_is_refused_as_such(search: Search, start: Situation) -> None:
    """Without a grasp by geometry, the code says so."""
    search.means.tables = {**search.means.tables, "box": replace(search.means.tables["box"], grasps=())}
    refused = search.plan(start, pick_and_place(moved(start, (0.1, 0.1, 0.0))))
    assert isinstance(refused, Refusal)
    assert refused.failure is FailureCode.NO_GRASP


def test_a_skill_that_nobody_knows_is_an_error_that_lists_them(search: Search, start: Situation) -> None:
    """Not a failed episode: the task is wrong."""
    with pytest.raises(UnknownName, match="follow_joint"):
        search.plan(start, [Step("juggle")])


def test_another_target_finds_the_same_grasps_again(search: Search, start: Situation) -> None:
    """The second target's search is offered what the first one tried, without planning it anew."""
    search.plan(start, pick_and_place(moved(start, (0.1, 0.15, 0.0))))
    grasp = pick_and_place(moved(start, (0.0, 0.0, 0.0)))[1]
    first = next(iter(search.alternatives(grasp, start)))
    search.plan(start, pick_and_place(moved(start, (0.12, 0.2, 0.0))))
    assert next(iter(search.alternatives(grasp, start))) is first


def test_what_did_not_hold_is_not_tried_again(search: Search, start: Situation) -> None:
    """A spoiled grasp is left out of the next plan."""
    steps = pick_and_place(moved(start, (0.1, 0.15, 0.0)))[:2]
    first = search.plan(start, steps)
    assert isinstance(first, Plan)
    tried = first.legs[-1][-1]
    assert isinstance(tried, Close)
    search.means.spoiled.add(tried.grasp)
    again = search.plan(replace(start), steps)
    assert isinstance(again, Plan)
    other = again.legs[-1][-1]
    assert isinstance(other, Close)
    assert other.grasp != tried.grasp
