"""A part is pushed along its joint by its face: shut from outside, further open from behind, never into things."""

from pathlib import Path

import numpy as np
import pytest
from tests.chest_scene import SLIDE
from tests.door_scene import HINGE, HINGE_M, LEAF, make_door_scene
from tests.skills.doors import ajar, means_of

from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.skills.fingertips import finger_corners_m
from blueprint.pipeline.skills.legs import Follow, Leg, Manner, Spread
from blueprint.pipeline.skills.means import Means
from blueprint.pipeline.skills.shove import plan_shove
from blueprint.pipeline.skills.situation import Situation

HALF_LEAF_M = 0.01


@pytest.fixture(scope="module")
def door_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cupboard alone before the arm."""
    return make_door_scene(tmp_path_factory.mktemp("door"))[1]


def shove(target: float) -> Step:
    """The step that brings the door to a position."""
    return Step("shove", {"prop": "cupboard", "joint": HINGE}, {"target": target})


def push_of(legs: tuple[Leg, ...]) -> Follow:
    """The leg against the face, which comes last."""
    push = legs[-1]
    assert isinstance(push, Follow)
    assert push.manner is Manner.CONTACT
    return push


@pytest.mark.parametrize(("start", "target", "side"), [(0.8, 0.0, 1.0), (0.4, 1.0, -1.0)])
def test_the_fingertips_stay_on_the_leaf(
    door_model: Path, robot: Robot, start: float, target: float, side: float
) -> None:
    """On its outer face to shut it and on its inner face to open it, neither lifted off nor deep inside."""
    means = means_of(door_model, robot)
    legs = next(plan_shove(means, ajar(robot, start), shove(target)))
    assert isinstance(legs[0], Spread)
    assert legs[0].after.width_m == robot.gripper.min_width_m
    push, world = push_of(legs), means.workspace.world
    assert push.after.joints == {HINGE: target}
    assert push.after.touched == (LEAF,)
    fingers = finger_corners_m(means, robot.gripper.min_width_m)
    angles = np.linspace(start, target, len(push.path_rad) - 1)
    for angle, posture in zip(angles, push.path_rad[1:], strict=True):
        outward = side * np.array([-np.cos(angle), -np.sin(angle), 0.0])
        off = (world.tool_pose(posture).apply(fingers) - HINGE_M) @ outward - HALF_LEAF_M
        assert -0.006 < off.min() < 0.001


def test_nothing_is_touched_before_the_push_and_nothing_but_the_leaf_in_it(door_model: Path, robot: Robot) -> None:
    means, start = means_of(door_model, robot), ajar(robot, 0.8)
    push = push_of(next(plan_shove(means, start, shove(0.0))))
    world = means.workspace.world
    means.arrange(push.after)
    world.only_allow([])
    world.set_joint(HINGE, 0.8)
    assert world.nearest(push.path_rad[0])[0] > 0.002
    for angle, posture in zip(np.linspace(0.8, 0.0, len(push.path_rad) - 1), push.path_rad[1:], strict=True):
        world.set_joint(HINGE, float(angle))
        world.only_allow([([LEAF], world.finger_links)])
        assert world.clearance_m(posture) > 0


def test_a_drawer_is_pushed_straight_in(means: Means, start: Situation) -> None:
    opened = Situation(start.arm_rad, start.width_m, start.T_world_props, {SLIDE: 0.2})
    step = Step("shove", {"prop": "chest", "joint": SLIDE}, {"target": 0.0})
    push = push_of(next(plan_shove(means, opened, step)))
    points = means.workspace.tool_points_m(push.path_rad[1:])
    np.testing.assert_allclose(points[-1] - points[0], [0.0, 0.2, 0.0], atol=2e-3)
    assert push.after.joints[SLIDE] == 0.0


def test_a_part_that_is_there_already_is_left_alone(door_model: Path, robot: Robot) -> None:
    assert list(plan_shove(means_of(door_model, robot), ajar(robot, 0.5), shove(0.5))) == [()]


def test_a_door_out_of_reach_is_refused(door_model: Path, robot: Robot) -> None:
    means = means_of(door_model, robot, Pose((-1.5, 0.0, 0.0)))
    assert list(plan_shove(means, ajar(robot, 0.8), shove(0.0))) == []


def test_a_door_is_not_pushed_into_what_stands_in_its_swing(door_model: Path, tmp_path: Path, robot: Robot) -> None:
    """The same push that is planned where nothing stands there."""
    step = shove(1.5)
    assert next(plan_shove(means_of(door_model, robot), ajar(robot, 0.8), step), None) is not None
    blocked = means_of(make_door_scene(tmp_path, post=True)[1], robot)
    assert list(plan_shove(blocked, ajar(robot, 0.8), step)) == []
    assert next(plan_shove(blocked, ajar(robot, 0.8), shove(0.0)), None) is not None
