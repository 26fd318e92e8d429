"""Make the facets on which an object rests coplanar: fused hulls that end at different heights never come to rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from blueprint.pipeline.scene.colliders import BoxPiece, CylinderPiece, SpherePiece
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.poses import Vec3

from .hulls import exact_hull_of, hull_of
from .primitives import Primitive
from .solids import Solid

Floats = NDArray[np.float64]

TOLERANCES_M = (0.001, 0.0015, 0.002, 0.003)
"""Depths that are tried in turn; a scanned base is uneven by about the first, a dented one by the last."""

_MARGIN_M = 0.002

_ENOUGH_OF_WIDEST = 0.7
"""A shallower levelling is preferred when it leaves this share of the widest base; on less, a scanned box rocks."""

_TILT_RAD = float(np.radians(4))
_TILT_DIRECTIONS = np.linspace(0, 2 * np.pi, 24, endpoint=False)
_LEAST_ARM_M = 0.001
"""Righting arm below which a thing counts as round; a ball has none, a banana 1.5 mm, a box half its width."""

_LOST_OF_FOOT = 0.025
"""Share of a foot's area that may go with its small corners."""


_FEW_FEET = 4
_ENOUGH_OF_BASE = 0.95
"""Share of the base's area that the feet of few pieces must span, so that the others need not touch."""

_NEAR_GROUND_M = 0.01
_COVERED = 0.9
"""Share of a base that pieces near the ground must cover, so that a sole under it closes no space between feet."""

_RAISED_M = 0.0025
"""Height of the pieces that need not touch: the engine lists pairs up to twice its gap of 1 mm, which costs time."""


@dataclass(frozen=True, eq=False)
class Resting:
    """Hulls that stand, or unchanged ones with the reason."""

    hulls: tuple[TriangleMesh, ...]
    why: str


@dataclass(frozen=True)
class _Base:
    """What a thing would stand on: the area of its outline, and how far inside it the centre of mass lies."""

    depth_m: float
    area_m2: float
    margin_m: float


def level_base(hulls: Sequence[TriangleMesh], solid: Solid, center_of_mass_m: Vec3, max_vertices: int = 64) -> Resting:
    """Move the lowest vertices of hulls onto the base plane z = 0 where the object can stand on them."""
    below = np.asarray(center_of_mass_m[:2])
    arm_m = righting_arm_m(exact_hull_of(solid.vertices_m), center_of_mass_m)
    if arm_m < _LEAST_ARM_M:
        return Resting(
            tuple(hulls), f"round below (righting arm {arm_m * 1e3:.1f} mm), so it keeps its shape and may roll"
        )
    bases = [_base(hulls, depth_m, below) for depth_m in TOLERANCES_M]
    widest_m = max(base.margin_m for base in bases)
    if widest_m < _MARGIN_M:
        return Resting(tuple(hulls), f"no base within {TOLERANCES_M[-1] * 1e3:g} mm carries its centre of mass")
    base = next(base for base in bases if base.margin_m >= _ENOUGH_OF_WIDEST * widest_m)
    levelled = borne_by_few([_levelled(hull, base.depth_m, max_vertices) for hull in hulls], max_vertices)
    why = (
        f"base levelled within {base.depth_m * 1e3:g} mm on {base.area_m2 * 1e4:.1f} cm2, "
        f"its edge {base.margin_m * 1e3:.1f} mm from below the centre of mass"
    )
    return Resting(levelled, why)


def own_base(primitive: Primitive) -> str:
    """Say on what a single primitive stands, or nothing where it has no level face on the ground z = 0."""
    if isinstance(primitive, SpherePiece):
        return ""
    T, half = (
        (primitive.T_prop_box, np.asarray(primitive.half_extents_m))
        if isinstance(primitive, BoxPiece)
        else (primitive.T_prop_cylinder, np.array([primitive.radius_m, primitive.radius_m, primitive.half_height_m]))
    )
    up = T.rotation()[2]
    axis = int(np.argmax(np.abs(up)))
    if abs(up[axis]) < 1 - 1e-9 or abs(T.position_m[2] - half[axis]) > 1e-6:
        return ""
    if isinstance(primitive, CylinderPiece) and axis != 2:
        return ""
    across = np.delete(half, axis)
    area_m2 = np.pi * across[0] ** 2 if isinstance(primitive, CylinderPiece) else 4 * across.prod()
    return f"stands on its own level face of {area_m2 * 1e4:.1f} cm2"


def righting_arm_m(outer: TriangleMesh, center_of_mass_m: Vec3) -> float:
    """Return the least lever, over all directions, with which a thing tilted by 4 degrees falls back.

    It is the rise of the centre of mass over the sine of the tilt: half the width for a flat base, less for a tall
    thing, 0 for a ball or a lying cylinder, negative for what topples.
    """
    center = np.asarray(center_of_mass_m)
    upright = center[2] - outer.vertices_m[:, 2].min()
    sine, cosine = np.sin(_TILT_RAD), np.cos(_TILT_RAD)
    up = np.stack([sine * np.cos(_TILT_DIRECTIONS), sine * np.sin(_TILT_DIRECTIONS), np.full(24, cosine)])
    tilted = center @ up - (outer.vertices_m @ up).min(axis=0)
    return float((tilted - upright).min() / sine)


