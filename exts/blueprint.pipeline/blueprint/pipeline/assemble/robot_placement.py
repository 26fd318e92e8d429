"""Where the robot could stand: free places on the main support, and pedestals along its edges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pydantic import Field

from blueprint.pipeline.engine.stage import Settings
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.rooms import RoomBox
from blueprint.pipeline.scene.shapes import Array, inside_by_m, outline_gap_m, rectangle_m
from blueprint.pipeline.scene.supports import FLOOR, FLOOR_SURFACE, WorldSurface

from .free_ground import free_spots_m, room_share

PEDESTAL = "pedestal"
_FARTHER_M = (0.0, 0.03, 0.06, 0.1)
"""How much farther from the support pedestals are tried where nearer ones have no room."""
_LEVEL_M = 1e-6
MORE_TRIES = 4
"""Where heights are tried as well, so many times as many places are looked at."""
_RING_STEPS, _RING_SPREAD = 4, 2
"""A small arm's places are tried so many times finer, and so many times nearer, than its ring is wide."""
_NARROWEST_M = 0.08
"""A ring counts as this wide at least, also where a person's radii leave nothing of it."""
_AWAY = 2.0
"""What is farther away than so many outer radii of the ring is no reason to turn to it."""
_BEFORE_HANDLES_M = (0.0, 0.1, 0.2, 0.3)
"""How much farther from the support a robot may stand that also has to open what is under it."""
_LOWER_M = (0.0, 0.12, 0.24)
"""How much lower than the support it may stand then."""


