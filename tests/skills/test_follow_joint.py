"""The hand goes where the part goes."""

import numpy as np
from tests.chest_scene import BAR_M, SLIDE
from tests.skills.grips import grasped

from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.scene.poses import angle_between_rad
from blueprint.pipeline.skills.follow_joint import plan_follow_joint
from blueprint.pipeline.skills.legs import Follow
from blueprint.pipeline.skills.means import Means
from blueprint.pipeline.skills.situation import Situation


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
