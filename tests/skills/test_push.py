"""The stroke of a push."""

from dataclasses import replace

import numpy as np
import pytest

from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.skills.fingertips import finger_corners_m
from blueprint.pipeline.skills.legs import Follow
from blueprint.pipeline.skills.means import Means
from blueprint.pipeline.skills.push import _hands as hands_of  # pyright: ignore[reportPrivateUsage]
from blueprint.pipeline.skills.push import _stroke_of as stroke_of  # pyright: ignore[reportPrivateUsage]
from blueprint.pipeline.skills.push import _tool_poses as tool_poses  # pyright: ignore[reportPrivateUsage]
from blueprint.pipeline.skills.push import plan_push
from blueprint.pipeline.skills.situation import Situation


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


def test_every_hand_begins_behind_the_thing_and_stays_over_the_table(means: Means, start: Situation) -> None:
    """Also one that leans to a side: only the way in which it comes is another."""
    here = start.T_world_props["box"]
    stroke = stroke_of(means, start, "box", here @ Pose((0.1, 0.05, 0.0)))
    assert stroke is not None
    back_m, floor_m = float((stroke.corners_m @ stroke.direction).min()), float(stroke.corners_m[:, 2].min())
    seen = list(hands_of(means, stroke))
    assert {hand.aside_rad > 0 for hand in seen if hand.aside_rad} == {True, False}
    for hand in seen:
        axes = hand.axes(stroke.direction)
        np.testing.assert_allclose(axes.T @ axes, np.eye(3), atol=1e-12)
        assert np.linalg.det(axes) > 0
        before, after = tool_poses(means, stroke, hand)
        fingers = before.apply(finger_corners_m(means, hand.width_m))
        assert float((fingers @ stroke.direction).max()) < back_m - 0.01
        assert float(fingers[:, 2].min()) > floor_m + 0.005
        way = np.subtract(after.position_m, before.position_m)
        assert float(np.linalg.norm(np.cross(way, stroke.direction))) < 1e-9


def test_a_thin_thing_is_pushed_low(means: Means, start: Situation) -> None:
    """What is three centimetres deep tips over when it is pushed higher than that by the friction under it."""
    stroke = stroke_of(means, start, "box", start.T_world_props["box"] @ Pose((0.1, 0.0, 0.0)))
    assert stroke is not None
    signs = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, -1).T
    axes = np.stack([0.015 * stroke.direction, 0.04 * stroke.across, (0.0, 0.0, 0.06)])
    thin = replace(stroke, corners_m=stroke.center_m + signs @ axes)
    assert thin.highest_m() == pytest.approx(0.015 / 0.6)
    heights = {hand.height_m for hand in hands_of(means, thin)}
    assert heights
    assert max(heights) < 0.025


def test_what_the_wrist_cannot_get_to_is_refused_at_once(
    means: Means, start: Situation, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = {**start.T_world_props, "box": Pose((3.0, 0.0, 0.4))}
    goal = Pose((3.1, 0.0, 0.4))
    monkeypatch.setattr(Means, "postures", lambda *_: pytest.fail("inverse kinematics is asked in vain"))
    assert list(plan_push(means, replace(start, T_world_props=far), Step("push", {"object": "box"}, {}, goal))) == []