class RobotSettings(Settings, frozen=True):
    """Which robot stands in the scene, and where it may stand."""

    name: str = Field(default="franka_panda", description="Robot of config/robots, or one's own in `robots`.")
    grid_m: float = Field(
        default=0.05, gt=0, le=0.5, description="Distance between the places that are tried, in metres."
    )
    clearance_m: float = Field(
        default=0.04, ge=0, le=0.5, description="Room between the robot's base and anything else, in metres."
    )
    pedestal_gap_m: float = Field(
        default=0.03, ge=0, le=0.5, description="Gap between a pedestal and the furniture, in metres."
    )
    near_m: float | None = Field(
        default=None,
        gt=0,
        description="Inner radius of the comfortable ring around the base, in metres; none means what the robot's "
        "description says.",
    )
    far_m: float | None = Field(
        default=None,
        gt=0,
        description="Outer radius of the comfortable ring around the base, in metres; none means what the robot's "
        "description says.",
    )
    tries: int = Field(default=10, ge=1, le=200, description="Number of places that are tested by inverse kinematics.")
    spacing_m: float = Field(
        default=0.12, ge=0, description="Least distance between places that are tested, in metres."
    )
    margin_m: float = Field(
        default=0.01,
        ge=0,
        le=0.03,
        description="Clearance of the arm, in metres, that a pose must have to count as reached.",
    )
    enough_comfort: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="Mean distance from joint limits, 1 in the middle of the ranges, at which a place from which all "
        "props are reached ends the search.",
    )
    placement: str | None = Field(
        default=None,
        description="Place given by a person, 'x y z yaw_deg' in metres and degrees in the world; no other is tried.",
    )


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a robot needs to stand: the base link's rectangle, in the base's frame, and the ring about it to work in.

    `ring_m` are the inner and outer radius; `floor_only` is a robot that is never put on furniture; `riser_m` is the
    height of the block that it stands on.
    """

    low_m: tuple[float, float]
    high_m: tuple[float, float]
    ring_m: tuple[float, float] = (0.3, 0.72)
    floor_only: bool = False
    riser_m: float = 0.0

    def outline_m(self, T_world_base: Pose) -> Array:
        """Return its outline in the world, shape (4, 2)."""
        half = (np.asarray(self.high_m) - self.low_m) / 2
        x, y = (np.asarray(self.high_m) + self.low_m) / 2
        return rectangle_m(T_world_base @ Pose((x, y, 0.0)), half.tolist())


@dataclass(frozen=True, slots=True)
class BasePlace:
    """A place for the robot, with what it rests on; `score` orders places before inverse kinematics has spoken.

    `room` is the share of the free ground that is wanted to put things down, 1 for all of it.
    """

    T_world_base: Pose
    rests_on: str
    pedestal: RoomBox | None
    in_ring: tuple[str, ...]
    score: float
    room: float = 1.0


@dataclass(frozen=True, slots=True)
class Workplace:
    """What the placement has to respect: the support, what the robot must reach, and outlines that are taken.

    `targets_m` are grasp points; `taken_m` has outlines of what stands on the support, `furniture_m` of what stands on
    the floor, the support's own prop included. `free_side_rad` is the heading to where the photo was taken: what lies
    behind the support nobody has seen, and often it is a wall.
    """

    surface: WorldSurface
    targets_m: Mapping[str, Array]
    taken_m: Sequence[Array]
    furniture_m: Sequence[Array]
    free_side_rad: float


def propose_places(work: Workplace, footprint: Footprint, settings: RobotSettings) -> list[BasePlace]:
    """Return free places, best first: most targets in the comfortable ring, then the middle of the ring."""
    places = [*_on_support(work, footprint, settings), *_on_pedestal(work, footprint, settings)]
    ordered = sorted(places, key=lambda place: (-len(place.in_ring), -place.score))
    return _with_room(
        _spread(ordered, spacing_m(footprint, settings), _tries(footprint, settings)), work, footprint, settings
    )


def propose_before_handles(work: Workplace, footprint: Footprint, settings: RobotSettings) -> list[BasePlace]:
    """Return free places to handle also what is below the support: farther from it, lower, and at its corners."""
    if work.surface.prop == FLOOR or footprint.floor_only:
        places = _on_floor(work, footprint, settings)
    else:
        places = [
            place
            for farther_m in _BEFORE_HANDLES_M
            for lower_m in _LOWER_M
            if lower_m < work.surface.height_m
            for place in _pedestals(work, footprint, settings, farther_m, lower_m=lower_m, corners=True)
        ]
    ordered = sorted(places, key=lambda place: (-len(place.in_ring), -place.score))
    return _with_room(
        _spread(ordered, spacing_m(footprint, settings), MORE_TRIES * settings.tries), work, footprint, settings
    )


def _on_support(work: Workplace, footprint: Footprint, settings: RobotSettings) -> list[BasePlace]:
    surface, step = work.surface, grid_m(footprint, settings)
    if surface.prop == FLOOR or footprint.floor_only:
        return _on_floor(work, footprint, settings)
    counts = [int(2 * half / step) for half in surface.half_size_m]
    grid = [(np.arange(count + 1) - count / 2) * step for count in counts]
    found: list[BasePlace] = []
    for x in grid[0]:
        for y in grid[1]:
            point = surface.T_world_surface.apply([x, y, 0.0]) + _up(footprint)
            place = _place(point, surface.prop, work, ring_m(footprint, settings))
            outline = footprint.outline_m(place.T_world_base)
            free = all(outline_gap_m(outline, taken) >= settings.clearance_m for taken in work.taken_m)
            if free and inside_by_m(outline, surface.outline_m()) >= 0:
                found.append(_on_riser(place, footprint, surface))
    return found


def _on_floor(work: Workplace, footprint: Footprint, settings: RobotSettings) -> list[BasePlace]:
    """Try a grid on the floor around what must be reached."""
    targets = np.stack(list(work.targets_m.values()))[:, :2]
    _, ring_far = ring_m(footprint, settings)
    low, high = targets.min(axis=0) - ring_far, targets.max(axis=0) + ring_far
    found: list[BasePlace] = []
    step = grid_m(footprint, settings)
    for x in np.arange(low[0], high[0], step):
        for y in np.arange(low[1], high[1], step):
            place = _place(np.array([x, y, 0.0]) + _up(footprint), FLOOR, work, ring_m(footprint, settings))
            outline = footprint.outline_m(place.T_world_base)
            others = [*work.taken_m, *work.furniture_m]
            if all(outline_gap_m(outline, taken) >= settings.clearance_m for taken in others):
                found.append(_on_riser(place, footprint, FLOOR_SURFACE))
    return found


def _on_pedestal(work: Workplace, footprint: Footprint, settings: RobotSettings) -> list[BasePlace]:
    """Try pedestals of the support's height around it, as near as something lower that juts out lets them stand."""
    if work.surface.prop == FLOOR or footprint.floor_only:
        return []
    tried = (_pedestals(work, footprint, settings, farther) for farther in _FARTHER_M)
    return next((places for places in tried if places), [])


