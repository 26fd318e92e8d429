"""What of doors and drawers the arm opens and shuts from a place: planned by the skills that will do it later.

The handles are found by geometry; which of them hold is seen when grasps are tried.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from blueprint.pipeline.episode.grasps import GraspTable, TriedGrasp
from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.planning.grasps import varied
from blueprint.pipeline.planning.handles import propose_handles
from blueprint.pipeline.planning.planners import Untravelled
from blueprint.pipeline.planning.workspace import Workspace
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.randomness import stream
from blueprint.pipeline.scene.shapes import Array, outline_gap_m
from blueprint.pipeline.sims.antipodal import GraspSearch
from blueprint.pipeline.sims.kinematics import ArmKinematics
from blueprint.pipeline.sims.model import ROBOT
from blueprint.pipeline.sims.planning_world import MujocoPlanningWorld
from blueprint.pipeline.skills.means import Distances, Means
from blueprint.pipeline.skills.search import Bounds, Refusal, Search
from blueprint.pipeline.skills.situation import Situation

from .parts import Part, Parts
from .reach import OpeningTask
from .swept import swept_between_m

GRASPS_PER_HANDLE = 6
_OPENED = {"revolute": 0.55, "prismatic": 0.75}
"""Share of a joint's range to which a part has to be opened; more is asked of a drawer, which is put into."""
_AJAR = (0.35, 0.55)
"""Shares of its range between which a part stands that is to be shut; both have to do."""
_LET_GO, _HALF_SHUT = 0.4, 0.2
"""Shares of its range at which a door that is opened is let go of, and at which one that is shut is pushed anew."""
_SEARCH = GraspSearch(samples=120, approaches=24, tilt_limit_rad=0.7)
"""Fewer samples than for the grasps that are tried: handles are bars and knobs, and places are many."""
_BOUNDS = Bounds(alternatives=2, nodes=8)
_DISTANCES = Distances(approach_m=0.08, lift_m=0.1, retreat_m=0.08, near_m=0.002, padding_m=0.005, drop_m=0.002)
_SEED = 0
_RETREAT_M = 0.1
_BESIDES_M = 0.2
"""No handle farther from the base than the arm's reach and this is tried: the gripper is in it."""


@dataclass(frozen=True, eq=False)
class Opening:
    """A door or drawer: its joint, the range of it that is used, its part, grasps of it, and the ground it needs.

    `shut`, `ajar` and `opened` are positions of the joint, in rad or m; `handle_m` is a point of its handle in the
    world when shut, `swept_m` are outlines of its part on its way from shut to opened.
    """

    prop: str
    link: str
    joint: str
    kind: Literal["revolute", "prismatic"]
    shut: float
    ajar: tuple[float, float]
    opened: float
    table: GraspTable
    handle_m: Array
    swept_m: tuple[Array, ...]

    def at(self, share: float) -> float:
        """Return where the joint stands at a share of its range."""
        return self.shut + share / _OPENED[self.kind] * (self.opened - self.shut)

    @property
    def tasks(self) -> tuple[OpeningTask, OpeningTask]:
        """What is to be done with it: open it, and shut it."""
        opened, shut = (OpeningTask(self.prop, self.joint, self.kind, opens) for opens in (True, False))
        return opened, shut


def find_openings(world: MujocoPlanningWorld, parts: Parts) -> list[Opening]:
    """Return the doors and drawers of a scene that the gripper can take hold of."""
    return [found for part in parts.values() if not part.entry.movable for found in _openings_of(world, part)]


def _openings_of(world: MujocoPlanningWorld, part: Part) -> Iterator[Opening]:
    prop, robot = part.entry.prop, world.robot
    for joint in prop.joints:
        name = f"{prop.id}/{joint.name}"
        rng = stream(_SEED, 0, f"openings/{name}")
        link, handles = propose_handles(world, name, robot, rng, _SEARCH)
        chosen = varied([handle.candidate for handle in handles], GRASPS_PER_HANDLE)
        if not chosen:
            continue
        costs = {id(handle.candidate): handle.cost for handle in handles}
        grasps = tuple(
            TriedGrasp(link, each.T_prop_tcp, each.width_m, each.tilt_rad, costs[id(each)], 0, 0, 0.0, 0.0)
            for each in chosen
        )
        span = joint.upper - joint.lower
        ajar = (joint.lower + _AJAR[0] * span, joint.lower + _AJAR[1] * span)
        opened = joint.lower + _OPENED[joint.kind] * span
        frame = world.link_pose(link) @ world.compiled.body(link).T_prop_body.inverse()
        handle_m = np.mean([(frame @ each.T_prop_tcp).position_m for each in chosen], axis=0)
        table = GraspTable(prop.id, robot.name, "null", len(handles), grasps)
        swept = swept_between_m(part.entry, part.shape, joint, joint.lower, opened)
        yield Opening(prop.id, joint.child, name, joint.kind, joint.lower, ajar, opened, table, handle_m, tuple(swept))


