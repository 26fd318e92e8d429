"""The solid shape of a prop: the corners of its convex pieces, and its outline on the ground. Pure numpy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.colliders import BoxPiece, ConvexPiece, CylinderPiece, HullPiece, SpherePiece
from blueprint.pipeline.scene.manifests import SceneProp
from blueprint.pipeline.scene.meshes import load_mesh
from blueprint.pipeline.scene.poses import Pose, Vec3

Array = NDArray[np.float64]

ROUND = 64
"""Points on a full circle of a round piece."""

_BOX_QUADS = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))


@dataclass(frozen=True, eq=False)
class PropShape:
    """Corners of each convex piece of all links, shape (N, 3), in the prop's frame with its joints at 0."""

    pieces_m: tuple[Array, ...]

    def corners_m(self, T_world_prop: Pose) -> Array:
        """Return every corner in the world, shape (N, 3)."""
        return T_world_prop.apply(np.concatenate(self.pieces_m))

    def lowest_m(self, T_world_prop: Pose) -> float:
        """Return the height of the lowest corner."""
        return float(self.corners_m(T_world_prop)[:, 2].min())

    def outline_m(self, T_world_prop: Pose) -> Array:
        """Return the convex outline seen from above, counterclockwise, shape (M, 2)."""
        return convex_outline(self.corners_m(T_world_prop)[:, :2])


def shape_of(pieces: Iterable[ConvexPiece], record_folders: Sequence[Path]) -> PropShape:
    """Return the shape of convex pieces; hulls are read from the records that hold them."""
    return PropShape(tuple(piece_corners(piece, record_folders) for piece in pieces))


def shape_of_prop(prop: SceneProp, record_folders: Sequence[Path]) -> PropShape:
    """Return the shape of a prop of an assembled scene."""
    return shape_of((piece for link in prop.physics for piece in link.colliders.pieces), record_folders)


def piece_corners(piece: ConvexPiece, record_folders: Sequence[Path]) -> Array:
    """Return the corners of one convex piece in the prop's frame, shape (N, 3)."""
    if isinstance(piece, HullPiece):
        return load_mesh(record_folders, piece.mesh).vertices_m
    return primitive_corners(piece)


def primitive_corners(piece: BoxPiece | CylinderPiece | SpherePiece) -> Array:
    """Return the corners of a primitive in the prop's frame, shape (N, 3); of a round one, points of its surface."""
    if isinstance(piece, BoxPiece):
        return piece.T_prop_box.apply(box_corners(piece.half_extents_m))
    if isinstance(piece, CylinderPiece):
        return piece.T_prop_cylinder.apply(cylinder_rims(piece.radius_m, piece.half_height_m))
    return np.asarray(piece.center_m) + sphere_points(piece.radius_m)


def box_corners(half_extents_m: Vec3) -> Array:
    """Return the eight corners of a box about the origin."""
    return np.array(list(product((-1.0, 1.0), repeat=3))) * np.asarray(half_extents_m)


def cylinder_rims(radius_m: float, half_height_m: float) -> Array:
    """Return points on both rims of a cylinder about Z, `2 * ROUND` of them; they miss its wall by 0.12 % at most."""
    angle = np.arange(ROUND) * (2 * np.pi / ROUND)
    rim = np.column_stack([radius_m * np.cos(angle), radius_m * np.sin(angle)])
    return np.concatenate([np.column_stack([rim, np.full(ROUND, z)]) for z in (-half_height_m, half_height_m)])


