"""Free rectangles on a support surface: for one prop, for several beside each other, and at the end of a push."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.goals import Region
from blueprint.pipeline.scene.poses import Pose, vec3

from .drawn import Drawn
from .room_above import Flags, Plane, named_blockers, overlapping, overlaps
from .situation import Array, Situation
from .spoils import Spoils
from .standing import support_of

DRAWS = 256
EDGE_M = 0.01
"""Distance of a region to the edge of its surface."""
CLEAR_M = 0.003
"""What rises less than this above a surface is no obstacle on it."""
YAWS_RAD = (0.0, 0.0, np.pi / 2, -np.pi / 2, np.pi / 4, -np.pi / 4)
"""Turns of a prop on its surface; as it stands is twice as likely as any other."""

HAND_M = (0.11, 0.09)
"""Level room, across and along, that a hand needs behind what it pushes."""
_HEADINGS, _TURNS = 16, 45
_STEP_M = 0.02
_OVER_EDGE = "over the edge of the surface"


@dataclass(frozen=True, eq=False)
class Ground:
    """A support surface in the world."""

    plane: Plane
    half_size_m: Array
    support: str
    surface: str

    @classmethod
    def of(cls, situation: Situation, name: str) -> "Ground":
        """Find a surface by `<prop>/<surface>`."""
        owner, surface = situation.surface(name)
        T = situation.link_pose(owner.prop.id, surface.body) @ surface.T_prop_surface
        return cls(Plane.of(T), np.asarray(surface.half_size_m), owner.prop.id, name)

    @property
    def height_m(self) -> float:
        """Height of the surface above the floor."""
        return float(self.plane.origin_m[2])

    def region(self, center_flat: Array, half: Array, name: str) -> Region:
        """Return a region of it from its middle and half size in the plane's axes."""
        x, y = half.tolist()
        return Region(name, self.support, vec3(self.plane.world(center_flat)), (x, y), self.plane.yaw_rad)


def free_regions(
    situation: Situation,
    prop: str,
    ground: Ground,
    rng: np.random.Generator,
    *,
    margin_m: float,
    gap_m: float,
    least_move_m: float,
    name: str,
    side: str | None = None,
    spoils: Spoils | None = None,
) -> Iterator[Drawn]:
    """Yield free regions as large as a prop's shadow and a margin, in random order."""
    stood = [_Stood.at(situation, prop, ground, yaw) for yaw in YAWS_RAD]
    turn = rng.integers(len(YAWS_RAD), size=DRAWS)
    at = _drawn_m(situation, ground, rng)
    half = np.stack([each.half_m for each in stood])[turn] + margin_m
    middle = np.stack([each.middle_m for each in stood])[turn]
    height_m = float(np.ptp(situation.box_m(prop)[:, 2]))
    names, others = named_blockers(
        situation, ground.plane, ground.height_m + CLEAR_M, ground.height_m + height_m, (prop,)
    )
    here = ground.plane.flat(np.asarray(situation.pose(prop).position_m))
    fits = [
        (_OVER_EDGE, (np.abs(at) + half + EDGE_M <= ground.half_size_m).all(axis=1)),
        (_farther(situation), within_reach(situation, ground.plane.world(at))),
        (_off_side(side), on_side(situation, ground, at, side)),
        (_too_near(least_move_m), np.linalg.norm(at - middle - here, axis=1) >= least_move_m),
    ]
    for draw in _free(fits, overlaps(at - half - gap_m, at + half + gap_m, others), names, spoils):
        pose = stood[turn[draw]].moved(ground.plane, at[draw])
        yield Drawn({prop: pose}, ground.region(at[draw], half[draw], name))


def _free(
    fits: Sequence[tuple[str, Flags]], touched: Flags, names: Sequence[str], spoils: Spoils | None
) -> NDArray[np.intp]:
    """Return the numbers of the places (D,) that meet all conditions and touch nothing (D, N), and count the others."""
    if spoils is not None:
        spoils.sort(fits, touched, names)
    return np.flatnonzero(np.all([holds for _, holds in fits], axis=0) & ~touched.any(axis=1))


def _farther(situation: Situation) -> str:
    return f"farther from the robot's base than {situation.reach_m:.2f} m"


def _off_side(side: str | None) -> str:
    return f"outside of its {side} half"


def _too_near(least_move_m: float) -> str:
    return f"less than {least_move_m:.2f} m from where it stands"


def _drawn_m(situation: Situation, ground: Ground, rng: np.random.Generator) -> Array:
    """Draw points (DRAWS, 2) on a surface, about the robot where it reaches a part of it only."""
    base_m = ground.plane.flat(np.asarray(situation.T_world_base.position_m))
    low = np.maximum(-ground.half_size_m, base_m - situation.reach_m)
    high = np.minimum(ground.half_size_m, base_m + situation.reach_m)
    if (low >= high).any():
        low, high = -ground.half_size_m, ground.half_size_m
    return rng.uniform(-1.0, 1.0, (DRAWS, 2)) * ((high - low) / 2) + (low + high) / 2


