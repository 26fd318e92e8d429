"""Convex hulls with few vertices: make, measure, cut and join them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import ConvexHull, QhullError

from blueprint.pipeline.scene.meshes import TriangleMesh, directed_edges

Floats = NDArray[np.float64]

THINNEST_M = 0.002
"""A flat or straight piece gets this thickness, because no engine collides with a sheet."""

MOST_SIDES = 64
"""PhysX cooks no more sides than graphics cards take, and cuts off what lies beyond: 11 mm of an apple of 119 sides."""

_FEWEST = 8
_SAME_SIDE = 4
"""Decimals to which the normals of one side agree."""

_DIRECTIONS = np.array(
    [(x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1) if (x, y, z) != (0, 0, 0)]
)


def hull_of(points_m: ArrayLike, max_vertices: int = 64) -> TriangleMesh:
    """Return the convex hull of points (N, 3), reduced to `max_vertices` corners and `MOST_SIDES` sides.

    The corners kept are those that stick out farthest; they move outwards by what was lost of the volume, but not out
    of the box around the whole, so that a level base stays where it is.
    """
    corners = _corners(np.asarray(points_m, dtype=np.float64))
    whole = _triangulated(corners)
    if len(corners) <= max_vertices and side_count(whole) <= MOST_SIDES:
        return whole
    count = min(max_vertices, len(corners))
    order = _farthest_corners(corners, count)
    while True:
        hull = _grown(_triangulated(corners[np.sort(order[:count])]), whole)
        excess = side_count(hull) - MOST_SIDES
        if excess <= 0 or count <= _FEWEST:
            return hull
        # A corner less takes two triangles away.
        count = max(_FEWEST, count - (excess + 1) // 2)


def side_count(hull: TriangleMesh) -> int:
    """Return the number of a hull's flat sides; triangles in one plane are one side."""
    return len(np.unique(hull_planes(hull)[:, :3].round(_SAME_SIDE), axis=0))


def _grown(hull: TriangleMesh, whole: TriangleMesh) -> TriangleMesh:
    """Return a reduced hull with its corners moved outwards until it has about the volume of the whole."""
    triangles = hull.vertices_m[hull.faces]
    areas = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]) / 2
    lost_m = (hull_volume_m3(whole) - hull_volume_m3(hull)) / np.linalg.norm(areas, axis=1).sum()
    outward = np.zeros_like(hull.vertices_m)
    np.add.at(outward, hull.faces.reshape(-1), np.repeat(areas, 3, axis=0))
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    low, high = whole.vertices_m.min(axis=0), whole.vertices_m.max(axis=0)
    return _triangulated(_corners(np.clip(hull.vertices_m + lost_m * outward, low, high)))


def exact_hull_of(points_m: ArrayLike) -> TriangleMesh:
    """Return the convex hull of points (N, 3) with all its corners, for measuring."""
    return _triangulated(_corners(np.asarray(points_m, dtype=np.float64)))


def hull_volume_m3(hull: TriangleMesh) -> float:
    """Return the volume of a convex mesh."""
    corners = hull.vertices_m[hull.faces] - hull.vertices_m.mean(axis=0)
    return float(np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6)


