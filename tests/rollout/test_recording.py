"""What a recording keeps of an instant."""

from pathlib import Path

from blueprint.pipeline.rollout.recording import Layout
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.sims.engines import open_sim
from blueprint.pipeline.sims.model import load_model
from blueprint.pipeline.sims.protocols import SceneFiles


def test_the_layout_finds_what_the_scene_holds(assembled: Assembled, robot: Robot) -> None:
    """Movable props by name, and the tool where the robot's description puts it."""
    usd: Path = assembled.usd_path
    sim = open_sim("mujoco", SceneFiles(usd, assembled.model_folder, assembled.manifest))
    layout = Layout.of_scene(sim, load_model(assembled.model_folder), robot, ("side",))
    assert layout.prop_names == ("box", "crate")
    observation = sim.observe()
    assert set(layout.prop_poses(observation)) == {"box", "crate"}
    assert abs(layout.gripper_width_m(observation)) <= robot.gripper.max_width_m + 1e-6
    sim.close()
