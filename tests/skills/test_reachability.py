"""Which grasps of the small scene the arm reaches."""

import numpy as np

from blueprint.pipeline.planning.grasps import find_grasps
from blueprint.pipeline.planning.workspace import Workspace
from blueprint.pipeline.skills.reachability import Distances, reach_pick


def test_a_reached_grasp_ends_its_approach_where_its_lift_begins(workspace: Workspace) -> None:
    """The two lines meet at the grasp, and the box is left where it stood."""
    world, rng = workspace.world, np.random.default_rng(0)
    before = world.prop_pose("box")
    distances = Distances(0.08, 0.1, 0.08, 0.002, 0.005, 0.002)
    found = find_grasps(world, "box", before, workspace.robot, rng)
    picks = (pick for grasp in found for pick in reach_pick(workspace, "box", "table", grasp, distances))
    pick = next(picks)
    np.testing.assert_allclose(pick.approach.path_rad[-1], pick.lift.path_rad[0], atol=1e-9)
    assert world.prop_pose("box") == before