def _levelled(hull: TriangleMesh, depth_m: float, max_vertices: int) -> TriangleMesh:
    low = hull.vertices_m[:, 2] < depth_m
    if not low.any():
        return hull
    foot = _few_cornered(hull.vertices_m[low, :2])
    points = np.concatenate([hull.vertices_m[~low], np.column_stack([foot, np.zeros(len(foot))])])
    return hull_of(points, max_vertices)


def borne_by_few(hulls: Sequence[TriangleMesh], max_vertices: int) -> tuple[TriangleMesh, ...]:
    """Let an object of many pieces stand on a sole, or on the few pieces that span its base; the others are raised.

    A bowl of 32 pieces had 40 contacts with its support, which took two thirds of the time of a step.
    """
    feet = {at: hull.vertices_m[hull.vertices_m[:, 2] <= 0, :2] for at, hull in enumerate(hulls)}
    feet = {at: foot for at, foot in feet.items() if len(foot)}
    if len(feet) <= _FEW_FEET:
        return tuple(hulls)
    base = _few_cornered(np.concatenate(list(feet.values())))
    if _covered_share(base, hulls) >= _COVERED:
        sole = [np.column_stack([base, np.full(len(base), height_m)]) for height_m in (0.0, _RAISED_M)]
        raised = [_raised(hull, max_vertices) if at in feet else hull for at, hull in enumerate(hulls)]
        return (*raised, hull_of(np.concatenate(sole), max_vertices))
    bearing = _spanning(feet)
    return tuple(
        _raised(hull, max_vertices) if at in feet and at not in bearing else hull for at, hull in enumerate(hulls)
    )


def _spanning(feet: Mapping[int, Floats]) -> list[int]:
    """Choose feet, each adding the most, until they span enough of what all of them span."""
    wanted = _ENOUGH_OF_BASE * _area(np.concatenate(list(feet.values())))
    bearing: list[int] = []
    while _area(np.concatenate([np.empty((0, 2)), *(feet[at] for at in bearing)])) < wanted:
        rest = [at for at in feet if at not in bearing]
        bearing.append(max(rest, key=lambda at: _area(np.concatenate([feet[other] for other in (*bearing, at)]))))
    return bearing


def _covered_share(base: Floats, hulls: Sequence[TriangleMesh]) -> float:
    """Return the share of a base (N, 2) over which some piece near the ground lies."""
    inside = _inside(base, _grid_over(base))
    low = [hull.vertices_m[:, :2] for hull in hulls if hull.vertices_m[:, 2].min() < _NEAR_GROUND_M]
    points = _grid_over(base)[inside]
    covered = np.any([_inside(outline, points) for outline in low], axis=0)
    return float(np.mean(covered)) if len(points) else 0.0


def _grid_over(base: Floats) -> Floats:
    low, high = base.min(axis=0), base.max(axis=0)
    axes = [np.linspace(start, end, 40) for start, end in zip(low, high, strict=True)]
    return np.stack([axis.ravel() for axis in np.meshgrid(*axes)], axis=1)


def _inside(outline: Floats, points: Floats) -> NDArray[np.bool_]:
    """Return which points (N, 2) lie in the convex outline of others."""
    try:
        edges = ConvexHull(outline).equations
    except QhullError:
        return np.zeros(len(points), dtype=bool)
    return (points @ edges[:, :2].T + edges[:, 2] <= 1e-9).all(axis=1)


def _raised(hull: TriangleMesh, max_vertices: int) -> TriangleMesh:
    points = hull.vertices_m.copy()
    points[:, 2] = np.maximum(points[:, 2], _RAISED_M)
    return hull_of(points, max_vertices)


def _area(points: Floats) -> float:
    """Return the area that points (N, 2) span."""
    if len(points) < 3:
        return 0.0
    try:
        return float(ConvexHull(points).volume)
    except QhullError:
        return 0.0


def _few_cornered(points: Floats) -> Floats:
    """Return the outline of points (N, 2) without the corners that add least to its area.

    With many corners nearly in line, the engine chooses other contact points at every step and the thing trembles.
    """
    try:
        outline = ConvexHull(points)
    except (QhullError, ValueError):
        return points
    corners, to_lose = points[outline.vertices], _LOST_OF_FOOT * outline.volume
    while len(corners) > 3:
        before, after = corners - np.roll(corners, 1, axis=0), np.roll(corners, -1, axis=0) - corners
        areas = np.abs(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]) / 2
        least = int(np.argmin(areas))
        to_lose -= areas[least]
        if to_lose < 0:
            break
        corners = np.delete(corners, least, axis=0)
    return corners


def _base(hulls: Sequence[TriangleMesh], depth_m: float, below: Floats) -> _Base:
    """Return the outline of all vertices down to a depth, as seen from the point below the centre of mass."""
    contact = np.concatenate([hull.vertices_m[hull.vertices_m[:, 2] < depth_m, :2] for hull in hulls])
    if len(contact) < 3:
        return _Base(depth_m, 0.0, -np.inf)
    try:
        outline = ConvexHull(contact)
    except QhullError:
        return _Base(depth_m, 0.0, -np.inf)
    # In the plane, qhull's volume is an area; its equations give the distance to each edge, negative inside.
    margin_m = float(-(outline.equations[:, :2] @ below + outline.equations[:, 2]).max())
    return _Base(depth_m, float(outline.volume), margin_m)
