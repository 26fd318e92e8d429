"""Recognise a thing that is a box, a cylinder or a ball, because engines collide those exactly and fast."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.colliders import BoxPiece, CylinderPiece, SpherePiece
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.scene.shapes import primitive_corners

from .fidelity import distance_to_outside_m, surface_points
from .hulls import exact_hull_of, hull_volume_m3
from .rectangles import edge_heading_rad
from .solids import Solid

Floats = NDArray[np.float64]
Primitive = BoxPiece | CylinderPiece | SpherePiece

WITHIN_M = 0.002
"""Distance between a primitive and the hull it stands for, at 95 % of either surface."""

_RIM_M = 0.9 * WITHIN_M
"""How far a rim or bulge may stick out of a face of the primitive."""

_SHARE_OF_SIZE = 0.04
"""The same for small things, as a share of their middle side: a 2 mm error makes a die no ball."""

_VOLUME_RATIO = (0.92, 1.08)
"""Volume of a primitive over that of the hull it stands for."""

_FACING = 0.9
_NEAR_END = 0.15
"""Share of the length within which a face belongs to the end it faces; the floor of a cup does not."""

_LEANING_COSINE = float(np.cos(np.radians(15)))
_SAMPLES = 1500


@dataclass(frozen=True)
class _Side:
    """Where the surface ends along one direction: its outermost point, and the mean of the faces that close it."""

    outermost_m: float
    mean_m: float

    def plane_m(self) -> float:
        """Return a plane over which a rim or bulge sticks out by no more than is allowed."""
        return float(np.clip(self.mean_m, self.outermost_m - _RIM_M, self.outermost_m))


def primitive_of(solid: Solid, rng: np.random.Generator) -> Primitive | None:
    """Return the box, cylinder or ball that follows a solid's hull within 2 mm, the closest first, or None.

    An upright one is preferred, because it stands. A cavity that the hull closes over, such as the lid of a can below
    its rim, is the caller's to judge.
    """
    hull = exact_hull_of(solid.vertices_m)
    points, _ = surface_points(hull.vertices_m, hull.faces, _SAMPLES, rng)
    for candidates in _candidates(solid, hull):
        measured = [(_error_m(candidate, hull, points, rng), candidate) for candidate in candidates]
        error_m, best = min(measured, key=lambda entry: entry[0])
        if error_m <= _limit_m(solid):
            return best
    return None


def _error_m(candidate: Primitive, hull: TriangleMesh, points: Floats, rng: np.random.Generator) -> float:
    """Return the larger of the distances there and back at 95 %, infinite where the volumes differ."""
    shape = hull_of_primitive(candidate)
    if not _VOLUME_RATIO[0] <= hull_volume_m3(shape) / hull_volume_m3(hull) <= _VOLUME_RATIO[1]:
        return float("inf")
    back, _ = surface_points(shape.vertices_m, shape.faces, _SAMPLES, rng)
    there_m = np.quantile(distance_to_outside_m(points, [shape], rng), 0.95)
    back_m = np.quantile(distance_to_outside_m(back, [hull], rng), 0.95)
    return float(max(there_m, back_m))


def hull_of_primitive(piece: Primitive) -> TriangleMesh:
    """Return a primitive as a hull, for measuring; round ones have corners on their surface."""
    return exact_hull_of(primitive_corners(piece))


def _limit_m(solid: Solid) -> float:
    return min(WITHIN_M, _SHARE_OF_SIZE * float(np.median(np.ptp(solid.vertices_m, axis=0))))


def _candidates(solid: Solid, hull: TriangleMesh) -> Iterator[list[Primitive]]:
    """Propose a ball, and a box and a cylinder about each axis: upright ones, then those along the principal axes."""
    yield [_ball(hull), *_along(solid, _upright(hull))]
    lying = _principal(hull)
    # A scan that leans by a few degrees stands on its levelled hull; a leaning box would topple onto its edge.
    if np.abs(lying[2]).max() < _LEANING_COSINE or np.abs(lying[2]).max() > 1 - 1e-9:
        yield _along(solid, lying)


def _along(solid: Solid, rotation: Floats) -> list[Primitive]:
    local = Solid(solid.vertices_m @ rotation, solid.faces, solid.closed)
    round_ones = [_cylinder(local, rotation, axis) for axis in range(3)]
    return [_box(local, rotation), *(cylinder for cylinder in round_ones if cylinder is not None)]


def _upright(hull: TriangleMesh) -> Floats:
    heading = edge_heading_rad(hull.vertices_m[:, :2])
    cosine, sine = np.cos(heading), np.sin(heading)
    return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])


def _principal(hull: TriangleMesh) -> Floats:
    """Return the principal axes of a hull's surface as a rotation (3, 3)."""
    corners = hull.vertices_m[hull.faces]
    areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    axes = np.linalg.eigh(np.cov(corners.mean(axis=1).T, aweights=areas))[1]
    axes *= np.sign(axes[np.argmax(np.abs(axes), axis=0), np.arange(3)])
    axes[:, 2] *= np.sign(np.linalg.det(axes))
    return axes


