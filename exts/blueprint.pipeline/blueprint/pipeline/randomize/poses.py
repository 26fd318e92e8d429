"""Poses: props stand elsewhere on their support, without overlap, on it and within the robot's ring."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from blueprint.pipeline.scene.edits import MoveProp
from blueprint.pipeline.scene.policies import PoseFactor
from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.scene.shapes import Array, PropShape, convex_outline, outline_gap_m
from blueprint.pipeline.scene.supports import FLOOR, WorldSurface


@dataclass(frozen=True, eq=False)
class Ring:
    """What the robot reaches, seen from above: between two circles around its base."""

    base_xy_m: Array
    near_m: float
    far_m: float

    def outside_m(self, xy_m: Array) -> Array:
        """Return how far points (..., 2) are outside, 0 within."""
        distance = np.linalg.norm(xy_m - self.base_xy_m, axis=-1)
        return np.maximum(0.0, np.maximum(self.near_m - distance, distance - self.far_m))


@dataclass(frozen=True, eq=False)
class Outline:
    """A convex outline (N, 2) with the circle around it, which answers most questions."""

    points_m: Array
    middle_m: Array
    radius_m: float

    @classmethod
    def of_shape(cls, shape: PropShape, T_world_prop: Pose) -> "Outline":
        """Return the outline of a prop, on a grid of micrometres: points closer than that could fall together."""
        return cls.of(convex_outline(np.round(shape.outline_m(T_world_prop), 6)))

    @classmethod
    def of(cls, points_m: Array) -> "Outline":
        """Return an outline with its circle."""
        middle = (points_m.min(axis=0) + points_m.max(axis=0)) / 2
        return cls(points_m, middle, float(np.linalg.norm(points_m - middle, axis=1).max()))

    def clear_of(self, other: "Outline", gap_m: float) -> bool:
        """Whether the two are at least a gap apart."""
        apart = float(np.linalg.norm(self.middle_m - other.middle_m)) - self.radius_m - other.radius_m
        return apart >= gap_m or outline_gap_m(self.points_m, other.points_m) >= gap_m


@dataclass(frozen=True, eq=False)
class Mover:
    """A prop that may move: where it rests, its outline there, and on what it stands."""

    prop: str
    T_world_prop: Pose
    surface: WorldSurface
    rest: Outline

    @classmethod
    def of(cls, prop: str, shape: PropShape, T_world_prop: Pose, surface: WorldSurface) -> "Mover":
        """Return a prop with the outline of its shape."""
        return cls(prop, T_world_prop, surface, Outline.of_shape(shape, T_world_prop))


@dataclass(frozen=True, eq=False)
class Placed:
    """A prop where a variant puts it, and its outline there."""

    move: MoveProp
    outline: Outline


@dataclass(frozen=True, eq=False)
class Candidate:
    """A drawn place: how it differs from where the prop rests, and the outline there."""

    number: int
    pose: Pose
    outline: Outline
    shift_m: float
    turn_rad: float


def draw_poses(
    movers: Sequence[Mover],
    obstacles: Sequence[Outline],
    ring: Ring,
    streams: Mapping[str, np.random.Generator],
    factor: PoseFactor,
) -> tuple[Placed, ...]:
    """Draw a pose for each prop in turn, the others standing where they then are.

    `obstacles` do not move; `streams` has one generator per prop. Every intermediate scene is free of overlap, so a
    prop for which no draw is accepted can stay.
    """
    outlines = {mover.prop: mover.rest for mover in movers}
    placed: list[Placed] = []
    for mover in movers:
        others = [*obstacles, *(outline for name, outline in outlines.items() if name != mover.prop)]
        found = first_free(candidates(mover, ring, streams[mover.prop], factor), others, factor.gap_m)
        if found is not None:
            outlines[mover.prop] = found.outline
        placed.append(Placed(_move(mover, found, factor), outlines[mover.prop]))
    return tuple(placed)


def _move(mover: Mover, found: Candidate | None, factor: PoseFactor) -> MoveProp:
    if found is None:
        return MoveProp(mover.prop, mover.T_world_prop, f"stays: none of {factor.attempts} draws had room")
    turn = f"shifted {1000 * found.shift_m:.0f} mm, turned {np.rad2deg(found.turn_rad):.0f} degrees"
    place = f"{mover.surface.prop or 'room'}/{mover.surface.name}"
    return MoveProp(mover.prop, found.pose, f"drawn: {turn} on {place}, draw {found.number + 1} of {factor.attempts}")


def first_free(candidates: Iterator[Candidate], others: Sequence[Outline], gap_m: float) -> Candidate | None:
    """Return the first candidate that keeps a gap to all others."""
    return next((each for each in candidates if all(each.outline.clear_of(other, gap_m) for other in others)), None)


def candidates(mover: Mover, ring: Ring, rng: np.random.Generator, factor: PoseFactor) -> Iterator[Candidate]:
    """Yield the drawn places that lie on the support and in the ring, in the order of the draws."""
    numbers = rng.random((factor.attempts, 3))
    start = np.asarray(mover.T_world_prop.position_m)[:2]
    if factor.over == "around" or mover.surface.prop == FLOOR:
        radius, heading = factor.shift_m * np.sqrt(numbers[:, 0]), 2 * np.pi * numbers[:, 1]
        shifts = radius[:, None] * np.column_stack([np.cos(heading), np.sin(heading)])
    else:
        shifts = places_on(mover.surface, numbers[:, :2]) - start
    turns = np.deg2rad(factor.turn_deg) * (2 * numbers[:, 2] - 1)
    # A prop that is out of the ring as it rests may come nearer to it, not leave it further.
    reached = ring.outside_m(start + shifts) <= ring.outside_m(start)
    for number in np.flatnonzero(reached).tolist():
        outline = turned_outline(mover.rest.points_m, start, shifts[number], float(turns[number]))
        if on_surface(outline, mover.surface, factor.edge_m):
            pose = turned(mover.T_world_prop, np.array([*shifts[number], 0.0]), float(turns[number]))
            length = float(np.linalg.norm(shifts[number]))
            yield Candidate(number, pose, Outline.of(outline), length, float(turns[number]))


def places_on(surface: WorldSurface, numbers: Array) -> Array:
    """Return points (N, 2) of a surface in the world for even numbers (N, 2)."""
    local = (2 * numbers - 1) * np.asarray(surface.half_size_m)
    return surface.T_world_surface.apply(np.column_stack([local, np.zeros(len(local))]))[:, :2]


def on_surface(outline_m: Array, surface: WorldSurface, edge_m: float) -> bool:
    """Whether an outline (N, 2) lies on a surface, at least `edge_m` from its edge."""
    if surface.prop == FLOOR:
        return True
    level = np.full(len(outline_m), surface.height_m)
    local = surface.T_world_surface.inverse().apply(np.column_stack([outline_m, level]))[:, :2]
    return bool((np.abs(local) + edge_m <= np.asarray(surface.half_size_m)).all())


def turned_outline(outline_m: Array, origin_m: Array, shift_m: Array, turn_rad: float) -> Array:
    """Return an outline (N, 2) turned about the vertical through an origin (2,), then shifted."""
    cosine, sine = np.cos(turn_rad), np.sin(turn_rad)
    return (outline_m - origin_m) @ np.array([[cosine, sine], [-sine, cosine]]) + origin_m + shift_m


def turned(T_world_prop: Pose, shift_m: Array, turn_rad: float) -> Pose:
    """Return a pose shifted in the world and turned about the vertical through the prop's origin."""
    rotation = Pose.from_yaw((0.0, 0.0, 0.0), turn_rad) @ Pose((0.0, 0.0, 0.0), T_world_prop.quat_wxyz)
    return Pose(vec3(np.asarray(T_world_prop.position_m) + shift_m), rotation.quat_wxyz)
