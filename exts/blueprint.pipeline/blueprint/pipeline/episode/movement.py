"""How a robot moved, in numbers from recorded states: how straight, how smoothly, with what effort."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.scene.pose_arrays import lengths

Array = NDArray[np.float64]

LEAST_WAY_M = 0.02
"""Segments whose ends are nearer than this are no ways that could be more or less straight."""


def segments(track: Track) -> Iterator[tuple[int, int]]:
    """Yield first and last frame of each stretch of one phase, the first frame of the next one included."""
    starts = np.flatnonzero(np.diff(track.phase, prepend=track.phase[0] - 1))
    ends = [*starts[1:], track.frame_count - 1]
    yield from ((int(start), int(end)) for start, end in zip(starts, ends, strict=True) if end > start)


def path_efficiency(track: Track) -> float | None:
    """Return straight line over path of the tool point, per segment, weighted by path; None without any way."""
    step_m = lengths(np.diff(track.tcp_position_m, axis=0))
    straight_m = path_m = 0.0
    for start, end in segments(track):
        way_m = float(lengths(track.tcp_position_m[end] - track.tcp_position_m[start]))
        if way_m >= LEAST_WAY_M:
            straight_m, path_m = straight_m + way_m, path_m + float(step_m[start:end].sum())
    return straight_m / path_m if path_m > 0 else None


def mean_jerk_m_s3(track: Track) -> float | None:
    """Return the mean size of the tool point's jerk, its third difference over dt cubed; None for under four frames."""
    if track.frame_count < 4:
        return None
    return float(lengths(np.diff(track.tcp_position_m, n=3, axis=0)).mean() * track.fps**3)


def energy_j(track: Track, joints: slice) -> float:
    """Return the mechanical energy of joints: the sum of |effort x speed| dt."""
    return float(np.abs(track.joint_effort[:, joints] * track.joint_velocity[:, joints]).sum() / track.fps)


def speed_evenness(track: Track) -> float | None:
    """Return 1 - variance over squared mean of the tool's speed while it moves; None where it never does."""
    speed = lengths(np.diff(track.tcp_position_m, axis=0)) * track.fps
    moving = speed[speed > 0.01]
    return float(1 - moving.var() / moving.mean() ** 2) if len(moving) else None


def least_manipulability(track: Track, arm: slice, jacobian: Callable[[Array], Array]) -> float:
    """Return the smallest product of the Jacobian's singular values, about five times a second.

    For arms of six and more joints it equals sqrt(det(J J^T)); mixed units of m and rad.
    """
    postures = track.joint_position[:: max(1, track.fps // 5), arm]
    return min(float(np.prod(np.linalg.svd(jacobian(posture), compute_uv=False))) for posture in postures)
