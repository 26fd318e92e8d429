"""The bar of a drawer is found, held from the front, and pulled."""

from pathlib import Path

import numpy as np
import pytest
from tests.chest_scene import BAR_M, SLIDE, make_chest_scene

from blueprint.pipeline.grasp.rig import HandRig, Noise
from blueprint.pipeline.planning.handles import propose_handles
from blueprint.pipeline.planning.workspace import Workspace
from blueprint.pipeline.scene.robots import Robot


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled chest."""
    return make_chest_scene(tmp_path_factory.mktemp("chest"))[1]


def test_the_bar_is_held_and_pulled(model_folder: Path, robot: Robot) -> None:
    """Every proposal is at the bar, comes from the front and clears the front; the best one holds against a pull."""
    world = Workspace.of_model(model_folder, robot).world
    link, handles = propose_handles(world, SLIDE, robot, np.random.default_rng(1))
    assert link == "chest/drawer"
    assert len(handles) >= 4
    assert [handle.cost for handle in handles] == sorted(handle.cost for handle in handles)
    T_world_prop = world.link_pose(link) @ world.compiled.body(link).T_prop_body.inverse()
    home = np.array(robot.arm.home_rad)
    for handle in handles:
        T_world_tcp = T_world_prop @ handle.candidate.T_prop_tcp
        off = np.subtract(T_world_tcp.position_m, BAR_M)
        assert abs(off[0]) < 0.08
        assert np.linalg.norm(off[1:]) < 0.03
        assert T_world_tcp.rotation()[1, 2] > np.cos(0.75)
        assert world.gripper_clearance_m(T_world_tcp, home) > 0
    rig = HandRig(model_folder, robot, "chest")
    best = T_world_prop @ handles[0].candidate.T_prop_tcp
    assert rig.try_pull(link, SLIDE, best, Noise()).held
    assert not rig.try_pull(link, SLIDE, best, Noise(friction=0.02)).held
