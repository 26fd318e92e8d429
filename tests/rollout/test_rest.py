"""An attempt ends when what was set down rests, not while it still sways."""

from pathlib import Path

import numpy as np
import pytest
from tests.chest_scene import make_chest_scene

from blueprint.pipeline.episode.margins import REST_SPEED_M_S
from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.planning.workspace import Workspace
from blueprint.pipeline.rollout.driver import Driver
from blueprint.pipeline.rollout.recording import Layout, Recording
from blueprint.pipeline.rollout.rest import LONGEST_SWAY_S, wait_for_rest
from blueprint.pipeline.scene.edits import MoveProp
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.sims.engines import open_sim
from blueprint.pipeline.sims.protocols import SceneFiles

Made = tuple[Path, Path, SceneManifest]
FPS = 30


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The scene with the chest, compiled."""
    return make_chest_scene(tmp_path_factory.mktemp("chest"))


def driver_with(made: Made, robot: Robot, raised_m: float) -> tuple[Driver, dict[str, np.ndarray]]:
    """Return a driver of a scene whose box starts so much higher, and the box's corners."""
    usd_path, model_folder, manifest = made
    world = Workspace.of_model(model_folder, robot).world
    stands = world.prop_pose("box")
    sim = open_sim("mujoco", SceneFiles(usd_path, model_folder, manifest))
    x, y, z = stands.position_m
    sim.reset([MoveProp("box", Pose((x, y, z + raised_m), stands.quat_wxyz), "dropped")])
    home = np.array(robot.home_command)
    sim.set_command(home)
    if not raised_m:
        sim.step(60)
    layout = Layout.of_scene(sim, world.compiled, robot, ())
    driver = Driver(sim, Recording(layout, FPS, round(1 / sim.dt_s / FPS), sim.dt_s), home)
    return driver, {"box": np.concatenate([solid.corners_m for solid in world.solids("box")])}


def heights_m(driver: Driver) -> np.ndarray:
    """The box's height in every recorded frame."""
    poses = [driver.layout.prop_poses(seen)["box"].position_m[2] for seen in driver.recording.observations]
    return np.array(poses)


def test_what_rests_is_waited_for_no_longer_than_asked(made: Made, robot: Robot) -> None:
    driver, corners_m = driver_with(made, robot, 0.0)
    wait_for_rest(driver, corners_m, 12, 10, Phase.HOLD)
    assert driver.recording.frame_count == 12


def test_what_moves_is_waited_for_until_it_has_rested_for_long_enough(made: Made, robot: Robot) -> None:
    """A fall from 8 cm takes longer than two frames; its end is ten frames of rest."""
    driver, corners_m = driver_with(made, robot, 0.08)
    wait_for_rest(driver, corners_m, 2, 10, Phase.HOLD)
    fell = heights_m(driver)
    assert fell[0] - fell[-1] > 0.07
    assert 14 < len(fell) < 2 + LONGEST_SWAY_S * FPS
    assert np.abs(np.diff(fell[-9:])).max() * FPS < REST_SPEED_M_S
    assert np.abs(np.diff(fell)).max() * FPS > 0.5


def test_what_never_rests_is_not_waited_for_for_ever(made: Made, robot: Robot) -> None:
    """More frames of rest than the bound holds cannot come."""
    driver, corners_m = driver_with(made, robot, 0.08)
    wait_for_rest(driver, corners_m, 2, 1000, Phase.HOLD)
    assert driver.recording.frame_count == 2 + LONGEST_SWAY_S * FPS
