"""What a recording keeps of an instant, and that its arrays say what each instant said."""

import numpy as np
import pytest

from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.rollout.driver import Driver
from blueprint.pipeline.rollout.recording import Layout, Recording, camera_poses
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.sims.engines import open_sim
from blueprint.pipeline.sims.model import load_model
from blueprint.pipeline.sims.protocols import SceneFiles, Sim

CAMERAS = ("side", "wrist")
FRAMES = 6


def opened(assembled: Assembled, robot: Robot, engine: str = "mujoco") -> tuple[Sim, Layout]:
    """Open the scene."""
    sim = open_sim(engine, SceneFiles(assembled.usd_path, assembled.model_folder, assembled.manifest))
    return sim, Layout.of_scene(sim, load_model(assembled.model_folder), robot, CAMERAS)


def test_the_layout_finds_what_the_scene_holds(assembled: Assembled, robot: Robot) -> None:
    """Movable props by name, and the tool where the robot's description puts it."""
    sim, layout = opened(assembled, robot)
    assert layout.prop_names == ("box", "crate")
    observation = sim.observe()
    assert set(layout.prop_poses(observation)) == {"box", "crate"}
    assert abs(layout.gripper_width_m(observation)) <= robot.gripper.max_width_m + 1e-6
    sim.close()


@pytest.mark.parametrize("engine", ["mujoco", "null"])
def test_arrays_say_what_every_instant_said(assembled: Assembled, robot: Robot, engine: str) -> None:
    """Tool, props, width and cameras in all frames, against the poses of single instants."""
    sim, layout = opened(assembled, robot, engine)
    recording = Recording(layout, 30, 8, sim.dt_s)
    driver = Driver(sim, recording, np.array(robot.home_command))
    seen = []
    for _ in range(FRAMES):
        seen.append({name: sim.camera_pose(name) for name in CAMERAS})
        driver.hold(1, Phase.HOLD)
        driver.command = driver.command + np.array([0.03] * 7 + [-0.004] * 2)
    seen.append({name: sim.camera_pose(name) for name in CAMERAS})
    driver.finish()
    track = recording.track()
    for frame, observation in enumerate(recording.observations):
        tool, props = layout.tool_pose(observation), layout.prop_poses(observation)
        assert track.tcp_position_m[frame] == pytest.approx(tool.position_m, abs=1e-12)
        assert abs(np.dot(track.tcp_quat_wxyz[frame], tool.quat_wxyz)) == pytest.approx(1.0, abs=1e-12)
        for row, name in enumerate(layout.prop_names):
            assert track.prop_position_m[frame, row] == pytest.approx(props[name].position_m, abs=1e-12)
        assert track.gripper_width_m[frame] == pytest.approx(layout.gripper_width_m(observation), abs=1e-12)
        for name in CAMERAS:
            position, quat = camera_poses(recording, track, name)
            assert position[frame] == pytest.approx(seen[frame][name].position_m, abs=1e-12)
            assert abs(np.dot(quat[frame], seen[frame][name].quat_wxyz)) == pytest.approx(1.0, abs=1e-12)
    assert np.ptp(track.tcp_position_m, axis=0).max() > 1e-3
    channels = recording.raw_channels()
    if engine == "null":
        assert channels == {}
    else:
        assert channels["time_s"].shape == (FRAMES * 8,)
        assert channels["qpos"].shape[0] == FRAMES * 8
        assert channels["time_s"][::8] == pytest.approx(track.time_s[:-1], abs=1e-12)
    sim.close()
