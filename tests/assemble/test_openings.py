"""A drawer is opened in thought from where the arm comes to its bar, and from nowhere else."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from tests.chest_scene import BAR_M, SLIDE, make_chest_scene

from blueprint.pipeline.assemble.openings import Opener, find_openings, ways_to_open, ways_to_shut
from blueprint.pipeline.assemble.reach import OpeningTask
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.scene.shapes import rectangle_m, shape_of_prop
from blueprint.pipeline.sims.kinematics import ArmKinematics
from blueprint.pipeline.sims.planning_world import MujocoPlanningWorld
from blueprint.pipeline.tasks.library import find_tasks, load_template

BEFORE = Pose.from_yaw((0.35, -0.05, 0.2), np.pi / 2)


@pytest.fixture(scope="module")
def opener(tmp_path_factory: pytest.TempPathFactory, robot: Robot) -> Opener:
    """The chest's scene with the arm in it."""
    folder = tmp_path_factory.mktemp("chest")
    _, model, manifest = make_chest_scene(folder)
    world = MujocoPlanningWorld(model, robot)
    parts = {e.prop.id: SimpleNamespace(entry=e, shape=shape_of_prop(e, (folder,))) for e in manifest.props}
    poses = {e.prop.id: e.prop.T_world_prop for e in manifest.props if e.movable}
    return Opener(world, ArmKinematics.load(model, robot), poses, find_openings(world, cast(Any, parts)))


def test_the_drawer_is_found_with_its_bar_and_the_ground_it_needs(opener: Opener) -> None:
    (drawer,) = opener.openings
    assert (drawer.prop, drawer.link, drawer.joint) == ("chest", "drawer", SLIDE)
    assert drawer.handle_m == pytest.approx(BAR_M, abs=0.03)
    assert (drawer.shut, *drawer.ajar, drawer.opened) == pytest.approx((0.0, 0.0875, 0.1375, 0.1875))
    assert min(outline[:, 1].min() for outline in drawer.swept_m) == pytest.approx(0.49 - 0.1875, abs=0.02)


def test_it_is_opened_and_shut_from_before_it(opener: Opener) -> None:
    opener.world.stand_at(BEFORE)
    opened, shut = opener.done(opener.openings)
    assert (opened, shut) == tuple(OpeningTask("chest", SLIDE, "prismatic", opens) for opens in (True, False))
    assert opener.world.joint_position(SLIDE) == 0.0


@pytest.mark.parametrize(("kind", "thing"), [("prismatic", "drawer"), ("revolute", "door")])
def test_places_are_judged_by_the_ways_of_the_shipped_tasks(opener: Opener, kind: Any, thing: str) -> None:
    """The same skills to the same shares of a joint's range; which of them is tried first does not matter here."""
    part = replace(opener.openings[0], kind=kind, opened={"prismatic": 0.75, "revolute": 0.55}[kind])
    for name, ways in ((f"open_{thing}", ways_to_open(part)), (f"close_{thing}", ways_to_shut(part))):
        asked = [
            [(entry.model_dump()["skill"], entry.model_dump().get("share")) for entry in way]
            for way in load_template(find_tasks()[name]).ways
        ]
        planned = [[(step.skill, step.values.get("target")) for step in way] for way in ways]
        assert sorted(map(str, planned)) == sorted(str([each for each in way if each[0] != "reach"]) for way in asked)


def test_it_is_not_opened_from_behind(opener: Opener) -> None:
    opener.world.stand_at(Pose.from_yaw((0.35, 1.5, 0.2), -np.pi / 2))
    assert opener.done(opener.openings) == ()


def test_nothing_opens_against_the_robots_stand_or_far_away(opener: Opener) -> None:
    stand = rectangle_m(BEFORE, (0.1, 0.1))
    assert opener.possible(BEFORE, stand, 0.03) == list(opener.openings)
    near = Pose.from_yaw((0.35, 0.25, 0.2), np.pi / 2)
    assert opener.possible(near, rectangle_m(near, (0.1, 0.1)), 0.03) == []
    far = Pose.from_yaw((0.35, -1.0, 0.2), np.pi / 2)
    assert opener.possible(far, rectangle_m(far, (0.1, 0.1)), 0.03) == []