def hull_planes(hull: TriangleMesh) -> Floats:
    """Return the hull's planes (F, 4): unit outward normal and offset, so that n x + d <= 0 holds inside."""
    corners = hull.vertices_m[hull.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    keep = lengths > 1e-14
    normals = normals[keep] / lengths[keep, None]
    return np.column_stack([normals, -np.einsum("ij,ij->i", normals, corners[keep, 0])])


def height_above(hull: TriangleMesh, points_m: Floats) -> Floats:
    """Return how far each point lies beyond the hull's farthest plane, in metres; negative inside."""
    planes = hull_planes(hull)
    return (points_m @ planes[:, :3].T + planes[:, 3]).max(axis=1)


def cut(hull: TriangleMesh, normal: ArrayLike, offset_m: float, max_vertices: int = 64) -> TriangleMesh | None:
    """Return the part of a hull where normal x <= offset, or None where it is thinner than 0.1 mm."""
    height = hull.vertices_m @ np.asarray(normal, dtype=np.float64) - offset_m
    if height.max() <= 0:
        return hull
    if height.min() > -1e-4:
        return None
    edges = directed_edges(hull.faces)
    crossing = edges[(height[edges[:, 0]] < 0) & (height[edges[:, 1]] > 0)]
    low, high = hull.vertices_m[crossing[:, 0]], hull.vertices_m[crossing[:, 1]]
    share = height[crossing[:, 0]] / (height[crossing[:, 0]] - height[crossing[:, 1]])
    section = low + share[:, None] * (high - low)
    return hull_of(np.concatenate([hull.vertices_m[height <= 0], section]), max_vertices)


def joined_until(hulls: Sequence[TriangleMesh], count: int, max_vertices: int = 64) -> list[TriangleMesh]:
    """Join hulls, each time the pair that adds the least empty space, until at most `count` are left."""
    pieces = list(hulls)
    volumes = [hull_volume_m3(piece) for piece in pieces]
    added: dict[tuple[int, int], float] = {}
    alive = list(range(len(pieces)))
    while len(alive) > count:
        for at, first in enumerate(alive):
            for second in alive[at + 1 :]:
                if (first, second) not in added:
                    union = ConvexHull(_both(pieces[first], pieces[second])).volume
                    added[first, second] = union - volumes[first] - volumes[second]
        first, second = min(
            ((a, b) for a, b in added if a in alive and b in alive), key=lambda pair: (added[pair], pair)
        )
        pieces.append(hull_of(_both(pieces[first], pieces[second]), max_vertices))
        volumes.append(hull_volume_m3(pieces[-1]))
        alive = [index for index in alive if index not in (first, second)] + [len(pieces) - 1]
    return [pieces[index] for index in alive]


def _both(first: TriangleMesh, second: TriangleMesh) -> Floats:
    return np.concatenate([first.vertices_m, second.vertices_m])


def _corners(points: Floats) -> Floats:
    """Return the corners of the points' hull; a flat or straight set is thickened first."""
    centred = points - points.mean(axis=0)
    _, _, axes = np.linalg.svd(centred.T @ centred)
    flat = [axis for axis in axes if np.ptp(centred @ axis) < THINNEST_M / 2]
    for axis in flat:
        points = np.concatenate([points + axis * THINNEST_M / 2, points - axis * THINNEST_M / 2])
    try:
        return points[ConvexHull(points).vertices]
    except QhullError:
        # Nearly flat beyond qhull's precision: a joggled input always has a hull.
        return points[ConvexHull(points, qhull_options="QJ").vertices]


def _farthest_corners(corners: Floats, count: int) -> NDArray[np.int64]:
    chosen = list(dict.fromkeys(np.argmax(corners @ _DIRECTIONS.T, axis=0).tolist()))
    while len(chosen) < min(count, len(corners)):
        equations = ConvexHull(corners[chosen], qhull_options="QJ").equations
        beyond = (corners @ equations[:, :3].T + equations[:, 3]).max(axis=1)
        beyond[chosen] = -np.inf
        chosen.append(int(np.argmax(beyond)))
    return np.array(chosen[:count])


def _triangulated(corners: Floats) -> TriangleMesh:
    try:
        hull = ConvexHull(corners)
    except QhullError:
        hull = ConvexHull(corners, qhull_options="QJ")
    faces = hull.simplices.copy()
    triangles = corners[faces]
    normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    inward = np.einsum("ij,ij->i", normals, hull.equations[:, :3]) < 0
    faces[inward] = faces[inward][:, ::-1]
    used, index = np.unique(faces, return_inverse=True)
    return TriangleMesh(corners[used], index.reshape(-1, 3).astype(np.int32))
