"""One attempt at a task: plan the pick, do it, measure how the object sits in the hand, plan the place, do it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.outcomes import FailureCode, Verdict
from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.planning.motion import Free, SearchBounds, plan_motion
from blueprint.pipeline.planning.timing import Pace, timed
from blueprint.pipeline.planning.workspace import Workspace
from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.sims.antipodal import GraspCandidate
from blueprint.pipeline.skills.reachability import Distances, PickPlan, PlacePlan, reach_pick, reach_place
from blueprint.pipeline.tasks.placements import Placement

from .driver import Driver

Array = NDArray[np.float64]

_EMPTY_GRIP_M = 0.002


@dataclass(frozen=True, slots=True)
class Paces:
    """How fast each kind of motion is."""

    free: Pace
    carrying: Pace
    straight: Pace


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many grasps, places and searches one attempt may try."""

    grasps: int
    placements: int
    ways: int
    search: SearchBounds


@dataclass(frozen=True, eq=False, slots=True)
class Choice:
    """A pick with a place that can follow it, and the arm's way to it."""

    pick: PickPlan
    placement: Placement
    way_rad: Array


@dataclass
class Notes:
    """What was measured while planning; enters the outcome's measures."""

    retries: int = 0
    ik_position_error_m: float = 0.0
    ik_rotation_error_rad: float = 0.0
    clearance_m: float = np.inf
    grasp: dict[str, float] = field(default_factory=dict[str, float])


