"""The stroke of a push."""

import numpy as np

from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.skills.legs import Follow
from blueprint.pipeline.skills.means import Means
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