def zones(
    situation: Situation,
    props: Sequence[str],
    ground: Ground,
    rng: np.random.Generator,
    *,
    margin_m: float,
    gap_m: float,
    least_move_m: float,
    name: str,
    side: str | None = None,
    spoils: Spoils | None = None,
) -> Iterator[Drawn]:
    """Yield free regions that take several props in a row, each as it stands."""
    stood = [_Stood.at(situation, prop, ground, 0.0) for prop in props]
    halves = np.stack([each.half_m for each in stood]) + margin_m
    heights = [float(np.ptp(situation.box_m(prop)[:, 2])) for prop in props]
    names, others = named_blockers(situation, ground.plane, ground.height_m + CLEAR_M, ground.height_m + max(heights))
    here = np.stack([ground.plane.flat(np.asarray(situation.pose(prop).position_m)) for prop in props])
    for along in rng.permutation(2):
        across = 1 - along
        half = np.zeros(2)
        half[along], half[across] = halves[:, along].sum(), halves[:, across].max()
        at = _drawn_m(situation, ground, rng)
        seats = np.zeros((len(props), 2))
        seats[:, along] = np.cumsum(2 * halves[:, along]) - halves[:, along] - half[along]
        places = at[:, None] + seats
        fits = [
            (_OVER_EDGE, (np.abs(at) + half + EDGE_M <= ground.half_size_m).all(axis=1)),
            (_farther(situation), within_reach(situation, ground.plane.world(places)).all(axis=1)),
            (_off_side(side), on_side(situation, ground, at, side)),
            (_too_near(least_move_m), (np.linalg.norm(places - here, axis=2) >= least_move_m).all(axis=1)),
        ]
        for draw in _free(fits, overlaps(at - half - gap_m, at + half + gap_m, others), names, spoils):
            rows = zip(props, stood, places[draw], strict=True)
            poses = {prop: each.moved(ground.plane, place) for prop, each, place in rows}
            yield Drawn(poses, ground.region(at[draw], half, name))


def pushes(
    situation: Situation,
    prop: str,
    ground: Ground,
    rng: np.random.Generator,
    *,
    distance_m: tuple[float, float],
    margin_m: float,
    gap_m: float,
    name: str,
    spoils: Spoils | None = None,
) -> Iterator[Drawn]:
    """Yield regions at the end of a straight free corridor that begins at the prop.

    Those with room for a hand behind it come first; elsewhere the hand has to come from a side.
    """
    stood = _Stood.at(situation, prop, ground, 0.0)
    here = stood.middle_m + ground.plane.flat(np.asarray(situation.pose(prop).position_m))
    height_m = float(np.ptp(situation.box_m(prop)[:, 2]))
    names, others = named_blockers(
        situation, ground.plane, ground.height_m + CLEAR_M, ground.height_m + height_m, (prop,)
    )
    half, margin = stood.half_m, np.full(2, margin_m)
    level = Plane(np.zeros(3), ground.plane.yaw_rad)
    turn_rad = box_turn_rad(level.flat(stood.turned.apply(situation.corners_m(prop))))
    crowded: list[Drawn] = []
    for along, length_m in _strokes(turn_rad, rng, distance_m):
        target = here + along * length_m
        low, high = target - half - margin, target + half + margin
        on_surface = (np.abs(target) + half + margin + EDGE_M <= ground.half_size_m).all()
        reached = within_reach(situation, ground.plane.world(np.stack([here, target]))).all()
        fits = [(_OVER_EDGE, np.array([on_surface])), (_farther(situation), np.array([reached]))]
        touched = overlaps(low[None], high[None], others)
        if not (on_surface and reached) or touched.any():
            _free(fits, touched, names, spoils)
            continue
        in_way = _in_corridor(here, along, length_m, half + gap_m, others)
        _free(fits, in_way[None], names, spoils)
        if not in_way.any():
            drawn = Drawn({prop: stood.moved(ground.plane, target)}, ground.region(target, half + margin, name))
            if _hand_has_room(here, along, half, others):
                yield drawn
            else:
                crowded.append(drawn)
    yield from crowded


