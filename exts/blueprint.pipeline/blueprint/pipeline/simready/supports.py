"""Find the level surfaces of furniture on which things stand, and the boxes that collide in their place."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.colliders import BoxPiece
from blueprint.pipeline.scene.edits import AddSupport, SupportSurface
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.props import Prop

from .rectangles import Rectangle, largest_rectangle
from .solids import Solid

Floats = NDArray[np.float64]

SMALLEST_M2 = 0.02
SHORTEST_SIDE_M = 0.08
FREE_HEIGHT_M = 0.10

_LEVEL_COSINE = float(np.cos(np.radians(15)))
_HALF_BIN_M = 0.004
"""Half the height within which faces belong to one surface; scanned tops are uneven by about a millimetre."""

_THINNEST_M, _THICKEST_M = 0.01, 0.05
_LATTICE = np.array([(x, y) for x in np.linspace(-0.9, 0.9, 5) for y in np.linspace(-0.9, 0.9, 5)])


@dataclass(frozen=True, eq=False)
class _Patch:
    """Level faces of one height: their triangles seen from above, and the mean height."""

    triangles_m: Floats
    height_m: float
    area_m2: float
    uneven_m: float


def propose_supports(prop: Prop, solids: Mapping[str, Solid]) -> list[AddSupport]:
    """Return the support surfaces of a piece of furniture, the highest first."""
    found: list[tuple[str, _Patch, Rectangle]] = []
    for body, solid in solids.items():
        for patch in _level_patches(solid):
            rectangle = largest_rectangle(patch.triangles_m)
            if rectangle is None or rectangle.area_m2 < SMALLEST_M2 or 2 * rectangle.half_size_m[1] < SHORTEST_SIDE_M:
                continue
            if free_height_m(rectangle, patch.height_m, solids) >= FREE_HEIGHT_M:
                found.append((body, patch, rectangle))
    found.sort(key=lambda entry: -entry[1].height_m)
    return [
        _edit(prop, "top" if order == 0 else f"level_{order}", body, solids[body], patch, rectangle)
        for order, (body, patch, rectangle) in enumerate(found)
    ]


def slab_of(surface: SupportSurface) -> BoxPiece:
    """Return the box that collides in place of the scanned surface; its upper face is the surface."""
    x, y = surface.half_size_m
    below = Pose((0.0, 0.0, -surface.thickness_m / 2))
    return BoxPiece(surface.T_prop_surface @ below, (x, y, surface.thickness_m / 2))


def _edit(prop: Prop, name: str, body: str, solid: Solid, patch: _Patch, rectangle: Rectangle) -> AddSupport:
    (x, y), (length, width) = rectangle.center_m, rectangle.half_size_m
    T_prop_surface = Pose.from_yaw((x, y, patch.height_m), rectangle.yaw_rad)
    thickness = _thickness_m(rectangle, patch.height_m, solid)
    why = (
        f"{patch.area_m2:.3g} m2 of level faces at {patch.height_m:.3f} m, uneven by {patch.uneven_m * 1e3:.1f} mm; "
        f"the largest rectangle inside is {2 * length:.3f} x {2 * width:.3f} m"
    )
    surface = SupportSurface(name, body, T_prop_surface, rectangle.half_size_m, thickness)
    return AddSupport(prop.id, surface, why)


def _level_patches(solid: Solid) -> list[_Patch]:
    """Group upward level faces by height, the largest area first, until less than a support's area is left."""
    corners = solid.vertices_m[solid.faces]
    doubled = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(doubled, axis=1)
    level = (doubled[:, 2] > _LEVEL_COSINE * lengths) & (lengths > 0)
    corners, area = corners[level], lengths[level] / 2
    height = corners[:, :, 2].mean(axis=1)
    patches: list[_Patch] = []
    while area.sum() >= SMALLEST_M2:
        middle = _densest_height_m(height, area)
        near = np.abs(height - middle) <= _HALF_BIN_M
        if area[near].sum() < SMALLEST_M2:
            break
        mean = float(np.average(height[near], weights=area[near]))
        uneven = float(np.sqrt(np.average((height[near] - mean) ** 2, weights=area[near])))
        patches.append(_Patch(corners[near][:, :, :2], mean, float(area[near].sum()), uneven))
        corners, area, height = corners[~near], area[~near], height[~near]
    return patches


def _densest_height_m(height: Floats, area: Floats) -> float:
    """Return the height around which one bin holds the most area."""
    order = np.argsort(height, kind="stable")
    ordered, summed = height[order], np.concatenate([[0.0], np.cumsum(area[order])])
    first = np.searchsorted(ordered, ordered - _HALF_BIN_M, side="left")
    last = np.searchsorted(ordered, ordered + _HALF_BIN_M, side="right")
    return float(ordered[np.argmax(summed[last] - summed[first])])


def _lattice_points(rectangle: Rectangle, height_m: float) -> Floats:
    flat = _LATTICE * np.asarray(rectangle.half_size_m)
    return Pose.from_yaw((*rectangle.center_m, height_m), rectangle.yaw_rad).apply(
        np.column_stack([flat, np.zeros(len(flat))])
    )


def free_height_m(rectangle: Rectangle, height_m: float, solids: Mapping[str, Solid]) -> float:
    """Return the lower quartile of the free height above a rectangle; infinite under the open sky."""
    origins = _lattice_points(rectangle, height_m + _HALF_BIN_M + 0.002)
    free = np.full(len(origins), np.inf)
    for solid in solids.values():
        free = np.minimum(free, _depths_m(solid, origins, upward=True)[0])
    return float(np.quantile(free, 0.25, method="lower"))


def _thickness_m(rectangle: Rectangle, height_m: float, solid: Solid) -> float:
    """Return the median depth of matter under a rectangle, inside what makes a sound box."""
    origins = _lattice_points(rectangle, height_m + _HALF_BIN_M + 0.002)
    upper, lower = _depths_m(solid, origins, upward=False)
    depth = (lower - upper)[np.isfinite(lower)]
    measured = float(np.median(depth)) if len(depth) else _THINNEST_M
    return float(np.clip(round(measured, 4), _THINNEST_M, _THICKEST_M))


def _depths_m(solid: Solid, origins: Floats, *, upward: bool) -> tuple[Floats, Floats]:
    """Cast level-plane rays and return the distances of the first and second hit, infinite for none."""
    direction = np.tile([0.0, 0.0, 1.0 if upward else -1.0], (len(origins), 1))
    points, rays, _ = solid.mesh.ray.intersects_location(origins, direction, multiple_hits=True)
    first, second = np.full(len(origins), np.inf), np.full(len(origins), np.inf)
    for ray in range(len(origins)):
        hits = np.sort(np.abs(points[rays == ray, 2] - origins[ray, 2]))
        if len(hits) > 0:
            first[ray] = hits[0]
        if len(hits) > 1:
            second[ray] = hits[1]
    return first, second
