"""The lean of a tilt."""

import numpy as np
import pytest
from tests.skills.grips import grasped

from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.scene.poses import Pose, angle_between_rad
from blueprint.pipeline.skills.legs import Follow, Wait
from blueprint.pipeline.skills.means import Means
from blueprint.pipeline.skills.situation import Situation
from blueprint.pipeline.skills.tilt import plan_tilt


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


def test_what_hung_back_is_leant_further(means: Means, start: Situation) -> None:
    """By what was missing the last time."""
    held = grasped(means, start, Step("grasp", {"object": "box"}))
    here = start.T_world_props["box"]
    over = Pose((here.position_m[0], here.position_m[1] + 0.1, here.position_m[2] + 0.2), here.quat_wxyz)
    step = Step("tilt", {"object": "box", "target": "box"}, {"tilt_rad": 0.5, "duration_s": 0.7}, over)
    angles: list[float] = []
    for lag_rad in (0.0, 0.3):
        means.lag_rad["box"] = lag_rad
        lean = next(plan_tilt(means, held, step))[0]
        assert isinstance(lean, Follow)
        world = means.workspace.world
        angles.append(angle_between_rad(*(world.tool_pose(lean.path_rad[at]) for at in (0, -1))))
    means.lag_rad.clear()
    assert angles[1] - angles[0] == pytest.approx(0.3, abs=0.01)


def test_a_thing_is_not_leant_about_the_line_between_the_fingers(means: Means, start: Situation) -> None:
    """There it would swing in the hand: headings across that line are refused, those along it are not."""
    held = grasped(means, start, Step("grasp", {"object": "box"}))
    here = start.T_world_props["box"]
    over = Pose((here.position_m[0], here.position_m[1] + 0.1, here.position_m[2] + 0.2), here.quat_wxyz)
    assert held.held is not None
    closing = (over @ held.held.T_tcp_body.inverse()).rotation()[:, 1]
    along = float(np.arctan2(closing[1], closing[0]))
    values = {"tilt_rad": 0.6, "duration_s": 0.7}
    roles = {"object": "box", "target": "box"}
    across = Step("tilt", roles, {**values, "heading_rad": along + np.pi / 2}, over)
    assert next(plan_tilt(means, held, across), None) is None
    ways = [Step("tilt", roles, {**values, "heading_rad": along + turn}, over) for turn in (0.0, np.pi)]
    assert any(next(plan_tilt(means, held, way), None) is not None for way in ways)
