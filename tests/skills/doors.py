"""What skills plan with before a cupboard whose door has no handle."""

from pathlib import Path

import numpy as np
from tests.door_scene import HINGE

from blueprint.pipeline.planning.workspace import Workspace
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.skills.means import Distances, Means
from blueprint.pipeline.skills.situation import Situation


def means_of(model_folder: Path, robot: Robot, T_world_base: Pose | None = None) -> Means:
    """Means without any grasp; the robot may stand elsewhere."""
    workspace = Workspace.of_model(model_folder, robot)
    if T_world_base is not None:
        workspace.world.stand_at(T_world_base)
    return Means(workspace, {}, Distances(0.08, 0.1, 0.08, 0.002, 0.005, 0.002))


def ajar(robot: Robot, position_rad: float) -> Situation:
    """The robot at home, the door ajar."""
    return Situation(np.array(robot.arm.home_rad), robot.gripper.max_width_m, {}, {HINGE: position_rad})