def _ball(hull: TriangleMesh) -> SpherePiece:
    """Fit a ball by least squares to evenly weighted corners; |x|^2 = 2 c x + r^2 - |c|^2 is linear."""
    corners = hull.vertices_m - hull.vertices_m.mean(axis=0)
    rows = np.column_stack([2 * corners, np.ones(len(corners))])
    found = np.linalg.lstsq(rows, (corners**2).sum(axis=1))[0]
    radius_m = float(np.sqrt(max(found[3] + found[:3] @ found[:3], 1e-12)))
    return SpherePiece(vec3(hull.vertices_m.mean(axis=0) + found[:3]), radius_m)


def _box(local: Solid, rotation: Floats) -> BoxPiece:
    sides = [(_side(local, axis, -1.0), _side(local, axis, 1.0)) for axis in range(3)]
    low, high = (np.array([sign * pair[at].plane_m() for pair in sides]) for at, sign in ((0, -1.0), (1, 1.0)))
    low, high = _on_ground(low, high, rotation)
    return BoxPiece(_placed(rotation, (low + high) / 2), vec3((high - low) / 2))


def _cylinder(local: Solid, rotation: Floats, axis: int) -> CylinderPiece | None:
    """Fit a cylinder about one axis of a frame; its wall is fitted to the faces that look sideways."""
    turn = np.roll(np.eye(3), 2 - axis, axis=0).T
    turned = Solid(local.vertices_m @ turn, local.faces, local.closed)
    circle = _circle(turned)
    if circle is None:
        return None
    center, radius_m = circle
    low, high = -_side(turned, 2, -1.0).plane_m(), _side(turned, 2, 1.0).plane_m()
    ends = _on_ground(np.array([0.0, 0.0, low]), np.array([0.0, 0.0, high]), rotation @ turn)
    low, high = ends[0][2], ends[1][2]
    if high - low <= 0:
        return None
    middle = np.array([*center, (low + high) / 2])
    return CylinderPiece(_placed(rotation @ turn, middle), radius_m, float(high - low) / 2)


def _circle(local: Solid) -> tuple[Floats, float] | None:
    """Return centre (2,) and radius of the wall about Z, by area-weighted least squares."""
    corners, normals, areas = _faces(local)
    middle = corners.mean(axis=1)[:, :2]
    from_center = middle - (middle.max(axis=0) + middle.min(axis=0)) / 2
    outwards = np.einsum("ij,ij->i", from_center, normals[:, :2]) > 0
    reach = np.linalg.norm(from_center, axis=1)
    wall = (np.abs(normals[:, 2]) < 0.3) & outwards & (reach > 0.7 * reach.max())
    if wall.sum() < 8:
        return None
    points, weights = middle[wall], np.sqrt(areas[wall] / areas[wall].sum())
    rows = np.column_stack([2 * points, np.ones(len(points))]) * weights[:, None]
    found = np.linalg.lstsq(rows, (points**2).sum(axis=1) * weights)[0]
    square = found[2] + found[:2] @ found[:2]
    return (found[:2], float(np.sqrt(square))) if square > 0 else None


def _side(local: Solid, axis: int, sign: float) -> _Side:
    """Return where a surface ends along an axis of its frame, counted along `sign`."""
    corners, normals, areas = _faces(local)
    along = sign * corners.mean(axis=1)[:, axis]
    outermost = float((sign * local.vertices_m[:, axis]).max())
    depth = _NEAR_END * float(np.ptp(local.vertices_m[:, axis]))
    facing = (sign * normals[:, axis] > _FACING) & (along > outermost - depth)
    if not facing.any():
        return _Side(outermost, outermost)
    return _Side(outermost, float(np.average(along[facing], weights=areas[facing])))


def _faces(solid: Solid) -> tuple[Floats, Floats, Floats]:
    """Return corners (F, 3, 3), unit normals (F, 3) and areas (F,) of faces that have an area."""
    corners = solid.vertices_m[solid.faces]
    doubled = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(doubled, axis=1)
    some = lengths > 1e-14
    return corners[some], doubled[some] / lengths[some, None], lengths[some] / 2


def _on_ground(low: Floats, high: Floats, rotation: Floats) -> tuple[Floats, Floats]:
    """Let an upright thing that reaches down to its ground z = 0 end there, so that it stands as it is seen to."""
    if abs(rotation[2, 2]) > 1 - 1e-12:
        if rotation[2, 2] > 0 and abs(low[2]) <= 2 * WITHIN_M:
            low[2] = 0.0
        elif rotation[2, 2] < 0 and abs(high[2]) <= 2 * WITHIN_M:
            high[2] = 0.0
    return low, high


def _placed(rotation: Floats, middle: Floats) -> Pose:
    T = np.eye(4)
    T[:3, :3], T[:3, 3] = rotation, rotation @ middle
    return Pose.from_matrix(T)
