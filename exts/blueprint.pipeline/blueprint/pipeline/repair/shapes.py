"""Areas, volumes and thinness of faces."""

import numpy as np

from .topology import WELD_M, Flags, Floats, Indices


def area_vectors(corners: Floats) -> Floats:
    """Return half the cross product of two sides of each face, shape (F, 3), from corners (F, 3, 3)."""
    return np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]) / 2


def lengths_m(vectors: Floats) -> Floats:
    """Return the length of each vector (N, 3); a sum along an axis of three takes several times as long."""
    x, y, z = vectors.T
    return np.sqrt(x * x + y * y + z * z)


def areas_m2(corners: Floats) -> Floats:
    """Return the area of each face."""
    return lengths_m(area_vectors(corners))


def volumes_m3(corners: Floats, origins: Floats) -> Floats:
    """Return the signed volume between each face and a point, one point per face."""
    a, b, c = (corners[:, k] - origins for k in range(3))
    return np.einsum("ij,ij->i", a, np.cross(b, c)) / 6


def side_lengths_m(corners: Floats) -> Floats:
    """Return the length of each side, shape (F, 3)."""
    return np.stack([lengths_m(corners[:, (k + 1) % 3] - corners[:, k]) for k in range(3)], axis=1)


def longest_side_m(corners: Floats) -> Floats:
    """Return the length of each face's longest side."""
    one, two, three = (lengths_m(corners[:, (k + 1) % 3] - corners[:, k]) for k in range(3))
    return np.maximum(np.maximum(one, two), three)


def without_area(corners: Floats, point_faces: Indices) -> Flags:
    """Whether each face is a line or a point: two corners at one place, or a height below WELD_M."""
    a, b, c = point_faces.T
    return (a == b) | (b == c) | (c == a) | (2 * areas_m2(corners) <= WELD_M * longest_side_m(corners))
