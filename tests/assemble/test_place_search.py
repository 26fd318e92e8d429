"""Places are compared at a glance and the promising ones thoroughly; one before a door has to allow more for it."""

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from blueprint.pipeline.assemble.openings import Opening
from blueprint.pipeline.assemble.place_search import LOOKED_AT_THOROUGHLY, Glance, Judge, tasks_within
from blueprint.pipeline.assemble.place_search import _best as best_of  # pyright: ignore[reportPrivateUsage]
from blueprint.pipeline.assemble.place_search import _look_around as look_around  # pyright: ignore[reportPrivateUsage]
from blueprint.pipeline.assemble.place_search import _with_openings as with_openings  # pyright: ignore[reportPrivateUsage]
from blueprint.pipeline.assemble.reach import OpeningTask, Reach
from blueprint.pipeline.assemble.robot_placement import BasePlace, Footprint, RobotSettings
from blueprint.pipeline.episode.grasps import GraspTable
from blueprint.pipeline.scene.poses import Pose

PROPS = ("apple", "bowl", "can")


def place(x_m: float) -> BasePlace:
    return BasePlace(Pose((x_m, 0.0, 0.0)), "", None, (), 0.0)


def opening() -> Opening:
    table = GraspTable("chest", "franka_panda", "null", 0, ())
    return Opening("chest", "drawer", "chest/slide", "prismatic", 0.0, (0.1, 0.15), 0.2, table, np.zeros(3), ())


@dataclass(eq=False)
class Told:
    """A judge that is told what each place reaches, by its x: at a glance, and thoroughly."""

    glances: dict[float, Reach]
    thorough: dict[float, Reach] = field(default_factory=dict[float, Reach])
    asked: list[tuple[float, bool]] = field(default_factory=list[tuple[float, bool]])
    opened: dict[float, int] = field(default_factory=dict[float, int])
    planned: list[float] = field(default_factory=list[float])

    def judge(self, monkeypatch: pytest.MonkeyPatch) -> Judge:
        def reach(_: Judge, entry: BasePlace, *, at_a_glance: bool = False) -> Reach:
            x_m = entry.T_world_base.position_m[0]
            self.asked.append((x_m, at_a_glance))
            return self.glances[x_m] if at_a_glance else self.thorough.get(x_m, self.glances[x_m])

        monkeypatch.setattr(Judge, "reach", reach)
        openings = [opening() for _ in self.opened][:1]
        opener = SimpleNamespace(openings=openings, possible=lambda *_: openings)
        search = SimpleNamespace(graspable=PROPS, opener=opener)
        monkeypatch.setattr(Judge, "openings", lambda _, entry: self._open(entry))
        return Judge(cast(Any, search), RobotSettings(), Footprint((-0.1, -0.1), (0.1, 0.1)))

    def _open(self, entry: BasePlace) -> tuple[OpeningTask, ...]:
        x_m = entry.T_world_base.position_m[0]
        self.planned.append(x_m)
        return opening().tasks[: self.opened[x_m]]


def test_a_place_that_is_good_enough_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told({1.0: Reach(PROPS, 0.5, 0.1), 2.0: Reach(PROPS, 0.9, 0.1)})
    seen = look_around(told.judge(monkeypatch), [[place(1.0), place(2.0)]])
    assert told.asked == [(1.0, True)]
    assert seen == [Glance(place(1.0), told.glances[1.0], 0)]


