"""Where a part is while its joint moves, and what stands in its way."""

import numpy as np
import pytest
from tests.door_scene import HINGE, HINGE_M, LEAF, make_door_scene
from tests.skills.doors import ajar, means_of

from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.skills.courses import course_of, met_on, rotation
from blueprint.pipeline.skills.means import Means


@pytest.fixture(scope="module")
def blocked(tmp_path_factory: pytest.TempPathFactory, robot: Robot) -> Means:
    """The cupboard with a post in its door's swing."""
    return means_of(make_door_scene(tmp_path_factory.mktemp("post"), post=True)[1], robot)


def test_a_course_goes_from_here_to_the_target_in_small_steps(blocked: Means, robot: Robot) -> None:
    blocked.arrange(ajar(robot, 0.2))
    course = course_of(blocked, HINGE, 0.2, 0.9)
    assert (course.link, course.turns) == (LEAF, True)
    assert (course.positions[0], course.positions[-1]) == pytest.approx((0.2, 0.9))
    assert np.diff(course.positions).max() <= 0.036
    assert blocked.workspace.world.joint_position(HINGE) == 0.2
    last = len(course.positions) - 1
    np.testing.assert_allclose(course.turn_rad(last), [0.0, 0.0, 0.7], atol=1e-9)
    np.testing.assert_allclose(course.turned(last, 0.5), rotation(np.array([0.0, 0.0, 0.35])), atol=1e-9)
    hinge = [T.inverse().apply(HINGE_M) for T in course.T_world_links]
    np.testing.assert_allclose(hinge, np.tile(hinge[0], (len(hinge), 1)), atol=1e-9)


def test_what_stands_in_the_way_is_named_with_where(blocked: Means, robot: Robot) -> None:
    """The leaf meets the post's near corner at about 1.2 rad; up to 1 rad its way is free."""
    blocked.arrange(ajar(robot, 0.0))
    assert met_on(blocked, course_of(blocked, HINGE, 0.0, 1.0)) is None
    met = met_on(blocked, course_of(blocked, HINGE, 0.0, 1.55))
    assert met is not None
    assert met[0] == "post/post"
    assert 1.1 < met[1] <= 1.55
    assert blocked.workspace.world.joint_position(HINGE) == 0.0


def test_the_robot_in_its_home_is_nothing_that_a_door_meets(blocked: Means, robot: Robot) -> None:
    """It moves; whether it is in the way is for its own plans to say."""
    blocked.arrange(ajar(robot, 0.3))
    assert not any(name.startswith("robot/") for name in blocked.workspace.world.nearby_link(LEAF, 0.03))