class Attempt:
    """The planning side of one episode; `support` is the prop on which the object stands and is to be placed."""

    def __init__(
        self,
        workspace: Workspace,
        prop: str,
        support: str,
        *,
        distances: Distances,
        paces: Paces,
        bounds: Bounds,
        seed: int,
    ) -> None:
        self.workspace, self.prop, self.support = workspace, prop, support
        self.distances, self.paces, self.bounds, self.seed = distances, paces, bounds, seed
        self.notes = Notes()

    # --- deciding

    def choose(
        self, start_rad: Array, grasps: Sequence[GraspCandidate], placements: Sequence[Placement]
    ) -> Choice | Verdict:
        """Find the first grasp that can be reached, from which some placement can be reached, and the way to it."""
        if not grasps:
            return Verdict(FailureCode.NO_GRASP, None, f"no antipodal grasp of {self.prop} fits the gripper")
        reached, ways = False, 0
        for pick in self._picks(grasps):
            reached = True
            placement = next((p for p in placements[: self.bounds.placements] if self._fits(pick, p)), None)
            if placement is None:
                continue
            ways += 1
            way = self._way_to(start_rad, pick.approach.path_rad[0])
            if way is not None:
                self._note(pick)
                return Choice(pick, placement, way)
            if ways == self.bounds.ways:
                break
        if not reached:
            return Verdict(FailureCode.UNREACHABLE, None, f"no grasp of {self.prop} can be reached free of collisions")
        if not ways:
            return Verdict(FailureCode.UNREACHABLE, None, f"no drawn region can be reached with a grasp of {self.prop}")
        return Verdict(FailureCode.NO_PLAN, None, f"no collision-free way to a grasp of {self.prop} was found")

    def _picks(self, grasps: Sequence[GraspCandidate]) -> Iterator[PickPlan]:
        for grasp in grasps[: self.bounds.grasps]:
            yield from reach_pick(self.workspace, self.prop, self.support, grasp, self.distances)

    def _fits(self, pick: PickPlan, placement: Placement) -> bool:
        return (
            next(self._places(pick.T_tcp_prop, placement, pick.grasp.width_m, pick.lift.path_rad[-1]), None) is not None
        )

    def _places(self, T_tcp_prop: Pose, placement: Placement, width_m: float, seed_rad: Array) -> Iterator[PlacePlan]:
        return reach_place(
            self.workspace,
            self.prop,
            self.support,
            T_tcp_prop,
            placement.T_world_prop,
            width_m,
            [seed_rad],
            self.distances,
        )

    def _way_to(self, start_rad: Array, goal_rad: Array) -> Array | None:
        self.workspace.world.set_gripper(self.workspace.robot.gripper.max_width_m)
        return self._plan(start_rad, goal_rad)

    def _plan(self, start_rad: Array, goal_rad: Array) -> Array | None:
        free = Free(
            padded=lambda posture: self.workspace.is_clear(posture, self.distances.padding_m),
            safe=lambda posture: self.workspace.is_clear(posture, self.distances.near_m),
        )
        motion = plan_motion(
            start_rad,
            goal_rad,
            free,
            self.workspace.robot,
            seed=self.seed,
            bounds=self.bounds.search,
        )
        if motion is None:
            return None
        self.notes.retries += motion.retries
        self.notes.clearance_m = min(self.notes.clearance_m, self.workspace.clearance_m(motion.path_rad))
        return motion.path_rad

    def _note(self, pick: PickPlan) -> None:
        grasp = pick.grasp
        self.notes.grasp = {
            "grasp_width_m": grasp.width_m,
            "grasp_lever_m": grasp.lever_m,
            "grasp_slant_rad": grasp.slant_rad,
            "grasp_tilt_rad": grasp.tilt_rad,
            "grasp_contact_share": grasp.contact_share,
        }
        for line in (pick.approach, pick.lift):
            self.notes.ik_position_error_m = max(self.notes.ik_position_error_m, line.position_error_m)
            self.notes.ik_rotation_error_rad = max(self.notes.ik_rotation_error_rad, line.rotation_error_rad)

    # --- doing

    def carry_out(self, driver: Driver, choice: Choice) -> Verdict | None:
        """Pick and place; a verdict is returned where the rest could not be planned or nothing was gripped."""
        pick = choice.pick
        self._drive(driver, choice.way_rad, self.paces.free, Phase.REACH)
        self._drive(driver, pick.approach.path_rad, self.paces.straight, Phase.APPROACH)
        if driver.close_gripper() < _EMPTY_GRIP_M:
            return Verdict(FailureCode.SLIPPED, driver.recording.frame_count - 1, "the fingers met without the object")
        self._drive(driver, pick.lift.path_rad, self.paces.carrying, Phase.LIFT)
        return self._set_down(driver, choice)

    def _set_down(self, driver: Driver, choice: Choice) -> Verdict | None:
        """Plan the place from how the object really sits in the hand, and do it."""
        layout, world = driver.layout, self.workspace.world
        arm_rad = driver.command[: len(layout.arm_rows)]
        poses = layout.prop_poses(driver.observation)
        for name, pose in poses.items():
            world.move_prop(name, pose)
        T_tcp_prop = layout.tool_pose(driver.observation).inverse() @ poses[self.prop]
        width_m = layout.gripper_width_m(driver.observation)
        for place in self._places(T_tcp_prop, self._lowest(choice.placement), width_m, arm_rad):
            way = self._carry_way(T_tcp_prop, width_m, arm_rad, place.lower.path_rad[0])
            if way is not None:
                for line in (place.lower, place.retreat):
                    self.notes.ik_position_error_m = max(self.notes.ik_position_error_m, line.position_error_m)
                    self.notes.ik_rotation_error_rad = max(self.notes.ik_rotation_error_rad, line.rotation_error_rad)
                self._drive(driver, way, self.paces.carrying, Phase.CARRY)
                self._drive(driver, place.lower.path_rad, self.paces.straight, Phase.LOWER)
                driver.open_gripper()
                self._drive(driver, place.retreat.path_rad, self.paces.straight, Phase.RETREAT)
                return None
        frame = driver.recording.frame_count - 1
        return Verdict(FailureCode.NO_PLAN, frame, "no collision-free way to the region with the object in hand")

    def _lowest(self, placement: Placement) -> Placement:
        x, y, z = placement.T_world_prop.position_m
        pose = Pose(vec3([x, y, z + self.distances.drop_m]), placement.T_world_prop.quat_wxyz)
        return Placement(placement.region, pose)

    def _carry_way(self, T_tcp_prop: Pose, width_m: float, start_rad: Array, goal_rad: Array) -> Array | None:
        world = self.workspace.world
        world.attach(self.prop, T_tcp_prop)
        world.set_gripper(width_m)
        way = self._plan(start_rad, goal_rad)
        world.detach()
        return way

    def _drive(self, driver: Driver, path_rad: Array, pace: Pace, phase: Phase) -> None:
        tool_m = self.workspace.tool_points_m(path_rad)
        driver.follow(timed(path_rad, tool_m, self.workspace.robot, pace, driver.recording.fps), phase)
