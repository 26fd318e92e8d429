"""Find the robot's place: geometry proposes, inverse kinematics decides, the final model confirms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from blueprint.pipeline.errors import NothingUsable, RecipeError
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.shapes import Array
from blueprint.pipeline.scene.supports import FLOOR
from blueprint.pipeline.sims.kinematics import ArmKinematics
from blueprint.pipeline.sims.rebase import write_rebased_model

from .composition import RobotStand, Studio, photo_heading_rad
from .parts import Part, Parts
from .reach import Reach, grasps_of, measure_reach
from .rest import Settled
from .robot_placement import (
    BasePlace,
    Footprint,
    RobotSettings,
    Workplace,
    given_place,
    propose_places,
)
from .supports import main_support
from .swept import swept_outlines_m


@dataclass(frozen=True, eq=False)
class Search:
    """The grasps that places are judged by, and the heading from the scene to where its photo was taken."""

    grasps: Mapping[str, Sequence[Pose]]
    kinematics: ArmKinematics
    poses: Mapping[str, Pose]
    photo_rad: float

    @property
    def graspable(self) -> tuple[str, ...]:
        """The props for which the gripper has a grasp at all."""
        return tuple(name for name, poses in self.grasps.items() if poses)


def prepare_search(settled: Settled, studio: Studio) -> Search:
    """Look for grasps of every prop that a robot is meant to pick."""
    robot = studio.robot
    corners = np.concatenate([part.shape.corners_m(part.T_world_prop) for part in settled.parts.values()])
    grasps = {name: grasps_of(part.entry, part.shape, robot) for name, part in settled.parts.items() if part.graspable}
    poses = {name: part.T_world_prop for name, part in settled.parts.items() if part.entry.movable}
    return Search(
        grasps, ArmKinematics.load(settled.model_folder, robot), poses, photo_heading_rad(studio.scan, corners)
    )


def find_place(
    scratch: Path,
    settled: Settled,
    search: Search,
    footprint: Footprint,
    settings: RobotSettings,
    taken_m: Sequence[Array] = (),
) -> RobotStand:
    """Return the free place from which most props are reached, the more comfortable one of equals.

    `taken_m` are outlines of ground where nothing can stand, such as that behind walls.
    Raises NothingUsable where no place is free, RecipeError where a person's placement cannot be read.
    """
    given = _given(settled, footprint, settings)
    rounds = [given] if given else _proposed(settled, search, footprint, settings, taken_m)
    best: tuple[BasePlace, Reach] | None = None
    for places in rounds:
        found = _best(scratch, places, settled, search, settings)
        # A place before a door has to reach more for it.
        if found and (best is None or _rank(found[1], settings) > _rank(best[1], settings)):
            best = found
        if best and _is_whole(best[1], search, settings):
            break
    if best is None:
        raise NothingUsable(
            "place for the robot",
            [f"{settled.parts[name].entry.prop.id} must be reached" for name in search.graspable],
            remedy="Name one with assemble.robot.placement, or lower assemble.robot.clearance_m.",
        )
    place, reach = best
    return RobotStand(place.T_world_base, place.pedestal, reach.reached)


def _best(
    scratch: Path, places: Sequence[BasePlace], settled: Settled, search: Search, settings: RobotSettings
) -> tuple[BasePlace, Reach] | None:
    """Return the place from which most is reached; one that is comfortable and reaches all ends the search."""
    judged: list[tuple[BasePlace, Reach]] = []
    for place in places:
        reach = _judge(scratch, place, settled, search, settings)
        judged.append((place, reach))
        if _is_whole(reach, search, settings) and reach.comfort >= settings.enough_comfort:
            break
    return max(judged, key=lambda entry: (*_rank(entry[1], settings), entry[1].comfort), default=None)


def _rank(reach: Reach, settings: RobotSettings) -> tuple[bool, int]:
    return _stands_free(reach, settings), len(reach.reached)


def _is_whole(reach: Reach, search: Search, settings: RobotSettings) -> bool:
    return reach.reached == search.graspable and _stands_free(reach, settings)


def _stands_free(reach: Reach, settings: RobotSettings) -> bool:
    return reach.home_clearance_m >= settings.margin_m


def _judge(scratch: Path, place: BasePlace, settled: Settled, search: Search, settings: RobotSettings) -> Reach:
    write_rebased_model(settled.model_folder, scratch, search.kinematics.robot, place.T_world_base)
    return measure_reach(scratch, search.kinematics, search.poses, search.grasps, settings.margin_m)


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
    taken = [*taken_m, *(_outline(part) for part in (*movable, *_above(settled.parts, surface.prop)))]
    furniture = [*taken_m, *(_outline(part) for part in others)]
    opened = [outline for part in others for outline in swept_outlines_m(part.entry, part.shape)]
    clear, near = (Workplace(surface, targets, taken, [*furniture, *more], search.photo_rad) for more in (opened, ()))
    before = propose_places(near, footprint, settings) if opened else []
    return [propose_places(clear, footprint, settings), before]


def _outline(part: Part) -> Array:
    return part.shape.outline_m(part.T_world_prop)


def _above(parts: Parts, support: str) -> list[Part]:
    """Return the furniture that stands higher than the support it is not part of, such as a wall cupboard."""
    if support == FLOOR:
        return []
    return [part for name, part in parts.items() if not part.entry.movable and name != support]


def _given(settled: Settled, footprint: Footprint, settings: RobotSettings) -> list[BasePlace]:
    if settings.placement is None:
        return []
    try:
        T_world_base = given_place(settings.placement)
    except ValueError as error:
        fault = f"assemble.robot.placement: {settings.placement!r} is not 'x y z yaw_deg' ({error})"
        raise RecipeError("recipe", [fault]) from error
    return [BasePlace(T_world_base, "", None, (), 0.0)]