def _strokes(
    turn_rad: float, rng: np.random.Generator, distance_m: tuple[float, float]
) -> Iterator[tuple[Array, float]]:
    """Yield level unit directions (2,) with ways in metres: square to a box so turned, all around, and last short ones.

    What is pushed at a flat side stays as it is, and a short push is possible where a longer one is not.
    """
    between = 2 * np.pi / _HEADINGS
    square, aslant = np.arange(0, _HEADINGS, _HEADINGS // 4), [k for k in range(_HEADINGS) if k % (_HEADINGS // 4)]
    order = [(float(step), float(rng.uniform(*distance_m))) for step in rng.permutation(square)]
    order += [(float(step), float(rng.uniform(*distance_m))) for step in rng.permutation(aslant)]
    order += [(step + 0.5, distance_m[0]) for step in rng.permutation(_HEADINGS).tolist()]
    for step, length_m in order:
        heading = turn_rad + step * between
        yield np.array([np.cos(heading), np.sin(heading)]), length_m


def box_turn_rad(points_m: Array) -> float:
    """Return how far the smallest rectangle around level points (K, 2) is turned, less than a quarter turn."""
    turns = np.linspace(0.0, np.pi / 2, _TURNS, endpoint=False)
    along = np.ptp(points_m @ np.stack([np.cos(turns), np.sin(turns)]), axis=0)
    across = np.ptp(points_m @ np.stack([-np.sin(turns), np.cos(turns)]), axis=0)
    return float(turns[int(np.argmin(along * across))])


def stood(situation: Situation, prop: str, *, margin_m: float, name: str) -> Drawn:
    """Return where a prop stands now, and as the region its shadow there and a margin, on what carries it."""
    pose = situation.pose(prop)
    points = pose.apply(situation.corners_m(prop))
    support = support_of(situation.manifest, pose)
    yaw_rad = 0.0
    if support is not None:
        owner, surface = support
        yaw_rad = Plane.of(situation.link_pose(owner.prop.id, surface.body) @ surface.T_prop_surface).yaw_rad
    base = Plane(np.array([*pose.position_m[:2], points[:, 2].min()]), yaw_rad)
    low, high = base.shadow(points)
    x, y = ((high - low) / 2 + margin_m).tolist()
    region = Region(name, support[0].prop.id if support else prop, vec3(base.world((low + high) / 2)), (x, y), yaw_rad)
    return Drawn({prop: pose}, region)


def on_side(situation: Situation, ground: Ground, at: Array, side: str | None) -> Flags:
    """Return which points (..., 2) of a surface lie in its left, right, front or back half as the robot sees it."""
    if side is None:
        return np.ones(at.shape[:-1], dtype=bool)
    T_base_world = situation.T_world_base.inverse()
    beyond = T_base_world.apply(ground.plane.world(at)) - T_base_world.apply(ground.plane.world(np.zeros(2)))
    axis, sign = {"left": (1, 1), "right": (1, -1), "back": (0, 1), "front": (0, -1)}[side]
    return sign * beyond[..., axis] > 0


def within_reach(situation: Situation, points_m: Array) -> Flags:
    """Return which points (..., 3) lie no further from the robot's base than it reaches, level distance."""
    base_m = np.asarray(situation.T_world_base.position_m)
    return np.linalg.norm(points_m[..., :2] - base_m[:2], axis=-1) <= situation.reach_m


@dataclass(frozen=True, eq=False, slots=True)
class _Stood:
    """A prop on a surface as it stands, turned by a yaw: half size and middle of its shadow from its origin."""

    half_m: Array
    middle_m: Array
    turned: Pose
    height_m: float

    @classmethod
    def at(cls, situation: Situation, prop: str, ground: Ground, yaw_rad: float) -> "_Stood":
        here = situation.pose(prop)
        turned = Pose.from_yaw((0, 0, 0), yaw_rad) @ Pose((0.0, 0.0, 0.0), here.quat_wxyz)
        points = turned.apply(situation.corners_m(prop))
        low, high = Plane(np.zeros(3), ground.plane.yaw_rad).shadow(points)
        sunk_m = situation.box_m(prop)[0, 2] - ground.height_m
        # Where it stands already its height is known to the hair; elsewhere its lowest corner meets the surface.
        lowest_m = ground.height_m if abs(sunk_m) > CLEAR_M else ground.height_m + sunk_m
        return cls((high - low) / 2, (low + high) / 2, turned, float(lowest_m - points[:, 2].min()))

    def moved(self, plane: Plane, middle_flat: Array) -> Pose:
        x, y, _ = plane.world(middle_flat - self.middle_m).tolist()
        return Pose((x, y, self.height_m), self.turned.quat_wxyz)


def _in_corridor(here: Array, along: Array, length_m: float, half: Array, others: Array) -> Flags:
    """Return which of others (N, 2, 2) a thing meets on its way, (N,)."""
    steps = np.linspace(0.0, length_m, max(2, int(np.ceil(length_m / _STEP_M)) + 1))[1:, None]
    centers = here + along * steps
    return overlaps(centers - half, centers + half, others).any(axis=0)


def _hand_has_room(here: Array, along: Array, half: Array, others: Array) -> bool:
    """Whether nothing stands where the hand has to be before it pushes."""
    across_m, along_m = HAND_M
    behind = here - along * (float(np.abs(along) @ half) + along_m / 2)
    side = np.array([-along[1], along[0]])
    reach = (np.abs(along) * along_m + np.abs(side) * across_m) / 2
    return not overlapping((behind - reach)[None], (behind + reach)[None], others).any()
