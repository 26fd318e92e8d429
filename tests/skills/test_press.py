"""A part is pressed in along its joint."""

import numpy as np
from tests.chest_scene import SLIDE

from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.skills.legs import Follow
from blueprint.pipeline.skills.means import Means
from blueprint.pipeline.skills.press import plan_press
from blueprint.pipeline.skills.situation import Situation


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
