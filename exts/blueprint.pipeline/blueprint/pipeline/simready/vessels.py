"""Open vessels turned on a wheel: walls of wedges and a floor, so that what is open stays open and holds what falls in.

A search for convex parts closes the cavity of a thin wall; here the wall's inner and outer radius are measured instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.meshes import TriangleMesh

from .hulls import hull_of
from .solids import Solid

Floats = NDArray[np.float64]

MOST_SECTORS, FEWEST_SECTORS = 16, 8

_LEVELS = 48
_ANGLES = 36
_ROUND_M = 0.002
"""How far the wall may stray from a circle, on all but the sectors where a handle or spout sits."""

_ROUND_SHARE = 0.7
"""Share of the angles at which the wall must be that round."""

_FLOOR_RISE_M = 0.001
"""Height above the lowest inner point at which the floor is taken to be level."""

_RIM_M, _RIM_SHARE = 0.002, 0.04
"""Height of the rounded rim, which gets the radii of the wall below it."""

_STRAIGHT_M = 0.001
_MOST_BANDS = 3
_APART_M = 0.0015
"""Distance from the turned wall beyond which a face belongs to a handle."""

_SMALLEST_HANDLE = 0.01
"""Share of the surface below which what sticks out is no handle."""


@dataclass(frozen=True, eq=False)
class Wall:
    """A turned wall: heights (N,) from the floor's upper face to the rim, and its inner and outer radius there.

    `foot_m` are the outer radii at the ground and at the floor's upper face.
    """

    axis_m: Floats
    heights_m: Floats
    inner_m: Floats
    outer_m: Floats
    ground_m: float
    foot_m: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Vessel:
    """Convex pieces of wall and floor, and the faces of the mesh that are neither, such as a handle."""

    pieces: tuple[TriangleMesh, ...]
    rest: Solid | None
    why: str


def vessel_of(solid: Solid, max_pieces: int) -> Vessel | None:
    """Return wedges and a floor for an open vessel that is round about an upright axis, or None for another thing."""
    wall = measure_wall(solid)
    if wall is None:
        return None
    rest = _beside(solid, wall)
    most = max_pieces - 1 if rest is None else max_pieces - 1 - max_pieces // 4
    bands = _bands(wall, max(1, min(_MOST_BANDS, most // FEWEST_SECTORS)))
    sectors = min(MOST_SECTORS, most // (len(bands) - 1))
    if sectors < FEWEST_SECTORS:
        return None
    why = (
        f"a round wall {np.median(wall.outer_m - wall.inner_m) * 1e3:.1f} mm thick about an upright axis, in "
        f"{len(bands) - 1} bands of {sectors} wedges on a floor"
    )
    return Vessel((*_wedges(wall, bands, sectors), _floor(wall)), rest, why)


def measure_wall(solid: Solid) -> Wall | None:
    """Measure the round wall of an open vessel, or None where there is no cavity or it is not round."""
    cavity = _cavity(solid)
    if cavity is None:
        return None
    axis, floor_m = cavity
    low, high = solid.vertices_m[:, 2].min(), solid.vertices_m[:, 2].max()
    begin = floor_m + _FLOOR_RISE_M
    if high - begin < 0.2 * (high - low):
        return None
    heights = np.linspace(begin, high - min(_RIM_M, _RIM_SHARE * (high - low)), _LEVELS)
    measured = [_radii_m(solid, axis, height) for height in heights]
    found = np.array([radii for radii in measured if radii is not None])
    if len(found) < _LEVELS:
        return None
    ground = _outer_radius_m(solid, axis, low + 2e-4)
    if ground is None or not (found[:, 1] - found[:, 0] > 5e-4).all():
        return None
    heights[-1] = high
    return Wall(axis, heights, found[:, 0], found[:, 1], float(low), (ground, float(found[0, 1])))


def _cavity(solid: Solid) -> tuple[Floats, float] | None:
    """Return the middle (2,) of the hollow seen from above, and the height of its lowest point."""
    low, high = solid.vertices_m.min(axis=0), solid.vertices_m.max(axis=0)
    x, y = (np.linspace(low[axis], high[axis], 42)[1:-1] for axis in (0, 1))
    flat = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    top = _first_below(solid, flat, high[2] + 0.01)
    deep = np.isfinite(top) & (top < high[2] - 0.3 * (high[2] - low[2])) & (top > low[2] + 5e-4)
    inner = np.abs(flat - flat.mean(axis=0)).max(axis=1) < 0.45 * np.ptp(flat, axis=0).max()
    if (deep & inner).sum() < 12:
        return None
    middle = flat[deep & inner].mean(axis=0)
    for _ in range(2):
        middle = _centred(solid, middle, float(high[2]), float(top[deep & inner].min()))
    floor = _first_below(solid, middle[None], high[2] + 0.01)[0]
    return (middle, float(floor)) if np.isfinite(floor) else None


def _centred(solid: Solid, middle: Floats, high_m: float, low_m: float) -> Floats:
    """Move an axis to the middle of the wall that is seen from it at half the depth."""
    directions = _directions()
    origins = np.tile([*middle, (high_m + low_m) / 2], (_ANGLES, 1))
    hits = _hits_m(solid, origins, directions)
    near = np.array([hit[0] if len(hit) else np.nan for hit in hits])
    if np.isnan(near).any():
        return middle
    points = middle + near[:, None] * directions[:, :2]
    rows = np.column_stack([2 * points, np.ones(_ANGLES)])
    return np.linalg.lstsq(rows, (points**2).sum(axis=1))[0][:2]


def _radii_m(solid: Solid, axis: Floats, height_m: float) -> tuple[float, float] | None:
    """Return the inner and outer radius of the wall at a height; rays from the axis enter it and leave it."""
    hits = _hits_m(solid, np.tile([*axis, height_m], (_ANGLES, 1)), _directions())
    walls = np.array([hit[:2] if len(hit) >= 2 else (np.nan, np.nan) for hit in hits])
    inner, outer = np.nanmedian(walls, axis=0) if np.isfinite(walls).any() else (np.nan, np.nan)
    tolerance = max(_ROUND_M, 0.03 * outer)
    round_share = np.mean((np.abs(walls - [inner, outer]) <= tolerance).all(axis=1))
    return (float(inner), float(outer)) if round_share >= _ROUND_SHARE else None


def _outer_radius_m(solid: Solid, axis: Floats, height_m: float) -> float | None:
    """Return the radius of the outermost surface at a height where the thing may be solid."""
    hits = _hits_m(solid, np.tile([*axis, height_m], (_ANGLES, 1)), _directions())
    last = np.array([hit[-1] if len(hit) else np.nan for hit in hits])
    return float(np.nanmedian(last)) if np.isfinite(last).any() else None


def _directions() -> Floats:
    angle = (np.arange(_ANGLES) + 0.37) * (2 * np.pi / _ANGLES)
    return np.column_stack([np.cos(angle), np.sin(angle), np.zeros(_ANGLES)])


def _hits_m(solid: Solid, origins: Floats, directions: Floats) -> list[Floats]:
    """Return the distances at which each ray crosses the surface, in order; a seam counts once."""
    points, rays, _ = solid.mesh.ray.intersects_location(origins, directions, multiple_hits=True)
    distance = np.linalg.norm(points - origins[rays], axis=1)
    return [_distinct(np.sort(distance[rays == ray])) for ray in range(len(origins))]


def _distinct(ordered: Floats) -> Floats:
    return ordered[np.diff(ordered, prepend=-1.0) > 1e-6]


def _first_below(solid: Solid, flat: Floats, height_m: float) -> Floats:
    """Return the height of the uppermost surface below points (N, 2), NaN where there is none."""
    origins = np.column_stack([flat, np.full(len(flat), height_m)])
    points, rays, _ = solid.mesh.ray.intersects_location(
        origins, np.tile([0.0, 0.0, -1.0], (len(flat), 1)), multiple_hits=False
    )
    top = np.full(len(flat), np.nan)
    top[rays] = points[:, 2]
    return top


def _bands(wall: Wall, most: int) -> list[int]:
    """Return the levels between which the wall is straight, or the best choice of `most` bands."""
    count = len(wall.heights_m)
    stray = np.full((count, count), np.inf)
    for low in range(count):
        for high in range(low + 1, count):
            stray[low, high] = max(_stray_m(wall, radii, low, high) for radii in (wall.inner_m, wall.outer_m))
    best = stray[0]
    paths = {level: [0, level] for level in range(1, count)}
    for _ in range(most - 1):
        if best[-1] <= _STRAIGHT_M:
            break
        # The worst chord on the way to each level, when its last band begins at each earlier one.
        worst = np.maximum(best[:, None], stray)
        begin = worst.argmin(axis=0)
        better = worst.min(axis=0) < best
        paths = {at: [*paths[int(begin[at])], at] if better[at] else paths[at] for at in paths}
        best = np.minimum(worst.min(axis=0), best)
    return paths[count - 1]


def _stray_m(wall: Wall, radii: Floats, low: int, high: int) -> float:
    """Return how far the wall's profile strays from its chord between two levels, across the chord."""
    along = np.array([radii[high] - radii[low], wall.heights_m[high] - wall.heights_m[low]])
    offset = np.column_stack([radii[low : high + 1] - radii[low], wall.heights_m[low : high + 1] - wall.heights_m[low]])
    return float(np.abs(offset @ np.array([-along[1], along[0]])).max() / np.linalg.norm(along))