def sphere_points(radius_m: float) -> Array:
    """Return points on a sphere about the origin, on rings between its lowest and its highest point."""
    steep = np.linspace(-np.pi / 2, np.pi / 2, ROUND // 2 + 1)[1:-1]
    angle = np.arange(ROUND) * (2 * np.pi / ROUND)
    rings = [
        np.column_stack([np.cos(up) * np.cos(angle), np.cos(up) * np.sin(angle), np.full(ROUND, np.sin(up))])
        for up in steep
    ]
    return radius_m * np.concatenate([[(0.0, 0.0, -1.0)], *rings, [(0.0, 0.0, 1.0)]])


def primitive_triangles(piece: BoxPiece | CylinderPiece | SpherePiece) -> Array:
    """Return the surface of a primitive in the prop's frame as triangles wound outwards, shape (T, 3, 3)."""
    corners = primitive_corners(piece)
    if isinstance(piece, BoxPiece):
        return corners[_triangles(_BOX_QUADS)]
    if isinstance(piece, CylinderPiece):
        return corners[_triangles([*_ring_quads(0), *_lid(0, ROUND, -1), *_lid(ROUND, ROUND, 1)])]
    last = len(corners) - 1
    quads = [quad for begin in range(1, last - ROUND, ROUND) for quad in _ring_quads(begin)]
    caps = [(0, 1 + (at + 1) % ROUND, 1 + at) for at in range(ROUND)]
    caps += [(last, last - ROUND + at, last - ROUND + (at + 1) % ROUND) for at in range(ROUND)]
    return corners[_triangles([*quads, *caps])]


def _ring_quads(begin: int) -> list[tuple[int, ...]]:
    """Join a ring of `ROUND` points with the one above it."""
    steps = [(begin + at, begin + (at + 1) % ROUND) for at in range(ROUND)]
    return [(here, there, there + ROUND, here + ROUND) for here, there in steps]


def _lid(begin: int, count: int, sign: int) -> list[tuple[int, ...]]:
    return [tuple(range(begin, begin + count))[::sign]]


def _triangles(polygons: Iterable[tuple[int, ...]]) -> NDArray[np.int64]:
    """Cut convex polygons into fans, shape (T, 3)."""
    fans = [(each[0], each[at], each[at + 1]) for each in polygons for at in range(1, len(each) - 1)]
    return np.array(fans, dtype=np.int64)


def rectangle_m(T_world_rectangle: Pose, half_size_m: Sequence[float]) -> Array:
    """Return the corners of a level rectangle as a counterclockwise outline, shape (4, 2)."""
    x, y = half_size_m
    corners = np.array([[-x, -y, 0.0], [x, -y, 0.0], [x, y, 0.0], [-x, y, 0.0]])
    return convex_outline(T_world_rectangle.apply(corners)[:, :2])


def convex_outline(points_m: Array) -> Array:
    """Return the convex hull of points of shape (N, 2), counterclockwise; Andrew's monotone chain."""
    points = np.unique(points_m, axis=0)
    if len(points) < 3:
        return points
    lower, upper = _chain(points), _chain(points[::-1])
    return np.array(lower[:-1] + upper[:-1])


def _chain(points: Array) -> list[Array]:
    chain: list[Array] = []
    for point in points:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _turn(a: Array, b: Array, c: Array) -> float:
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))


def outline_gap_m(first_m: Array, second_m: Array) -> float:
    """Return how far two convex outlines are apart along the best separating edge; negative where they overlap.

    It never exceeds the true distance, so a wanted gap that it grants is there.
    """
    return max(_gap_along_edges(first_m, second_m), _gap_along_edges(second_m, first_m))


def inside_by_m(inner_m: Array, outer_m: Array) -> float:
    """Return how deep a convex outline lies inside another; negative where it sticks out."""
    normals, offsets = _edges(outer_m)
    return float((offsets[:, None] - normals @ inner_m.T).min())


def outward_m(points_m: Array, outline_m: Array) -> Array:
    """Return how far points (N, 2) lie outside a convex outline, negative inside; never above the true distance."""
    normals, offsets = _edges(outline_m)
    return (points_m @ normals.T - offsets).max(axis=1)


def _gap_along_edges(of_m: Array, other_m: Array) -> float:
    normals, offsets = _edges(of_m)
    return float(((normals @ other_m.T).min(axis=1) - offsets).max())


def _edges(outline_m: Array) -> tuple[Array, Array]:
    """Return outward unit normals and offsets of a counterclockwise outline's edges."""
    along = np.roll(outline_m, -1, axis=0) - outline_m
    normals = np.stack([along[:, 1], -along[:, 0]], axis=1)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return normals, np.einsum("ij,ij->i", normals, outline_m)
