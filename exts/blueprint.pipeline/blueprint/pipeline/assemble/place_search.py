"""Find the robot's place: geometry proposes, inverse kinematics decides, the final model confirms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from blueprint.pipeline.errors import NothingUsable, RecipeError
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.scene.shapes import Array
from blueprint.pipeline.scene.supports import FLOOR, WorldSurface
from blueprint.pipeline.sims.kinematics import ArmKinematics
from blueprint.pipeline.sims.planning_world import MujocoPlanningWorld

from .composition import RobotStand, Studio, photo_heading_rad
from .openings import Opener, Opening, find_openings
from .parts import Part, Parts
from .reach import OpeningTask, Reach, free_grasps, grasps_of, measure_reach, open_world
from .rest import Settled
from .robot_placement import (
    BasePlace,
    Footprint,
    RobotSettings,
    Workplace,
    given_place,
    propose_before_handles,
    propose_places,
    ring_m,
)
from .supports import main_support
from .swept import swept_outlines_m

LOOKED_AT_THOROUGHLY = 2
LOOKED_AT_OPENING = 12
"""Number of places from which opening is planned, which takes ten times as long as a glance at the props."""
TASKS_WITH_A_PROP = 3
"""So many tasks there are for each prop in reach, beside those for doors and drawers; an open drawer adds one."""
LEAST_ROOM = 0.5
"""Share of the wanted free ground below which a place counts as one without room."""
_LEVEL_M = 0.02
"""Furniture that ends no higher above a support than this, such as a cabinet under a worktop, takes no room on it."""


@dataclass(frozen=True, eq=False)
class Search:
    """What places are judged by: grasps, the settled scene's geometry, where its photo was taken, doors and drawers.

    `photo_rad` is the heading from the scene to the camera.
    """

    grasps: Mapping[str, Sequence[Pose]]
    world: MujocoPlanningWorld
    kinematics: ArmKinematics
    poses: Mapping[str, Pose]
    photo_rad: float
    opener: Opener

    @property
    def graspable(self) -> tuple[str, ...]:
        """The props for which the gripper has a grasp at all."""
        return tuple(name for name, poses in self.grasps.items() if poses)


def look_for_grasps(parts: Parts, robot: Robot) -> dict[str, list[Pose]]:
    """Return T_prop_tcp of grasps of every prop that a robot is meant to pick."""
    return {name: grasps_of(part.entry, part.shape, robot) for name, part in parts.items() if part.graspable}


def prepare_search(settled: Settled, studio: Studio, found: Mapping[str, Sequence[Pose]], margin_m: float) -> Search:
    """Keep of the grasps that were found, T_prop_tcp, those at which the gripper fits into the settled scene."""
    robot = studio.robot
    corners = np.concatenate([part.shape.corners_m(part.T_world_prop) for part in settled.parts.values()])
    standing = {name: settled.parts[name].T_world_prop for name in found if name in settled.parts}
    grasps = {name: [T_world_prop @ T for T in found[name]] for name, T_world_prop in standing.items()}
    poses = {name: part.T_world_prop for name, part in settled.parts.items() if part.entry.movable}
    world = open_world(settled.model_folder, robot, poses)
    kinematics = ArmKinematics.load(settled.model_folder, robot)
    grasps = free_grasps(world, grasps, margin_m)
    opener = Opener(world, kinematics, poses, find_openings(world, settled.parts))
    return Search(grasps, world, kinematics, poses, photo_heading_rad(studio.scan, corners), opener)


def find_place(
    settled: Settled,
    search: Search,
    footprint: Footprint,
    settings: RobotSettings,
    taken_m: Sequence[Array] = (),
) -> RobotStand:
    """Return the free place from which most can be done with props, doors and drawers, the comfortable one of equals.

    `taken_m` are outlines of ground where nothing can stand, such as that behind walls.
    Raises NothingUsable where no place is free, RecipeError where a person's placement cannot be read.
    """
    given = _given(settled, footprint, settings)
    rounds = [given] if given else _proposed(settled, search, footprint, settings, taken_m)
    judge = Judge(search, settings, footprint)
    best = _best(judge, _look_around(judge, rounds))
    if best is None:
        raise NothingUsable(
            "place for the robot",
            [f"{settled.parts[name].entry.prop.id} must be reached" for name in search.graspable],
            remedy="Name one with assemble.robot.placement, or lower assemble.robot.clearance_m.",
        )
    place, reach = best
    return RobotStand(place.T_world_base, place.pedestal, reach.reached)


@dataclass(frozen=True, slots=True)
class Glance:
    """A place, what is reached from it, and the number of its round, counted down."""

    place: BasePlace
    reach: Reach
    round_down: int


def tasks_within(reach: Reach, *, room: bool = True) -> int:
    """Return about how many tasks a reach allows; doors of one piece of furniture are alike, and count once.

    Where there is no `room` to put things down, only one of a prop's tasks is left.
    """
    openings = {(task.prop, task.kind, task.opens) for task in reach.openings}
    drawer = any(kind == "prismatic" and opens for _, kind, opens in openings)
    return len(reach.reached) * ((TASKS_WITH_A_PROP if room else 1) + drawer) + len(openings)


def has_room(place: BasePlace) -> bool:
    """Whether a place leaves the robot about enough free ground to put things down."""
    return place.room >= LEAST_ROOM


@dataclass(frozen=True, eq=False)
class Judge:
    """Says what is reached from a place, by standing the robot of the settled model there."""

    search: Search
    settings: RobotSettings
    footprint: Footprint

    def reach(self, place: BasePlace, *, at_a_glance: bool = False) -> Reach:
        """Measure what is reached from a place."""
        search, margin_m = self.search, self.settings.margin_m
        search.world.stand_at(place.T_world_base)
        return measure_reach(search.world, search.kinematics, search.grasps, margin_m, at_a_glance=at_a_glance)

    def openings(self, place: BasePlace) -> tuple[OpeningTask, ...]:
        """Plan what can be done with doors and drawers from a place."""
        self.search.world.stand_at(place.T_world_base)
        return self.search.opener.done(self._possible(place))

    def at_best(self, glance: Glance) -> Glance:
        """Return a glance as if everything could be done with each door and drawer that the place may allow."""
        tasks = tuple(task for opening in self._possible(glance.place) for task in opening.tasks)
        return replace(glance, reach=replace(glance.reach, openings=tasks))

    def hope(self, glance: Glance) -> tuple[bool, int, float]:
        """Return what places are sorted by before opening is planned: what they allow at best, handles well placed."""
        near_m, far_m = ring_m(self.footprint, self.settings)
        x, y, _ = glance.place.T_world_base.position_m
        away = [float(np.hypot(*(each.handle_m[:2] - (x, y)))) for each in self.search.opener.openings]
        return *self.rank(glance.reach, room=has_room(glance.place)), -float(
            np.mean([abs(each - (near_m + far_m) / 2) for each in away])
        )

    def _possible(self, place: BasePlace) -> list[Opening]:
        outline = self.footprint.outline_m(place.T_world_base)
        return self.search.opener.possible(place.T_world_base, outline, self.settings.pedestal_gap_m)

    def rank(self, reach: Reach, *, room: bool = True) -> tuple[bool, int]:
        """Return what places are compared by: whether the robot stands free, and how much it can do."""
        return reach.home_clearance_m >= self.settings.margin_m, tasks_within(reach, room=room)

    def is_whole(self, reach: Reach) -> bool:
        """Whether everything is reached by a robot that stands free, and nothing opens besides."""
        everything = TASKS_WITH_A_PROP * len(self.search.graspable)
        return not self.search.opener.openings and self.rank(reach) == (True, everything)

    def is_enough(self, glance: Glance) -> bool:
        """Whether no better place needs to be looked for."""
        comfortable = glance.reach.comfort >= self.settings.enough_comfort
        return glance.place.room == 1 and comfortable and self.is_whole(glance.reach)

    def order(self, glance: Glance) -> tuple[bool, int, int, float]:
        """Return what places are sorted by: a place before a door has to allow more for it.

        A comfortable posture far outside of the ring is one of an arm that is stretched out, with no room to go on.
        """
        in_ring = sum(name in self.search.graspable for name in glance.place.in_ring)
        near = (1 + in_ring) / (1 + len(self.search.graspable))
        ranked = self.rank(glance.reach, room=has_room(glance.place))
        return (*ranked, glance.round_down, glance.reach.comfort * near * glance.place.room)


def _look_around(judge: Judge, rounds: Sequence[Sequence[BasePlace]]) -> list[Glance]:
    """Look at places until one is as good as any need be; a later round only where no place reaches everything."""
    seen: list[Glance] = []
    for number, places in enumerate(rounds):
        for place in places:
            seen.append(Glance(place, judge.reach(place, at_a_glance=True), -number))
            if judge.is_enough(seen[-1]):
                return seen
        if any(judge.is_whole(glance.reach) for glance in seen):
            break
    return seen


def _with_openings(judge: Judge, seen: Sequence[Glance]) -> list[Glance]:
    """Plan openings from the places that may allow most, until no other can come up to the best."""
    if not judge.search.opener.openings:
        return list(seen)
    found: list[Glance] = []
    for hoped in sorted(map(judge.at_best, seen), key=judge.hope, reverse=True):
        best = max(map(judge.order, found), default=None)
        if len(found) == LOOKED_AT_OPENING or (best is not None and judge.order(hoped)[:2] < best[:2]):
            break
        if best is not None and judge.order(hoped) <= best:
            # As much at best, and less comfortable: that is known before anything is opened.
            continue
        found.append(replace(hoped, reach=replace(hoped.reach, openings=judge.openings(hoped.place))))
    return found


def _best(judge: Judge, seen: Sequence[Glance]) -> tuple[BasePlace, Reach] | None:
    """Return the place from which most is reached: the most promising ones are looked at thoroughly."""
    ordered = sorted(_with_openings(judge, seen), key=judge.order, reverse=True)[:LOOKED_AT_THOROUGHLY]
    # A glance rarely misses more than one prop, and looking thoroughly at what is not reached takes longest.
    promising = [each for each in ordered if len(each.reach.reached) >= len(ordered[0].reach.reached) - 1]
    looked_at = [
        replace(each, reach=replace(judge.reach(each.place), openings=each.reach.openings)) for each in promising
    ]
    best = max(looked_at, key=judge.order, default=None)
    return (best.place, best.reach) if best else None


def _proposed(
    settled: Settled, search: Search, footprint: Footprint, settings: RobotSettings, taken_m: Sequence[Array]
) -> list[list[BasePlace]]:
    """Return places where nothing opens, and then, where something does, those before doors and drawers too."""
    surface = main_support(settled.standings, search.graspable)
    targets = {name: np.mean([pose.position_m for pose in search.grasps[name]], axis=0) for name in search.graspable}
    movable = [part for part in settled.parts.values() if part.entry.movable]
    others = [part for part in settled.parts.values() if not part.entry.movable]
    if not targets:
        return []
    taken = [*taken_m, *(_outline(part) for part in (*movable, *_above(settled.parts, surface)))]
    furniture = [*taken_m, *(_outline(part) for part in others)]
    opened = [outline for part in others for outline in swept_outlines_m(part.entry, part.shape)]
    clear, near = (Workplace(surface, targets, taken, [*furniture, *more], search.photo_rad) for more in (opened, ()))
    before = propose_places(near, footprint, settings) if opened else []
    return [propose_places(clear, footprint, settings), before, *_before_handles(search, near, footprint, settings)]


def _before_handles(
    search: Search, near: Workplace, footprint: Footprint, settings: RobotSettings
) -> list[list[BasePlace]]:
    """Return places for props and handles alike, and then, as they have to allow more, those that are lower."""
    handles = {each.joint: each.handle_m for each in search.opener.openings}
    if not handles:
        return []
    places = propose_before_handles(replace(near, targets_m={**near.targets_m, **handles}), footprint, settings)
    lower = [place for place in places if place.T_world_base.position_m[2] < near.surface.height_m - _LEVEL_M]
    return [[place for place in places if place not in lower], lower]


def _outline(part: Part) -> Array:
    return part.shape.outline_m(part.T_world_prop)


def _above(parts: Parts, surface: WorldSurface) -> list[Part]:
    """Return the furniture that reaches higher than the support it is not part of, such as a wall cupboard."""
    if surface.prop == FLOOR:
        return []
    others = [part for name, part in parts.items() if not part.entry.movable and name != surface.prop]
    tops = [part.shape.corners_m(part.T_world_prop)[:, 2].max() for part in others]
    return [part for part, top in zip(others, tops, strict=True) if top > surface.height_m + _LEVEL_M]


def _given(settled: Settled, footprint: Footprint, settings: RobotSettings) -> list[BasePlace]:
    if settings.placement is None:
        return []
    try:
        T_world_base = given_place(settings.placement)
    except ValueError as error:
        fault = f"assemble.robot.placement: {settings.placement!r} is not 'x y z yaw_deg' ({error})"
        raise RecipeError("recipe", [fault]) from error
    return [BasePlace(T_world_base, "", None, (), 0.0)]
