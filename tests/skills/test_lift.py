"""What is held rises."""

import numpy as np
from tests.skills.grips import grasped

from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.skills.legs import Follow
from blueprint.pipeline.skills.lift import plan_lift
from blueprint.pipeline.skills.means import Means
from blueprint.pipeline.skills.situation import Situation


def test_a_lift_goes_straight_up(means: Means, start: Situation) -> None:
    """By the height that was asked for, without a turn."""
    held = grasped(means, start, Step("grasp", {"object": "box"}))
    (lift,) = next(plan_lift(means, held, Step("lift", {"object": "box"}, {"height_m": 0.12})))
    assert isinstance(lift, Follow)
    points = means.workspace.tool_points_m(lift.path_rad)
    np.testing.assert_allclose(points[-1] - points[0], [0.0, 0.0, 0.12], atol=1e-3)


def test_a_lift_is_never_lower_than_a_goal_wants_it(means: Means, start: Situation) -> None:
    """Lower shares of the height are tried, but not those by which the task could no longer succeed."""
    held = grasped(means, start, Step("grasp", {"object": "box"}))

    def heights_m(values: dict[str, float]) -> list[float]:
        lifts = [legs[0] for legs in plan_lift(means, held, Step("lift", {"object": "box"}, values))]
        points = [means.workspace.tool_points_m(leg.path_rad) for leg in lifts if isinstance(leg, Follow)]
        return [round(float(each[-1, 2] - each[0, 2]), 3) for each in points]

    assert heights_m({"height_m": 0.12}) == [0.12, 0.096, 0.078]
    assert heights_m({"height_m": 0.12, "least_m": 0.09}) == [0.12, 0.096]
