"""Where no place of a task is free, the reason counts the places that were tried by what spoiled them."""

import re
from dataclasses import replace

import numpy as np
from tests.tasks.workshop import TOP_M, situation

from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.randomness import stream
from blueprint.pipeline.tasks.instantiate import instantiate
from blueprint.pipeline.tasks.library import find_tasks, load_template
from blueprint.pipeline.tasks.refusals import why_no_place, why_no_task
from blueprint.pipeline.tasks.situation import Situation
from blueprint.pipeline.tasks.spoils import Spoils
from blueprint.pipeline.tasks.surfaces import Ground, pushes

ROLES = {"object": "brick", "support": "table/top"}
PUSH, PICK = (load_template(find_tasks()[name]) for name in ("push_to_region", "pick_place"))


def alone(**others: Pose) -> Situation:
    """Return the table with the brick on it, the rest out of the way, and others where they are told to be."""
    scene = situation()
    away = {name: Pose((5.0 + at, 5.0, 0.0)) for at, name in enumerate(scene.T_world_props)}
    return replace(scene, T_world_props={**away, "brick": Pose((0.55, 0.0, TOP_M)), **others})


def counts(reason: str) -> tuple[int, list[int]]:
    """Return how many places a reason speaks of, and how many of them it counts by cause."""
    total, causes = re.search(r"of (\d+) places tried: (.*)", reason).groups()
    return int(total), [int(number) for number in re.findall(r"(?:^|, )(\d+) ", causes)]


def test_counts_are_complete_and_the_commonest_comes_first() -> None:
    """An arm that reaches nothing of the table but its edge."""
    scene = replace(alone(), reach_m=0.2)
    reason = why_no_place(PICK, ROLES, scene, stream(0, 0, "test"))
    total, causes = counts(reason)
    assert total == 256
    assert sum(causes) == total
    assert causes == sorted(causes, reverse=True)
    assert "over the edge of the surface" in reason
    assert "farther from the robot's base than 0.20 m" in reason


def test_what_stands_in_the_way_is_named() -> None:
    ring = {name: Pose((0.55 + x, y, TOP_M)) for name, x, y in (("box", 0.13, 0.0), ("bowl", -0.13, 0.0))}
    scene = replace(alone(**ring), reach_m=0.62)
    spoils = Spoils()
    touched = np.array([[True, True], [False, True], [False, False], [True, False]])
    spoils.sort([("too far", np.array([False, True, True, True]))], touched, ("box", "bowl"))
    assert (spoils.places, spoils.free) == (4, 1)
    assert spoils.told() == "of 4 places tried: 1 too far, 1 where bowl is, 1 where box is, 1 free"
    assert "where bowl is" in str(_push_spoils(scene).causes)


def test_the_reason_is_of_the_very_draws_that_failed() -> None:
    """The same generator yields no task, and the words about it count no free place."""
    scene = replace(alone(), reach_m=0.5)
    assert list(instantiate(PUSH, ROLES, scene, stream(0, 0, "test"), id="episode")) == []
    reason = why_no_task(PUSH, ROLES, scene, stream(0, 0, "test"))
    assert reason == why_no_task(PUSH, ROLES, scene, stream(0, 0, "test"))
    assert reason.endswith("all 32 places tried are farther from the robot's base than 0.50 m")


def test_counting_changes_no_draw() -> None:
    scene = alone(box=Pose((0.68, 0.0, TOP_M)))
    before = [task.steps for task in instantiate(PUSH, ROLES, scene, stream(3, 0, "test"), id="episode")]
    _push_spoils(scene)
    assert before == [task.steps for task in instantiate(PUSH, ROLES, scene, stream(3, 0, "test"), id="episode")]
    assert before


def _push_spoils(scene: Situation) -> Spoils:
    spoils, ground = Spoils(), Ground.of(scene, "table/top")
    room = {"margin_m": 0.03, "gap_m": 0.02, "name": "target"}
    drawn = list(
        pushes(scene, "brick", ground, np.random.default_rng(0), distance_m=(0.1, 0.18), spoils=spoils, **room)
    )
    assert (spoils.places, spoils.free) == (32, len(drawn))
    return spoils