def _pedestals(
    work: Workplace,
    footprint: Footprint,
    settings: RobotSettings,
    farther_m: float,
    *,
    lower_m: float = 0.0,
    corners: bool = False,
) -> list[BasePlace]:
    """Try pedestals around the support, on the side from which the photo was taken."""
    surface = work.surface
    out = float(max(map(abs, (*footprint.low_m, *footprint.high_m)))) + settings.pedestal_gap_m + farther_m
    found: list[BasePlace] = []
    free_side = np.array([np.cos(work.free_side_rad), np.sin(work.free_side_rad), 0.0])
    for x, y in _around(surface.half_size_m, out, grid_m(footprint, settings), corners=corners):
        point = surface.T_world_surface.apply([x, y, 0.0]) - np.array([0.0, 0.0, lower_m])
        if (point - surface.T_world_surface.position_m) @ free_side < 0:
            continue
        place = _place(point + _up(footprint), PEDESTAL, work, ring_m(footprint, settings))
        pedestal = pedestal_below(place.T_world_base, footprint, surface)
        outline = footprint.outline_m(place.T_world_base)
        if all(outline_gap_m(outline, taken) >= settings.pedestal_gap_m for taken in work.furniture_m):
            found.append(BasePlace(place.T_world_base, PEDESTAL, pedestal, place.in_ring, place.score))
    return found


def _around(
    half_size_m: Sequence[float], out_m: float, step_m: float, *, corners: bool = False
) -> list[tuple[float, float]]:
    x, y = half_size_m[0] + out_m, half_size_m[1] + out_m
    past_m = out_m if corners else 0.0
    along_x = np.arange(-half_size_m[0] - past_m, half_size_m[0] + past_m + 1e-9, step_m).tolist()
    along_y = np.arange(-half_size_m[1] - past_m, half_size_m[1] + past_m + 1e-9, step_m).tolist()
    return [(a, side * y) for side in (-1, 1) for a in along_x] + [(side * x, b) for side in (-1, 1) for b in along_y]


def pedestal_below(T_world_base: Pose, footprint: Footprint, surface: WorldSurface) -> RoomBox:
    """Return a box from the floor to the base."""
    height = T_world_base.position_m[2]
    below = surface.height_m - height
    where = "at the height of" if abs(below) < _LEVEL_M else f"{abs(below):.2f} m {'below' if below > 0 else 'above'}"
    why = f"carries the robot {where} {surface.prop}/{surface.name}, {height:.3f} m above the floor"
    return _block(T_world_base, footprint, height, why)


def _on_riser(place: BasePlace, footprint: Footprint, surface: WorldSurface) -> BasePlace:
    """Return a place with the block from the surface to the base, where the robot stands on one."""
    if footprint.riser_m == 0:
        return place
    why = f"raises the robot {footprint.riser_m:.2f} m above {surface.prop}/{surface.name}"
    return replace(place, pedestal=_block(place.T_world_base, footprint, footprint.riser_m, why))


def _block(T_world_base: Pose, footprint: Footprint, height_m: float, why: str) -> RoomBox:
    """Return a box that ends at the base and is as wide as that."""
    half = (np.asarray(footprint.high_m) - footprint.low_m) / 2
    x, y = (np.asarray(footprint.high_m) + footprint.low_m) / 2
    T_world_box = T_world_base @ Pose((float(x), float(y), -height_m / 2))
    size = (float(half[0]), float(half[1]), height_m / 2)
    return RoomBox(PEDESTAL, T_world_box, size, (0.35, 0.36, 0.38), 0.8, 0.7, why)


