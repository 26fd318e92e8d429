"""The lean of a tilt."""

import numpy as np
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
