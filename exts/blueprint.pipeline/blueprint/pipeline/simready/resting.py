"""Make the facets on which an object rests coplanar: fused hulls that end at different heights never come to rest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.poses import Vec3

from .hulls import exact_hull_of, hull_of
from .solids import Solid

Floats = NDArray[np.float64]

TOLERANCES_M = (0.001, 0.0015, 0.002, 0.003)
"""Depths that are tried in turn; a scanned base is uneven by about the first, a dented one by the last."""

_MARGIN_M = 0.002

_TILT_RAD = float(np.radians(4))
_TILT_DIRECTIONS = np.linspace(0, 2 * np.pi, 24, endpoint=False)
_LEAST_ARM_M = 0.001
"""Righting arm below which a thing counts as round; a ball has none, a banana 1.5 mm, a box half its width."""


@dataclass(frozen=True, eq=False)
class Resting:
    """Hulls that stand, or unchanged ones with the reason."""

    hulls: tuple[TriangleMesh, ...]
    why: str


def level_base(hulls: Sequence[TriangleMesh], solid: Solid, center_of_mass_m: Vec3, max_vertices: int = 64) -> Resting:
    """Move the lowest vertices of hulls onto the base plane z = 0 where the object can stand on them."""
    below = np.asarray(center_of_mass_m[:2])
    arm_m = righting_arm_m(exact_hull_of(solid.vertices_m), center_of_mass_m)
    if arm_m < _LEAST_ARM_M:
        return Resting(
            tuple(hulls), f"round below (righting arm {arm_m * 1e3:.1f} mm), so it keeps its shape and may roll"
        )
    for depth_m in TOLERANCES_M:
        contact = np.concatenate([hull.vertices_m[hull.vertices_m[:, 2] < depth_m, :2] for hull in hulls])
        polygon = _polygon(contact)
        if polygon is None or _inside_by_m(polygon, below) < _MARGIN_M:
            continue
        levelled = tuple(_levelled(hull, depth_m, max_vertices) for hull in hulls)
        area_cm2 = polygon.volume * 1e4
        return Resting(levelled, f"base levelled within {depth_m * 1e3:g} mm on {area_cm2:.1f} cm2")
    return Resting(tuple(hulls), f"no base within {TOLERANCES_M[-1] * 1e3:g} mm carries its centre of mass")


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
    points = hull.vertices_m.copy()
    points[low, 2] = 0.0
    return hull_of(points, max_vertices)


def _polygon(points: Floats) -> ConvexHull | None:
    """Return the convex outline of points (N, 2); its `volume` is an area in the plane."""
    if len(points) < 3:
        return None
    try:
        return ConvexHull(points)
    except QhullError:
        return None


def _inside_by_m(polygon: ConvexHull, point: Floats) -> float:
    """Return the distance from a point inside a polygon to its nearest edge; negative outside."""
    return float(-(polygon.equations[:, :2] @ point + polygon.equations[:, 2]).max())