@dataclass(frozen=True, eq=False)
class Opener:
    """Opens and shuts doors and drawers of a settled scene, T_world_prop of what is movable given, in thought."""

    world: MujocoPlanningWorld
    kinematics: ArmKinematics
    poses: Mapping[str, Pose]
    openings: Sequence[Opening]

    def possible(self, T_world_base: Pose, outline_m: Array, room_m: float) -> list[Opening]:
        """Return what might be opened from a place: within an arm's length, and without coming near the robot's stand.

        `outline_m` (N, 2) is the ground that the robot and what it stands on take up, `room_m` what is kept to it.
        """
        base_m, reach_m = np.asarray(T_world_base.position_m), self.world.robot.reach_m + _BESIDES_M
        near = [each for each in self.openings if np.linalg.norm((each.handle_m - base_m)[:2]) <= reach_m]
        return [each for each in near if all(outline_gap_m(outline_m, swept) >= room_m for swept in each.swept_m)]

    def done(self, openings: Iterable[Opening]) -> tuple[OpeningTask, ...]:
        """Return what can be done by the robot where it stands."""
        # Everything that is planned with knows where the robot stands, so it is made anew for each place.
        workspace = Workspace(self.world.robot, self.world, self.kinematics)
        found = tuple(task for each in openings for task in self._done(workspace, each))
        self._all_shut()
        return found

    def _done(self, workspace: Workspace, opening: Opening) -> Iterator[OpeningTask]:
        opens, shuts = opening.tasks
        if self._moves(workspace, opening, opening.shut, ways_to_open(opening)):
            yield opens
        if all(self._moves(workspace, opening, ajar, ways_to_shut(opening)) for ajar in opening.ajar):
            yield shuts

    def _moves(self, workspace: Workspace, opening: Opening, start: float, ways: Iterable[tuple[Step, ...]]) -> bool:
        means = Means(workspace, {opening.prop: opening.table}, _DISTANCES)
        search, instant = Search(means, Untravelled(), _BOUNDS, _SEED), self._instant(opening.joint, start)
        return any(not isinstance(search.chain(instant, steps), Refusal) for steps in ways)

    def _instant(self, joint: str, position: float) -> Situation:
        robot = self.world.robot
        joints = {entry.name: 0.0 for entry in self.world.compiled.joints if not entry.name.startswith(f"{ROBOT}/")}
        return Situation(
            np.array(robot.arm.home_rad), robot.gripper.max_width_m, self.poses, {**joints, joint: position}
        )

    def _all_shut(self) -> None:
        for opening in self.openings:
            self.world.set_joint(opening.joint, 0.0)
        self.world.set_gripper(self.world.robot.gripper.max_width_m)
        self.world.only_allow([])


def ways_to_open(opening: Opening) -> Iterator[tuple[Step, ...]]:
    """Yield the ways of config/tasks to open a part: by its handle, a door also from behind once it stands ajar."""
    yield _held(opening, opening.opened)
    if opening.kind == "revolute":
        yield (*_held(opening, opening.at(_LET_GO)), *_pushed(opening, opening.opened))


def ways_to_shut(opening: Opening) -> Iterator[tuple[Step, ...]]:
    """Yield the ways of config/tasks to shut a part, those that are refused fastest first."""
    yield _pushed(opening, opening.shut)
    if opening.kind == "revolute":
        yield (*_pushed(opening, opening.at(_HALF_SHUT)), *_pushed(opening, opening.shut))
    yield _held(opening, opening.shut)


def _held(opening: Opening, target: float) -> tuple[Step, ...]:
    roles = {"prop": opening.prop, "link": opening.link, "joint": opening.joint}
    return (
        Step("grasp", roles),
        Step("follow_joint", roles, {"target": target}),
        Step("release", roles),
        Step("retreat", roles, {"distance_m": _RETREAT_M}),
    )


def _pushed(opening: Opening, target: float) -> tuple[Step, ...]:
    roles = {"prop": opening.prop, "joint": opening.joint}
    return Step("shove", roles, {"target": target}), Step("retreat", roles, {"distance_m": _RETREAT_M})
