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


def distribution_of(solid: Solid, hulls: Sequence[TriangleMesh], surface_share: float = 0.0) -> MassDistribution:
    """Measure how mass lies that fills a solid evenly, but for a share that lies evenly in its scanned surface.

    An open surface is judged by its convex pieces, unless all mass lies in the surface.
    """
    inside, why = (None, "") if surface_share >= 1 else _inside(solid, hulls)
    shell = _surface_moments(solid) if surface_share > 0 else None
    if inside is None and shell is None:
        return _box_like(solid)
    if shell is None or inside is None:
        moments = inside or shell
        why = why if shell is None else "centre and inertia of the scanned surface"
    else:
        moments = _mixed(inside, shell, surface_share)
        why = f"{why}, with {surface_share:.0%} of the mass in its walls"
    found = None if moments is None else _principal(*moments, why)
    return _box_like(solid) if found is None else found


Moments = tuple[float, Floats, Floats]
"""Amount of matter (volume or area), centre (3,), and second moments (3, 3) about the origin."""


def _inside(solid: Solid, hulls: Sequence[TriangleMesh]) -> tuple[Moments | None, str]:
    if solid.closed:
        moments = _moments(solid.vertices_m, solid.faces)
        if _principal(*moments, "") is not None:
            return moments, "centre and inertia of the evenly filled mesh"
    parts = [_moments(hull.vertices_m, hull.faces) for hull in hulls]
    volume = sum(hull_volume_m3(hull) for hull in hulls)
    if not volume > 0:
        return None, ""
    center = sum((part[0] * part[1] for part in parts), np.zeros(3)) / volume
    spread = sum((part[2] for part in parts), np.zeros((3, 3)))
    return (volume, center, spread), "the mesh encloses no volume, so centre and inertia are those of its convex pieces"


def _surface_moments(solid: Solid) -> Moments:
    """Return the moments of an even skin on the scanned faces; a triangle's are those of its corners and its middle."""
    scanned = solid.faces[: len(solid.faces) - solid.patch_faces]
    corners = solid.vertices_m[scanned]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    middles = corners.mean(axis=1)
    total = float(area.sum())
    center = area @ middles / total
    summed = np.einsum("i,ika,ikb->ab", area, corners, corners) + 9 * np.einsum("i,ia,ib->ab", area, middles, middles)
    return total, center, summed / 12


def _mixed(inside: Moments, shell: Moments, surface_share: float) -> Moments:
    weights = ((1 - surface_share) / inside[0], surface_share / shell[0])
    center = (1 - surface_share) * inside[1] + surface_share * shell[1]
    return 1.0, center, weights[0] * inside[2] + weights[1] * shell[2]


def _moments(vertices: Floats, faces: NDArray[np.integer]) -> Moments:
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


def gyration_ratio(solid: Solid, center_m: Vec3, inertia_per_kg_m2: Vec3) -> float:
    """Return how far a mass lies out, over how far it could: 1 is all of it in the box's far corners."""
    low, high = solid.vertices_m.min(axis=0), solid.vertices_m.max(axis=0)
    farthest = np.maximum(high - center_m, np.asarray(center_m) - low)
    return float(sum(inertia_per_kg_m2) / 2 / np.sum(farthest**2))
