"""The order in which grasps are tried."""

from dataclasses import replace

import numpy as np
import pytest

from blueprint.pipeline.planning.grasps import cost, distinct, find_grasps, ranked
from blueprint.pipeline.planning.workspace import Workspace
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.sims.antipodal import GraspCandidate

GOOD = GraspCandidate(Pose(), 0.04, 0.0, 1.0, 0.0, 0.0)


@pytest.mark.parametrize(
    "worse", [{"lever_m": 0.02}, {"slant_rad": 0.2}, {"contact_share": 0.5}, {"tilt_rad": 1.0}, {"width_m": 0.075}]
)
def test_each_fault_costs(worse: dict[str, float]) -> None:
    """Every measure alone moves a grasp behind a good one."""
    bad = replace(GOOD, **worse)
    assert cost(bad) > cost(GOOD)
    assert ranked([bad, GOOD]) == [GOOD, bad]


def test_alike_grasps_are_tried_once() -> None:
    """Within 1.5 cm and 0.4 rad of a better one; apart in either is kept."""
    near = replace(GOOD, T_prop_tcp=Pose((0.005, 0, 0)))
    away = replace(GOOD, T_prop_tcp=Pose((0.05, 0, 0)))
    turned = replace(GOOD, T_prop_tcp=Pose.from_yaw((0, 0, 0), np.pi))
    assert distinct([GOOD, near, away, turned]) == [GOOD, away, turned]


def test_the_box_is_best_held_from_above_at_its_middle(workspace: Workspace) -> None:
    """The first choice has full contact and hardly a lever."""
    best = find_grasps(
        workspace.world, "box", workspace.world.prop_pose("box"), workspace.robot, np.random.default_rng(1)
    )[0]
    assert best.contact_share > 0.9
    assert best.lever_m < 0.01
    assert best.tilt_rad < 0.6


def test_the_crate_cannot_be_held(workspace: Workspace) -> None:
    """12 cm in both directions."""
    crate = workspace.world.prop_pose("crate")
    assert find_grasps(workspace.world, "crate", crate, workspace.robot, np.random.default_rng(1)) == []
