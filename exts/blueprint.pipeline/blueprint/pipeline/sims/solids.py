"""Solid shapes as unions of convex pieces, exactly as they are simulated: rays, surface samples, supports."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

Array = NDArray[np.float64]

_SEAM_M = 2e-3
"""Gaps between the pieces of one object up to here are seams of its decomposition, not openings."""


@dataclass(frozen=True, eq=False, slots=True)
class ConvexSolid:
    """A convex piece: corners (V, 3) in metres, triangles (T, 3), and planes with `normal . x <= offset` inside."""

    corners_m: Array
    triangles: NDArray[np.intp]
    normals: Array
    offsets_m: Array


@dataclass(frozen=True, eq=False, slots=True)
class Chord:
    """Where rays run through a solid: distances from the origin, outward normals there; NaN where a ray misses."""

    enter_m: Array
    leave_m: Array
    enter_normal: Array
    leave_normal: Array


def convex_solid(corners_m: Array) -> ConvexSolid:
    """Build the hull of points (V, 3)."""
    hull = ConvexHull(corners_m)
    planes = np.unique(hull.equations.round(9), axis=0)
    return ConvexSolid(corners_m, hull.simplices.astype(np.intp), planes[:, :3], -planes[:, 3])


def surface_samples(pieces: Sequence[ConvexSolid], count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw points (N, 3) with outward normals (N, 3), evenly over the outside of the union; N is at most `count`."""
    corners = np.concatenate([piece.corners_m[piece.triangles] for piece in pieces])
    centers = np.concatenate([np.broadcast_to(p.corners_m.mean(axis=0), (len(p.triangles), 3)) for p in pieces])
    owner = np.concatenate([np.full(len(piece.triangles), index) for index, piece in enumerate(pieces)])
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(cross, axis=1)
    chosen = rng.choice(len(area), size=count, p=area / area.sum())
    u, v = np.sqrt(rng.random(count)), rng.random(count)
    weights = np.stack([1 - u, u * (1 - v), u * v], axis=1)
    points = np.einsum("nk,nkd->nd", weights, corners[chosen])
    normals = cross[chosen] / area[chosen, None]
    inward = np.einsum("nd,nd->n", normals, points - centers[chosen]) < 0
    normals[inward] *= -1
    outside = np.ones(count, dtype=bool)
    for index, piece in enumerate(pieces):
        depth = (points @ piece.normals.T - piece.offsets_m).max(axis=1)
        outside &= (owner[chosen] == index) | (depth > -1e-4)
    return points[outside], normals[outside]


def chords(pieces: Sequence[ConvexSolid], origins_m: Array, directions: Array) -> Chord:
    """Follow rays (N, 3) from outside into the union, to where they first leave it for more than a seam."""
    enters, leaves, normals_in, normals_out = zip(
        *(_chord(piece, origins_m, directions) for piece in pieces), strict=True
    )
    enter, leave = np.stack(enters), np.stack(leaves)
    order = np.argsort(enter, axis=0, kind="stable")
    rows = np.arange(enter.shape[1])
    first = order[0]
    enter_m, leave_m = enter[first, rows], leave[first, rows]
    normal_in = np.stack(normals_in)[first, rows]
    all_normals_out = np.stack(normals_out)
    normal_out = all_normals_out[first, rows]
    for piece in order[1:]:
        begins, ends = enter[piece, rows], leave[piece, rows]
        joined = (begins <= leave_m + _SEAM_M) & (ends > leave_m)
        leave_m[joined] = ends[joined]
        normal_out[joined] = all_normals_out[piece[joined], rows[joined]]
    missed = ~np.isfinite(enter_m)
    enter_m[missed] = leave_m[missed] = np.nan
    return Chord(enter_m, leave_m, normal_in, normal_out)


def _chord(piece: ConvexSolid, origins_m: Array, directions: Array) -> tuple[Array, Array, Array, Array]:
    """Clip rays by one piece's planes; a missed ray enters at +inf and leaves at -inf."""
    closing = directions @ piece.normals.T
    gap = piece.offsets_m - origins_m @ piece.normals.T
    with np.errstate(divide="ignore", invalid="ignore"):
        at = gap / closing
    entering = np.where(closing < -1e-12, at, -np.inf)
    leaving = np.where(closing > 1e-12, at, np.inf)
    beside = ((np.abs(closing) <= 1e-12) & (gap < 0)).any(axis=1)
    first, last = entering.argmax(axis=1), leaving.argmin(axis=1)
    rows = np.arange(len(origins_m))
    enter, leave = entering[rows, first], leaving[rows, last]
    missed = beside | (enter >= leave) | (leave <= 0)
    enter = np.where(missed, np.inf, enter)
    leave = np.where(missed, -np.inf, leave)
    return enter, leave, piece.normals[first], piece.normals[last]
