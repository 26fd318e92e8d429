"""The arm among the scene's colliders: which postures and straight lines are free."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.sims.kinematics import ArmKinematics
from blueprint.pipeline.sims.planning_world import MujocoPlanningWorld

from .cartesian import Line, straight_line
from .motion import Free
from .wrists import WristReach, wrist_reach

Array = NDArray[np.float64]

_FLANGE_TO_TIP_M = 0.6
"""No pose further from the base than the reach and this is looked at: base height and gripper are in it."""


@dataclass(frozen=True, eq=False)
class Workspace:
    """One robot in one scene; poses are in the world."""

    robot: Robot
    world: MujocoPlanningWorld
    kinematics: ArmKinematics

    @classmethod
    def of_model(cls, model_folder: Path, robot: Robot) -> "Workspace":
        """Open a compiled scene for planning."""
        return cls(robot, MujocoPlanningWorld(model_folder, robot), ArmKinematics.load(model_folder, robot))

    def postures(
        self, T_world_tcp: Pose, seeds_rad: Sequence[Array] = (), *, starts: int | None = None
    ) -> Iterator[Array]:
        """Yield the distinct postures that reach a pose, those near the given seeds first.

        `starts` bounds from how many postures the arm is led there; what is out of reach takes longest to refuse.
        """
        target = self._base_from(T_world_tcp)
        if np.linalg.norm(target.position_m) > self.robot.reach_m + _FLANGE_TO_TIP_M:
            return
        seeds = (*seeds_rad, *self.kinematics.seeds_toward(target))[:starts]
        for solution in self.kinematics.solutions(target, seeds):
            yield solution.arm_rad

    def line(
        self,
        start_rad: Array,
        T_world_tcps: Iterable[Pose],
        free_turns: Sequence[int] = (),
        room_m: float | None = None,
    ) -> Line | None:
        """Follow poses from a posture, None where the arm cannot, or not with so much room to everything.

        About the axes `free_turns` the tool may turn as it likes. Nothing but the arm's reach is looked at without
        `room_m`.
        """
        targets = [self._base_from(pose) for pose in T_world_tcps]
        is_free = None if room_m is None else lambda posture_rad: self.is_clear(posture_rad, room_m)
        return straight_line(self.kinematics, start_rad, targets, free_turns, is_free)

    @cached_property
    def _reach_m(self) -> Array:
        return self.world.sweep_reach_m()

    def free(self, padding_m: float, near_m: float) -> Free:
        """Return the judge of postures and sweeps as the world is set now."""
        reach_m = self._reach_m + self.world.carried_size_m()
        return Free(self.world.clearance_m, padding_m, near_m, reach_m)

    def is_clear(self, arm_rad: Array, padding_m: float) -> bool:
        """Whether a posture keeps a distance to everything it may not touch."""
        return self.world.clearance_m(arm_rad) >= padding_m

    def clearance_m(self, path_rad: Array) -> float:
        """Return the smallest distance along a path."""
        return min(self.world.clearance_m(posture) for posture in path_rad)

    def tool_points_m(self, path_rad: Array) -> Array:
        """Return where the tool point is along a path, (K, 3)."""
        return np.array([self.world.tool_pose(posture).position_m for posture in path_rad])

    def _base_from(self, T_world_tcp: Pose) -> Pose:
        return self._T_base_world @ T_world_tcp

    @cached_property
    def wrist(self) -> WristReach:
        """How far the arm's wrist gets."""
        return wrist_reach(self.world)

    @cached_property
    def _T_base_world(self) -> Pose:
        return self.world.T_world_base.inverse()
