"""What is refused by the wrist's reach is refused rightly."""

import numpy as np
import pytest
from tests.door_scene import make_door_scene

from blueprint.pipeline.planning.workspace import Workspace
from blueprint.pipeline.scene.robots import Robot


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, robot: Robot) -> Workspace:
    """The arm before a cupboard."""
    return Workspace.of_model(make_door_scene(tmp_path_factory.mktemp("door"))[1], robot)


def test_no_pose_that_the_arm_takes_is_refused(workspace: Workspace, robot: Robot) -> None:
    """Other postures than those by which the reach was measured."""
    rng = np.random.default_rng(7)
    poses = [workspace.world.tool_pose(rng.uniform(robot.arm.lower_rad, robot.arm.upper_rad)) for _ in range(500)]
    points = np.array([pose.position_m for pose in poses])
    approaches = np.array([pose.rotation()[:, 2] for pose in poses])
    assert workspace.wrist.may_reach(points, approaches).all()


def test_it_hangs_on_where_the_hand_points(workspace: Workspace) -> None:
    """At a point a little farther than the wrist gets, a hand may point away from the arm and not back to it."""
    wrist = workspace.wrist
    assert 0.6 < wrist.farthest_m < 0.9
    assert 0.18 < wrist.back_m < 0.25
    point = wrist.shoulder_m[None] + np.array([[wrist.farthest_m + 0.1, 0.0, 0.0]])
    ahead = np.array([[1.0, 0.0, 0.0]])
    assert wrist.may_reach(point, ahead)[0]
    assert not wrist.may_reach(point, -ahead)[0]
