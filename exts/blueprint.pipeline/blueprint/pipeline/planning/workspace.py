"""The arm among the scene's colliders: which postures and straight lines are free."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.sims.kinematics import ArmKinematics
from blueprint.pipeline.sims.model import ROBOT
from blueprint.pipeline.sims.planning_world import MujocoPlanningWorld

from .cartesian import Line, straight_line
from .misses import Hurdle, Miss, Watch
from .motion import Free
from .wrists import WristReach, wrist_reach

Array = NDArray[np.float64]

_FLANGE_TO_TIP_M = 0.6
"""No pose further from the base than the reach and this is looked at: base height and gripper are in it."""


@dataclass(frozen=True, eq=False)
class Workspace:
    """One robot in one scene; poses are in the world. What it finds out of reach or not free is noted in `watch`."""

    robot: Robot
    world: MujocoPlanningWorld
    kinematics: ArmKinematics
    watch: Watch = field(default_factory=Watch)

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
        away_m = float(np.linalg.norm(target.position_m)) - self.robot.reach_m
        if away_m > _FLANGE_TO_TIP_M:
            self.watch.note(Miss(Hurdle.REACH, away_m))
            return
        seeds = (*seeds_rad, *self.kinematics.seeds_toward(target))[:starts]
        found, misses = False, list[Miss]()
        for solution in self.kinematics.solutions(target, self._followed(seeds, misses)):
            found = True
            yield solution.arm_rad
        for miss in misses if not found else ():
            self.watch.note(miss)

    def _followed(self, seeds_rad: Iterable[Array], misses: list[Miss]) -> Iterator[Array]:
        """Yield seeds, and keep by how much the descent from each has missed."""
        for seed_rad in seeds_rad:
            yield seed_rad
            if self.kinematics.missed is not None:
                misses.append(Miss(Hurdle.REACH, *self.kinematics.missed))

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
        blocked = False

        def is_free(posture_rad: Array) -> bool:
            nonlocal blocked
            blocked = room_m is not None and not self._keeps(posture_rad, room_m, Hurdle.WAY)
            return not blocked

        found = straight_line(self.kinematics, start_rad, targets, free_turns, None if room_m is None else is_free)
        if found is None and not blocked:
            missed = self.kinematics.missed
            self.watch.note(Miss(Hurdle.WAY_REACH, *missed) if missed else Miss(Hurdle.JUMP, 0.0))
        return found

    @cached_property
    def _reach_m(self) -> Array:
        return self.world.sweep_reach_m()

    def free(self, padding_m: float, near_m: float) -> Free:
        """Return the judge of postures and sweeps as the world is set now."""
        reach_m = self._reach_m + self.world.carried_size_m()
        return Free(self.world.clearance_m, padding_m, near_m, reach_m)

    def is_clear(self, arm_rad: Array, padding_m: float) -> bool:
        """Whether a posture keeps a distance to everything it may not touch."""
        return self._keeps(arm_rad, padding_m, Hurdle.POSTURE)

    def hand_has_room(self, T_world_tcp: Pose, arm_rad: Array, room_m: float, ignoring: Iterable[str] = ()) -> bool:
        """Whether the hand alone keeps a distance at a pose, as `gripper_clearance_m` measures it."""
        distance_m, link = self.world.gripper_nearest(T_world_tcp, arm_rad, ignoring)
        if distance_m < room_m:
            self.watch.note(Miss(Hurdle.ROOM, distance_m, first="the hand", second=_thing(link)))
        return distance_m >= room_m

    def may_reach(self, T_world_tcps: Sequence[Pose]) -> bool:
        """Whether the wrist may get to poses of the tool: most that are refused are refused here."""
        points = np.array([pose.position_m for pose in T_world_tcps])
        approaches = np.array([pose.rotation()[:, 2] for pose in T_world_tcps])
        beyond_m = float(self.wrist.beyond_m(points, approaches).max())
        if beyond_m > 0:
            self.watch.note(Miss(Hurdle.REACH, beyond_m))
        return beyond_m <= 0

    def clearance_m(self, path_rad: Array) -> float:
        """Return the smallest distance along a path."""
        return min(self.world.clearance_m(posture) for posture in path_rad)

    def tool_points_m(self, path_rad: Array) -> Array:
        """Return where the tool point is along a path, (K, 3)."""
        return np.array([self.world.tool_pose(posture).position_m for posture in path_rad])

    def _keeps(self, arm_rad: Array, room_m: float, hurdle: Hurdle) -> bool:
        distance_m, *links = self.world.nearest(arm_rad)
        if distance_m < room_m and self.watch.tries is not None:
            self.watch.note(Miss(hurdle, distance_m, 0.0, *self._pair(*links)))
        return distance_m >= room_m

    def _pair(self, first: str, second: str) -> tuple[str, str]:
        """Name two links, the one that moves first."""
        ours = (self.world.carried_link, *self.world.gripper_links)
        ordered = sorted((first, second), key=lambda link: (link not in ours, not link.startswith(f"{ROBOT}/")))
        words = [self._part(link) for link in ordered]
        return words[0], "itself" if words[0] == words[1] else words[1]

    def _part(self, link: str) -> str:
        if link in self.world.gripper_links:
            return "the hand"
        return "the arm" if link.startswith(f"{ROBOT}/") else _thing(link)

    def _base_from(self, T_world_tcp: Pose) -> Pose:
        return self._T_base_world @ T_world_tcp

    @cached_property
    def wrist(self) -> WristReach:
        """How far the arm's wrist gets."""
        return wrist_reach(self.world)

    @cached_property
    def _T_base_world(self) -> Pose:
        return self.world.T_world_base.inverse()


def _thing(link: str) -> str:
    """Name a link of the scene: by its prop alone where that is all of it."""
    return link.removesuffix("/body")
