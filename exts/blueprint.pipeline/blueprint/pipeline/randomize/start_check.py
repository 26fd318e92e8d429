"""Whether the arm can start somewhere: nothing within a margin, in the scene as a variant has it."""

from collections.abc import Sequence
from pathlib import Path

from blueprint.pipeline.scene.edits import AddDistractor, Edit, MoveProp
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.scene.shapes import Array
from blueprint.pipeline.sims.planning_world import MujocoPlanningWorld

CLEARANCE_M = 0.01


class StartCheck:
    """Distances of the arm to everything, with the props where a variant puts them."""

    def __init__(self, model_folder: Path, robot: Robot) -> None:
        self._world = MujocoPlanningWorld(model_folder, robot)
        self._world.set_gripper(robot.gripper.max_width_m)
        self._home = {joint.prop: self._world.prop_pose(joint.prop) for joint in self._world.compiled.free_joints}

    def is_clear(self, edits: Sequence[Edit], arm_rad: Array) -> bool:
        """Whether the arm keeps CLEARANCE_M at a posture; a prop that no edit places stands where the scene has it."""
        placed = {edit.prop: edit.T_world_prop for edit in edits if isinstance(edit, MoveProp | AddDistractor)}
        for prop, pose in self._home.items():
            self._world.move_prop(prop, placed.get(prop, pose))
        return self._world.clearance_m(arm_rad) >= CLEARANCE_M
