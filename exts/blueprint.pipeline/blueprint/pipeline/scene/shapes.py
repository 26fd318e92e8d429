"""The solid shape of a prop: the corners of its convex pieces, and its outline on the ground. Pure numpy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.colliders import BoxPiece, ConvexPiece
from blueprint.pipeline.scene.manifests import SceneProp
from blueprint.pipeline.scene.meshes import load_mesh
from blueprint.pipeline.scene.poses import Pose, Vec3

Array = NDArray[np.float64]


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
    if isinstance(piece, BoxPiece):
        return piece.T_prop_box.apply(box_corners(piece.half_extents_m))
    return load_mesh(record_folders, piece.mesh).vertices_m


def box_corners(half_extents_m: Vec3) -> Array:
    """Return the eight corners of a box about the origin."""
    return np.array(list(product((-1.0, 1.0), repeat=3))) * np.asarray(half_extents_m)


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


def _gap_along_edges(of_m: Array, other_m: Array) -> float:
    normals, offsets = _edges(of_m)
    return float(((normals @ other_m.T).min(axis=1) - offsets).max())


def _edges(outline_m: Array) -> tuple[Array, Array]:
    """Return outward unit normals and offsets of a counterclockwise outline's edges."""
    along = np.roll(outline_m, -1, axis=0) - outline_m
    normals = np.stack([along[:, 1], -along[:, 0]], axis=1)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return normals, np.einsum("ij,ij->i", normals, outline_m)
