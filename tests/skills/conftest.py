"""The arm beside a chest and a table, with grasps of the box and of the drawer's bar."""

from pathlib import Path

import numpy as np
import pytest
from tests.chest_scene import SLIDE, make_chest_scene

from blueprint.pipeline.episode.grasps import GraspTable, TriedGrasp
from blueprint.pipeline.planning.grasps import cost, find_grasps
from blueprint.pipeline.planning.handles import propose_handles
from blueprint.pipeline.planning.planners import planner_named
from blueprint.pipeline.planning.workspace import Workspace
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.skills.means import Distances, Means
from blueprint.pipeline.skills.search import Bounds, Search
from blueprint.pipeline.skills.situation import Situation


@pytest.fixture(scope="session")
def chest_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled scene."""
    return make_chest_scene(tmp_path_factory.mktemp("chest"))[1]


@pytest.fixture(scope="session")
def tables(chest_model: Path, robot: Robot) -> dict[str, GraspTable]:
    """Grasps by geometry alone."""
    world, rng = Workspace.of_model(chest_model, robot).world, np.random.default_rng(3)
    link, handles = propose_handles(world, SLIDE, robot, rng)
    bar = [_untried(link, each.candidate, each.cost) for each in handles[:12]]
    found = find_grasps(world, "box", world.prop_pose("box"), robot, rng)
    box = [_untried(world.links_of("box")[0], each, cost(each)) for each in found[:24]]
    return {
        "box": GraspTable("box", robot.name, "mujoco", len(found), tuple(box)),
        "chest": GraspTable("chest", robot.name, "mujoco", len(handles), tuple(bar)),
    }


@pytest.fixture
def means(chest_model: Path, robot: Robot, tables: dict[str, GraspTable]) -> Means:
    """What skills plan with."""
    distances = Distances(0.08, 0.1, 0.08, 0.002, 0.005, 0.002)
    return Means(Workspace.of_model(chest_model, robot), tables, distances)


@pytest.fixture
def search(means: Means) -> Search:
    """A search with the default planner."""
    return Search(means, planner_named("ompl", means.workspace), Bounds(), 1)


@pytest.fixture
def start(means: Means) -> Situation:
    """The robot at home, the drawer shut, the box where it stands."""
    world, robot = means.workspace.world, means.workspace.robot
    home = np.array(robot.arm.home_rad)
    return Situation(home, robot.gripper.max_width_m, {"box": world.prop_pose("box")}, {SLIDE: 0.0})


def _untried(body, candidate, cost) -> TriedGrasp:
    return TriedGrasp(body, candidate.T_prop_tcp, candidate.width_m, candidate.tilt_rad, cost, 0, 0, 0.0, 0.0)
