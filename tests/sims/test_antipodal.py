"""Grasp candidates on boxes, where it is known what can be held."""

import numpy as np
import pytest

from blueprint.pipeline.scene.robots import Robot, load_robot
from blueprint.pipeline.sims.antipodal import GraspCandidate, GraspSearch, propose_grasps
from blueprint.pipeline.sims.solids import ConvexSolid, convex_solid

UP = np.array([0.0, 0.0, 1.0])


@pytest.fixture(scope="module")
def robot() -> Robot:
    """The Panda."""
    return load_robot("franka_panda")


def standing_box(half: tuple[float, float, float]) -> list[ConvexSolid]:
    """Return a box that stands on z = 0."""
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    return [convex_solid(signs * half + [0, 0, half[2]])]


def grasps_of(half: tuple[float, float, float], robot: Robot, *, seed: int = 1) -> list[GraspCandidate]:
    """Propose grasps of a standing box."""
    return propose_grasps(standing_box(half), np.array([0, 0, half[2]]), UP, robot, np.random.default_rng(seed))


def test_a_narrow_box_is_held_across_its_narrow_side(robot: Robot) -> None:
    """6 cm fit, 12 cm do not: every closing line runs along y, and is as wide as the box."""
    found = grasps_of((0.06, 0.03, 0.06), robot)
    assert len(found) > 50
    for grasp in found:
        closing = grasp.T_prop_tcp.rotation()[:, 1]
        assert abs(closing[1]) > 0.85
        assert grasp.width_m == pytest.approx(0.06 / abs(closing[1]), abs=0.012)
        assert grasp.slant_rad < np.arctan(0.5)


def test_the_tool_is_centred_on_what_it_holds(robot: Robot) -> None:
    """Both pads touch at once, so the object is not pushed aside when they close."""
    for grasp in grasps_of((0.06, 0.03, 0.06), robot):
        assert abs(grasp.T_prop_tcp.position_m[1]) < 0.012


def test_what_is_too_wide_has_no_grasp(robot: Robot) -> None:
    """A cube of 12 cm does not fit between fingers that open 8 cm."""
    assert grasps_of((0.06, 0.06, 0.06), robot) == []


def test_approaches_point_down(robot: Robot) -> None:
    """The tilt is the angle from straight down, and bounded."""
    for grasp in grasps_of((0.03, 0.02, 0.06), robot):
        approach = grasp.T_prop_tcp.rotation()[:, 2]
        assert np.arccos(np.clip(-approach[2], -1, 1)) == pytest.approx(grasp.tilt_rad, abs=1e-6)
        assert grasp.tilt_rad <= 1.45


def test_the_palm_stays_outside(robot: Robot) -> None:
    """A tall box is held no deeper than the fingers are long."""
    palm_z_m = robot.gripper_boxes.palm_center_m[2] + robot.gripper_boxes.palm_half_m[2]
    upright = [g for g in grasps_of((0.03, 0.03, 0.12), robot) if g.tilt_rad < 0.05]
    assert upright
    for grasp in upright:
        assert grasp.T_prop_tcp.position_m[2] - palm_z_m > 0.24 - 0.004


def test_levers_count_level_arms_only(robot: Robot) -> None:
    """Held straight above its centre of mass, a box has no lever, however tall it is."""
    found = [g for g in grasps_of((0.03, 0.02, 0.1), robot) if g.tilt_rad < 0.05]
    for grasp in found:
        closing = grasp.T_prop_tcp.rotation()[:, 1]
        arm = np.cross(UP, closing)
        expected = abs(np.dot(np.array([0, 0, 0.1]) - grasp.T_prop_tcp.position_m, arm)) / np.linalg.norm(arm)
        assert grasp.lever_m == pytest.approx(expected, abs=1e-9)
    assert min(grasp.lever_m for grasp in found) < 0.01


def test_draws_repeat(robot: Robot) -> None:
    """The stream that is passed in decides everything."""
    first, second, other = (grasps_of((0.03, 0.02, 0.05), robot, seed=seed) for seed in (7, 7, 8))
    assert first == second
    assert first != other


def test_a_hand_whose_one_jaw_stands_still_comes_beside_what_it_holds() -> None:
    jaw = load_robot("so101")
    gripper = jaw.gripper
    square = [grasp for grasp in grasps_of((0.02, 0.015, 0.02), jaw) if _closing(grasp).max() > 0.9999]
    assert square
    for grasp in square:
        # Open, both pads are outside: the fixed one by half the slack, the moving one by whatever is left.
        x, y, z = gripper.middle_m(gripper.max_width_m)
        sides = (y - gripper.max_width_m / 2, y + gripper.max_width_m / 2)
        fixed_m, moving_m = (grasp.T_prop_tcp.apply((x, side, z)) @ grasp.T_prop_tcp.rotation()[:, 1] for side in sides)
        assert fixed_m == pytest.approx(-grasp.width_m / 2 - GraspSearch().uneven_slack_m / 2, abs=5e-4)
        assert moving_m > grasp.width_m / 2


def _closing(grasp: GraspCandidate) -> np.ndarray:
    return np.abs(grasp.T_prop_tcp.rotation()[:, 1])


def test_an_arm_of_five_joints_is_offered_what_is_straight_below() -> None:
    found = grasps_of((0.02, 0.015, 0.03), load_robot("so101"))
    assert max(grasp.tilt_rad for grasp in found) < 2e-3


def test_pads_on_an_arc_touch_at_their_middle() -> None:
    robot = load_robot("ur10_2f85")
    square = [grasp for grasp in grasps_of((0.02, 0.015, 0.02), robot) if _closing(grasp).max() > 0.9999]
    assert square
    for grasp in square:
        middle = grasp.T_prop_tcp.apply(robot.gripper.middle_m(grasp.width_m + 0.004))
        assert abs(middle @ grasp.T_prop_tcp.rotation()[:, 1]) < 5e-4
