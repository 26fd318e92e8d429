"""What single skills do to the tool: the drawer's arc, the stroke of a push, the lean of a tilt, the press."""

import numpy as np
from tests.chest_scene import BAR_M, SLIDE

from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.scene.poses import Pose, angle_between_rad
from blueprint.pipeline.skills.follow_joint import plan_follow_joint
from blueprint.pipeline.skills.grasp import plan_grasp
from blueprint.pipeline.skills.legs import Follow, Wait
from blueprint.pipeline.skills.lift import plan_lift
from blueprint.pipeline.skills.means import Means
from blueprint.pipeline.skills.press import plan_press
from blueprint.pipeline.skills.push import plan_push
from blueprint.pipeline.skills.situation import Situation
from blueprint.pipeline.skills.tilt import plan_tilt


def grasped(means: Means, start: Situation, step: Step) -> Situation:
    """The situation after the first grasp that is offered."""
    return next(plan_grasp(means, start, step))[-1].after


def test_the_hand_goes_with_the_drawer(means: Means, start: Situation) -> None:
    """At the bar in the beginning, 20 cm further at the end, and never turned or moved on it."""
    held = grasped(means, start, Step("grasp", {"prop": "chest", "link": "drawer"}))
    tool = means.workspace.world.tool_pose(held.arm_rad)
    assert np.linalg.norm(np.subtract(tool.position_m, BAR_M)) < 0.06
    step = Step("follow_joint", {"prop": "chest", "joint": SLIDE}, {"target": 0.2})
    legs = next(plan_follow_joint(means, held, step))
    (follow,) = legs
    assert isinstance(follow, Follow)
    points = means.workspace.tool_points_m(follow.path_rad)
    np.testing.assert_allclose(points[-1] - points[0], [0.0, -0.2, 0.0], atol=2e-3)
    ends = [means.workspace.world.tool_pose(follow.path_rad[at]) for at in (0, -1)]
    assert angle_between_rad(*ends) < 0.01
    assert follow.after.joints[SLIDE] == 0.2


def test_a_lift_goes_straight_up(means: Means, start: Situation) -> None:
    """By the height that was asked for, without a turn."""
    held = grasped(means, start, Step("grasp", {"object": "box"}))
    (lift,) = next(plan_lift(means, held, Step("lift", {"object": "box"}, {"height_m": 0.12})))
    assert isinstance(lift, Follow)
    points = means.workspace.tool_points_m(lift.path_rad)
    np.testing.assert_allclose(points[-1] - points[0], [0.0, 0.0, 0.12], atol=1e-3)


def test_a_push_goes_from_behind_as_far_as_the_thing_is_to_go(means: Means, start: Situation) -> None:
    """The fingertips begin behind the box and end as far ahead as it is to move, low over the table."""
    here = start.T_world_props["box"]
    goal = Pose((here.position_m[0] + 0.12, here.position_m[1], here.position_m[2]), here.quat_wxyz)
    legs = next(plan_push(means, start, Step("push", {"object": "box"}, {}, goal)))
    stroke, back = legs[-2:]
    assert isinstance(stroke, Follow)
    assert isinstance(back, Follow)
    points = means.workspace.tool_points_m(stroke.path_rad)
    assert points[0][0] < here.position_m[0] - 0.02
    assert 0.12 <= points[-1][0] - points[0][0] < 0.16
    np.testing.assert_allclose(points[-1][1:], points[0][1:], atol=2e-3)
    assert points[0][2] < here.position_m[2] + 0.08


def test_a_push_to_where_the_thing_is_does_nothing(means: Means, start: Situation) -> None:
    """There is nothing to do, and that is a plan."""
    step = Step("push", {"object": "box"}, {}, start.T_world_props["box"])
    assert list(plan_push(means, start, step)) == [()]


def test_a_tilt_leans_waits_and_comes_back(means: Means, start: Situation) -> None:
    """By at least the angle that was asked for, about the box's middle."""
    held = grasped(means, start, Step("grasp", {"object": "box"}))
    here = start.T_world_props["box"]
    over = Pose((here.position_m[0], here.position_m[1] + 0.1, here.position_m[2] + 0.2), here.quat_wxyz)
    values = {"tilt_rad": 0.8, "duration_s": 0.7}
    lean, wait, back = next(plan_tilt(means, held, Step("tilt", {"object": "box", "target": "box"}, values, over)))
    assert isinstance(lean, Follow)
    assert isinstance(wait, Wait)
    assert isinstance(back, Follow)
    world = means.workspace.world
    upright, leant = (world.tool_pose(lean.path_rad[at]) for at in (0, -1))
    assert 0.8 <= angle_between_rad(upright, leant) < 1.1
    assert wait.seconds == 0.7
    np.testing.assert_array_equal(back.path_rad, lean.path_rad[::-1])


def test_a_press_pushes_the_part_in(means: Means, start: Situation) -> None:
    """An open drawer is pressed shut at its front, along its slide."""
    means.workspace.world.set_joint(SLIDE, 0.1)
    opened = Situation(start.arm_rad, start.width_m, start.T_world_props, {SLIDE: 0.1})
    legs = next(plan_press(means, opened, Step("press", {"prop": "chest", "joint": SLIDE}, {"depth": -0.08})))
    press = legs[-1]
    assert isinstance(press, Follow)
    points = means.workspace.tool_points_m(press.path_rad)
    way = points[-1] - points[0]
    assert way[1] > 0.08
    np.testing.assert_allclose(way[[0, 2]], 0.0, atol=3e-3)
    assert np.isclose(press.after.joints[SLIDE], 0.02)
