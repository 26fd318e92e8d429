"""Recover where an object stands: the similarity that maps its canonical mesh onto the posed one.

Order of trust: corresponding vertices; iterated closest points from a start by boxes; boxes alone, for review.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

Points = NDArray[np.float64]
Similarity = tuple[Points, float, Points]

EXACT_RESIDUAL = 1e-3
"""Largest deviation over the box diagonal that rounding and 32-bit files explain."""
CLOSE_RESIDUAL = 0.02
"""Mean deviation over the box diagonal below which two samplings count as the same surface."""

_COARSE_SAMPLES, _FINE_SAMPLES = 500, 4000
_YAW_STARTS = 12
_ICP_ROUNDS = 60
_ICP_GAIN = 1e-6


@dataclass(frozen=True, eq=False)
class RecoveredPose:
    """p_scan = scale * rotation @ p_canonical + translation; `residual` is relative to the box diagonal."""

    rotation: Points
    scale: float
    translation: Points
    method: str
    residual: float
    review: str = ""

    def apply(self, points: Points) -> Points:
        """Map canonical points of shape (N, 3) into the scan."""
        return self.scale * points @ self.rotation.T + self.translation


def recover_pose(canonical: Points, posed: Points) -> RecoveredPose:
    """Return the pose of a canonical mesh, given its vertices and the posed ones."""
    if len(canonical) == len(posed):
        matched = fit_similarity(canonical, posed)
        residual = _worst(matched, canonical, posed)
        if residual <= EXACT_RESIDUAL:
            return RecoveredPose(*matched, "corresponding vertices", residual)
    starts = _box_starts(canonical, posed)
    coarse = [_iterate(start, *(_sample(points, _COARSE_SAMPLES) for points in (canonical, posed))) for start in starts]
    nearest = min(coarse, key=lambda entry: entry[1])[0]
    best = _iterate(nearest, _sample(canonical, _FINE_SAMPLES), _sample(posed, _FINE_SAMPLES))
    if best[1] <= CLOSE_RESIDUAL:
        return RecoveredPose(*best[0], "closest points", best[1], "pose from closest points: compare it with the photo")
    boxes = starts[0]
    review = "pose from bounding boxes only: heading and size are guesses"
    return RecoveredPose(*boxes, "boxes", best[1], review)


def as_placed() -> RecoveredPose:
    """Return the pose of an object that has no canonical mesh: its mesh stays as it is."""
    return RecoveredPose(np.eye(3), 1.0, np.zeros(3), "posed mesh only", 0.0, "no canonical mesh: upright side unknown")


def fit_similarity(source: Points, target: Points) -> tuple[Points, float, Points]:
    """Return rotation, scale and translation that map corresponding points best in the least-squares sense.

    S. Umeyama, Least-squares estimation of transformation parameters between two point patterns, IEEE TPAMI 13(4),
    1991.
    """
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    from_mean, to_mean = source - source_mean, target - target_mean
    variance = float((from_mean**2).sum()) / len(source)
    U, singular, Vt = np.linalg.svd(to_mean.T @ from_mean / len(source))
    signs = np.ones(3)
    # A mirrored solution is no pose; the weakest axis is turned round instead.
    signs[2] = np.sign(np.linalg.det(U) * np.linalg.det(Vt)) or 1.0
    rotation = U @ np.diag(signs) @ Vt
    scale = float((singular * signs).sum()) / variance if variance > 0 else 1.0
    return rotation, scale, target_mean - scale * rotation @ source_mean


def _worst(pose: Similarity, source: Points, target: Points) -> float:
    rotation, scale, translation = pose
    gaps = np.linalg.norm(scale * source @ rotation.T + translation - target, axis=1)
    return float(gaps.max()) / diagonal(target)


def diagonal(points: Points) -> float:
    """Return the length of the diagonal of the box around points, never zero."""
    return max(float(np.linalg.norm(np.ptp(points, axis=0))), 1e-12)


def _sample(points: Points, count: int) -> Points:
    """Thin out evenly by index, so that the result does not depend on a generator."""
    return points[np.linspace(0, len(points) - 1, min(count, len(points))).astype(int)]


def _box_starts(source: Points, target: Points) -> list[Similarity]:
    """Return starts from the boxes: centre, cube root of the volume ratio, headings about the canonical upward axis."""
    low, high = source.min(axis=0), source.max(axis=0)
    aim_low, aim_high = target.min(axis=0), target.max(axis=0)
    floor = 1e-3 * max(float((high - low).max()), 1e-12), 1e-3 * max(float((aim_high - aim_low).max()), 1e-12)
    volumes = np.prod(np.maximum(aim_high - aim_low, floor[1])) / np.prod(np.maximum(high - low, floor[0]))
    scale = float(np.cbrt(volumes))
    starts: list[Similarity] = []
    for yaw in np.arange(_YAW_STARTS) * 2 * np.pi / _YAW_STARTS:
        c, s = np.cos(yaw), np.sin(yaw)
        rotation = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
        starts.append((rotation, scale, (aim_low + aim_high) / 2 - scale * rotation @ ((low + high) / 2)))
    return starts


def _iterate(start: Similarity, source: Points, target: Points) -> tuple[Similarity, float]:
    tree, pose, best = KDTree(target), start, (start, np.inf)
    for _ in range(_ICP_ROUNDS):
        rotation, scale, translation = pose
        moved = scale * source @ rotation.T + translation
        forth, there = tree.query(moved)
        back, here = KDTree(moved).query(target)
        # Pairs in both directions: with one of them only, the shape shrinks into a corner of the other.
        gap = float((forth.mean() + back.mean()) / 2) / diagonal(target)
        if best[1] - gap < _ICP_GAIN:
            break
        best = (pose, gap)
        pose = fit_similarity(np.concatenate([source, source[here]]), np.concatenate([target[there], target]))
    return best