def _up(footprint: Footprint) -> Array:
    return np.array([0.0, 0.0, footprint.riser_m])


def ring_m(footprint: Footprint, settings: RobotSettings) -> tuple[float, float]:
    """Return the radii of the comfortable ring: a person's, or the robot's own."""
    near, far = footprint.ring_m
    return settings.near_m or near, settings.far_m or far


def grid_m(footprint: Footprint, settings: RobotSettings) -> float:
    """Return the distance between places on the grid, finer for a robot with a narrow ring."""
    return min(settings.grid_m, _ring_width_m(footprint, settings) / _RING_STEPS)


def spacing_m(footprint: Footprint, settings: RobotSettings) -> float:
    """Return the least distance between places that are tested."""
    return min(settings.spacing_m, _ring_width_m(footprint, settings) / _RING_SPREAD)


def _ring_width_m(footprint: Footprint, settings: RobotSettings) -> float:
    near, far = ring_m(footprint, settings)
    return max(far - near, _NARROWEST_M)


def _tries(footprint: Footprint, settings: RobotSettings) -> int:
    """Return how many places are tested: as many more as they are nearer to one another."""
    finer = settings.spacing_m / spacing_m(footprint, settings) if settings.spacing_m else 1.0
    return round(settings.tries * finer**2)


def _place(point_m: Array, rests_on: str, work: Workplace, ring: tuple[float, float]) -> BasePlace:
    near_m, far_m = ring
    offsets = {name: target[:2] - point_m[:2] for name, target in work.targets_m.items()}
    distances = {name: float(np.linalg.norm(offset)) for name, offset in offsets.items()}
    in_ring = tuple(name for name, d in distances.items() if near_m <= d <= far_m)
    middle = (near_m + far_m) / 2
    score = -float(np.mean([abs(d - middle) for d in distances.values()]))
    ahead = [offset for name, offset in offsets.items() if distances[name] <= _AWAY * far_m]
    T_world_base = Pose.from_yaw(point_m, facing_yaw_rad(ahead or list(offsets.values())))
    return BasePlace(T_world_base, rests_on, None, in_ring, score)


def facing_yaw_rad(offsets_m: Sequence[Array]) -> float:
    """Return the heading with the targets evenly to both sides: opposite to the middle of the widest empty sector."""
    angles = np.sort([np.arctan2(y, x) for x, y in offsets_m])
    gaps = np.diff(np.append(angles, angles[0] + 2 * np.pi))
    widest = int(np.argmax(gaps))
    middle = angles[widest] + gaps[widest] / 2 + np.pi
    return float(np.arctan2(np.sin(middle), np.cos(middle)))


def _spread(places: Sequence[BasePlace], least_m: float, count: int) -> list[BasePlace]:
    """Keep the best places that are not next to one another."""
    kept: list[BasePlace] = []
    for place in places:
        xyz = np.asarray(place.T_world_base.position_m)
        if all(np.linalg.norm(xyz - other.T_world_base.position_m) >= least_m for other in kept):
            kept.append(place)
        if len(kept) == count:
            break
    return kept


def _with_room(
    places: Sequence[BasePlace], work: Workplace, footprint: Footprint, settings: RobotSettings
) -> list[BasePlace]:
    """Return places with the room that each leaves on the support."""
    if work.surface.prop == FLOOR:
        return list(places)
    spots, ring = free_spots_m(work.surface, work.taken_m), ring_m(footprint, settings)
    poses = [place.T_world_base for place in places]
    rooms = [room_share(spots, pose, footprint.outline_m(pose), ring) for pose in poses]
    return [replace(place, room=room) for place, room in zip(places, rooms, strict=True)]


def given_place(placement: str) -> Pose:
    """Read a person's placement, 'x y z yaw_deg'; raises ValueError."""
    x, y, z, yaw_deg = (float(word) for word in placement.split())
    return Pose.from_yaw((x, y, z), np.deg2rad(yaw_deg))