def test_a_place_without_room_to_put_things_down_has_to_reach_more(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told({1.0: Reach(PROPS, 0.9, 0.1), 2.0: Reach(PROPS[:2], 0.2, 0.1)})
    crowded = replace(place(1.0), room=0.1)
    judge = told.judge(monkeypatch)
    seen = look_around(judge, [[crowded, place(2.0)]])
    assert [asked for asked, _ in told.asked] == [1.0, 2.0]
    best = best_of(judge, seen)
    assert best is not None
    assert best[0] == place(2.0)


def test_the_second_round_is_for_what_the_first_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told({1.0: Reach(PROPS[:2], 0.5, 0.1), 2.0: Reach(PROPS, 0.1, 0.1), 3.0: Reach(PROPS, 0.2, 0.1)})
    judge = told.judge(monkeypatch)
    assert [glance.round_down for glance in look_around(judge, [[place(1.0)], [place(2.0), place(3.0)]])] == [0, -1, -1]
    told.asked.clear()
    look_around(judge, [[place(2.0), place(3.0)], [place(1.0)]])
    assert told.asked == [(2.0, True), (3.0, True)]


def test_a_place_before_a_door_has_to_reach_more(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told({1.0: Reach(PROPS[:2], 0.1, 0.1), 2.0: Reach(PROPS[1:], 0.9, 0.1)})
    judge = told.judge(monkeypatch)
    found = best_of(judge, look_around(judge, [[place(1.0)], [place(2.0)]]))
    assert found is not None
    assert found[0] == place(1.0)


def test_the_promising_ones_are_looked_at_thoroughly(monkeypatch: pytest.MonkeyPatch) -> None:
    glances = {float(x): Reach(PROPS[:2], x / 10, 0.1) for x in range(5)}
    told = Told(glances, {3.0: Reach(PROPS, 0.1, 0.1)})
    judge = told.judge(monkeypatch)
    found = best_of(judge, look_around(judge, [[place(x) for x in glances]]))
    assert found is not None
    assert found == (place(3.0), told.thorough[3.0])
    assert [x for x, at_a_glance in told.asked if not at_a_glance] == [4.0, 3.0][:LOOKED_AT_THOROUGHLY]


def test_a_robot_that_does_not_stand_free_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told({1.0: Reach(PROPS, 0.9, 0.0), 2.0: Reach(PROPS[:1], 0.1, 0.1)})
    judge = told.judge(monkeypatch)
    found = best_of(judge, look_around(judge, [[place(1.0), place(2.0)]]))
    assert found is not None
    assert found[0] == place(2.0)


def test_a_place_from_which_the_drawer_opens_is_worth_a_prop_that_is_not_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reached = {1.0: Reach(PROPS, 0.9, 0.1), 2.0: Reach(PROPS[:2], 0.1, 0.1)}
    told = Told(reached, opened={1.0: 0, 2.0: 2})
    judge = told.judge(monkeypatch)
    found = best_of(judge, look_around(judge, [[place(1.0), place(2.0)]]))
    assert found is not None
    assert found[0] == place(2.0)
    assert found[1].openings == opening().tasks


def test_opening_is_not_planned_where_it_could_only_be_less_comfortable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A place with as much in reach as the best is looked at while that one lacks something, or is less comfortable."""
    reached = {1.0: Reach(PROPS, 0.9, 0.1), 2.0: Reach(PROPS, 0.5, 0.1), 3.0: Reach(PROPS, 0.7, 0.1)}
    told = Told(reached, opened={1.0: 1, 2.0: 2, 3.0: 2})
    judge = told.judge(monkeypatch)
    found = with_openings(judge, look_around(judge, [[place(x) for x in reached]]))
    planned = [each.place.T_world_base.position_m[0] for each in found]
    assert planned == told.planned
    assert max(found, key=judge.order).place == place(3.0)
    assert set(planned) == {1.0, 2.0, 3.0}
    told = Told(reached, opened=dict.fromkeys(reached, 2))
    judge = told.judge(monkeypatch)
    assert [each.place for each in with_openings(judge, look_around(judge, [[place(1.0), place(2.0)]]))] == [place(1.0)]


def test_opening_is_planned_only_where_it_can_still_be_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    reached = {1.0: Reach(PROPS, 0.9, 0.1), 2.0: Reach(PROPS[:1], 0.9, 0.1), 3.0: Reach((), 0.9, 0.1)}
    told = Told(reached, opened=dict.fromkeys(reached, 2))
    judge = told.judge(monkeypatch)
    found = with_openings(judge, look_around(judge, [[place(x) for x in reached]]))
    assert [each.place for each in found] == [place(1.0)]
    assert told.planned == [1.0]


def test_doors_of_one_cabinet_count_once_and_an_open_drawer_takes_every_prop() -> None:
    doors = tuple(OpeningTask("cabinet", f"cabinet/door_{n}", "revolute", opens=True) for n in (1, 2))
    assert tasks_within(Reach(PROPS, 0.5, 0.1, doors)) == 3 * len(PROPS) + 1
    assert tasks_within(Reach(PROPS, 0.5, 0.1, opening().tasks)) == 4 * len(PROPS) + 2