def _wedges(wall: Wall, bands: Sequence[int], sectors: int) -> list[TriangleMesh]:
    angle = np.arange(sectors + 1) * (2 * np.pi / sectors)
    # Corners stand a little outside the circle, so that chords enclose as much as the arcs do.
    scale = float(np.sqrt(2 * np.pi / sectors / np.sin(2 * np.pi / sectors)))
    wedges: list[TriangleMesh] = []
    for low, high in pairwise(bands):
        profile = [(radii[at], wall.heights_m[at]) for at in (low, high) for radii in (wall.inner_m, wall.outer_m)]
        for start, end in pairwise(angle):
            corners = [
                (wall.axis_m[0] + scale * r * np.cos(turn), wall.axis_m[1] + scale * r * np.sin(turn), z)
                for r, z in profile
                for turn in (start, end)
            ]
            wedges.append(hull_of(corners))
    return wedges


def _floor(wall: Wall) -> TriangleMesh:
    angle = np.arange(24) * (2 * np.pi / 24)
    rims = [
        np.column_stack(
            [wall.axis_m[0] + r * np.cos(angle), wall.axis_m[1] + r * np.sin(angle), np.full(len(angle), z)]
        )
        for r, z in zip(wall.foot_m, (wall.ground_m, wall.heights_m[0]), strict=True)
    ]
    return hull_of(np.concatenate(rims))


def _beside(solid: Solid, wall: Wall) -> Solid | None:
    """Return the faces that stand off the turned wall, with their cut rims closed, or None where there are few."""
    radius = np.linalg.norm(solid.vertices_m[:, :2] - wall.axis_m, axis=1)
    heights = np.concatenate([[wall.ground_m], wall.heights_m])
    limit = np.interp(solid.vertices_m[:, 2], heights, np.concatenate([[wall.foot_m[0]], wall.outer_m]))
    off = (radius > limit + _APART_M)[solid.faces].any(axis=1)
    corners = solid.vertices_m[solid.faces[off]]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum() / 2
    if area < _SMALLEST_HANDLE * solid.area_m2:
        return None
    used, index = np.unique(solid.faces[off], return_inverse=True)
    return Solid(solid.vertices_m[used], index.reshape(-1, 3), False)
