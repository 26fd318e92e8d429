"""Centre of mass and inertia of a link, from its geometry, scaled to its mass."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.poses import Quat, Vec3, quat_from_rotation, vec3

from .hulls import hull_volume_m3
from .solids import Solid

Floats = NDArray[np.float64]

_TETRAHEDRON = (np.ones((3, 3)) + np.eye(3)) / 120.0
"""Second moments of the unit tetrahedron with one corner at the origin."""


@dataclass(frozen=True)
class MassDistribution:
    """How the mass lies: its centre, and the inertia about it along its principal axes, per kilogram."""

    center_m: Vec3
    inertia_per_kg_m2: Vec3
    axes_quat_wxyz: Quat
    why: str


def distribution_of(solid: Solid, hulls: Sequence[TriangleMesh]) -> MassDistribution:
    """Measure how an evenly filled solid's mass lies; an open surface is judged by its convex pieces."""
    if solid.closed:
        volume, center, spread = _moments(solid.vertices_m, solid.faces)
        measured = _principal(volume, center, spread, "centre and inertia of the evenly filled mesh")
        if measured is not None:
            return measured
    moments = [_moments(hull.vertices_m, hull.faces) for hull in hulls]
    volume = sum(hull_volume_m3(hull) for hull in hulls)
    center = sum((part[0] * part[1] for part in moments), np.zeros(3)) / volume
    spread = sum((part[2] for part in moments), np.zeros((3, 3)))
    return _box_like(solid) if (found := _principal(volume, center, spread, _FROM_HULLS)) is None else found


_FROM_HULLS = "the mesh encloses no volume, so centre and inertia are those of its convex pieces"


def _moments(vertices: Floats, faces: NDArray[np.integer]) -> tuple[float, Floats, Floats]:
    """Return volume, centre and the second moments (3, 3) about the origin, summed over tetrahedra to the origin.

    Offsets are taken from the middle first, because a far origin costs digits.
    """
    middle = vertices.mean(axis=0)
    corners = (vertices - middle)[faces]
    determinants = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))
    volume = float(determinants.sum() / 6)
    first = np.einsum("i,ij->j", determinants, corners.sum(axis=1)) / 24
    second = np.einsum("i,ika,kl,ilb->ab", determinants, corners, _TETRAHEDRON, corners)
    center = middle + first / volume
    about_origin = second + np.outer(middle, first) + np.outer(first, middle) + volume * np.outer(middle, middle)
    return volume, center, about_origin


def _principal(volume: float, center: Floats, spread: Floats, why: str) -> MassDistribution | None:
    """Return the distribution, or None where the moments are not those of a real body."""
    if not volume > 0:
        return None
    variance, axes = np.linalg.eigh(spread / volume - np.outer(center, center))
    if variance[0] <= 0 or not np.isfinite(variance).all():
        return None
    # I_x = <y2> + <z2>: built from positive variances, it satisfies the triangle inequality by construction.
    inertia = variance.sum() - variance
    return MassDistribution(vec3(center), vec3(inertia), quat_from_rotation(_right_handed(axes)), why)


def _right_handed(axes: Floats) -> Floats:
    """Fix the signs that an eigenvector leaves open, so that equal input gives equal bytes."""
    leading = np.argmax(np.abs(axes), axis=0)
    axes = axes * np.sign(axes[leading, np.arange(3)])
    if np.linalg.det(axes) < 0:
        axes[:, 2] = -axes[:, 2]
    return axes


def _box_like(solid: Solid) -> MassDistribution:
    low, high = solid.vertices_m.min(axis=0), solid.vertices_m.max(axis=0)
    variance = np.maximum(high - low, 1e-3) ** 2 / 12
    why = "neither mesh nor pieces give a usable inertia, so it is that of the bounding box"
    return MassDistribution(vec3((low + high) / 2), vec3(variance.sum() - variance), (1.0, 0.0, 0.0, 0.0), why)


def is_physical(inertia_kg_m2: Vec3) -> bool:
    """Whether principal moments are positive and none exceeds the sum of the others."""
    a, b, c = sorted(inertia_kg_m2)
    return a > 0 and c <= (a + b) * (1 + 1e-9)
