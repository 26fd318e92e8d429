"""Turned shapes: a profile spun around the Y axis, and a handle grown out of such a wall as one surface."""

from dataclasses import dataclass

import numpy as np

from .shape import Floats, Ints, Shape, joined, rigid, used_only

# Around a window of 2 x 2 quads: (rows up, columns along) counted from its lower middle vertex.
_WINDOW_RIM = ((2, -1), (2, 0), (2, 1), (1, 1), (0, 1), (0, 0), (0, -1), (1, -1))


@dataclass(frozen=True)
class Handle:
    """A loop from one window in the wall to another, standing off along +X."""

    upper_row: int
    """Profile index of the upper window's lowest row; the window spans two rows."""
    lower_row: int
    """Profile index of the lower window's lowest row."""
    reach_m: float
    """How far the control points of its curve stand off the wall."""
    half_width_m: float
    half_thickness_m: float
    ring_count: int
    uv: tuple[float, float]
    """Where in the texture its one colour lies."""


def lathe(profile_m: list[tuple[float, float]], *, segments: int, handle: Handle | None = None) -> Shape:
    """Spin `profile_m` (radius, height), which runs from the axis below, over the outside, back to the axis.

    The texture's u runs around from -X, v down along the profile: v = 1 at the profile's start, 0 at its end.
    """
    rings = _rings(np.asarray(profile_m), segments)
    rows, columns = rings.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    lower = np.stack([index[:-1, :-1], index[:-1, 1:], index[1:, 1:]], axis=-1)
    upper = np.stack([index[:-1, :-1], index[1:, 1:], index[1:, :-1]], axis=-1)
    on_axis = np.asarray(profile_m)[:, 0] == 0.0
    keep_lower = np.repeat(~on_axis[:-1, None], columns - 1, axis=1)
    keep_upper = np.repeat(~on_axis[1:, None], columns - 1, axis=1)
    if handle is not None:
        for row in (handle.upper_row, handle.lower_row):
            window = (slice(row, row + 2), slice(segments // 2 - 1, segments // 2 + 1))
            keep_lower[window] = keep_upper[window] = False
    faces = np.concatenate([lower[keep_lower], upper[keep_upper]])
    body = rigid(rings.reshape(-1, 3), faces, _unrolled(np.asarray(profile_m), columns))
    return body if handle is None else joined(used_only(body), _swept(rings, segments // 2, handle))


def _rings(profile_m: Floats, segments: int) -> Floats:
    # The last column repeats the first to the bit, so that welding closes the seam.
    angle = np.pi + 2.0 * np.pi * (np.arange(segments + 1) % segments) / segments
    radius, height = profile_m[:, :1], profile_m[:, 1:]
    heights = np.broadcast_to(height, (len(profile_m), segments + 1))
    return np.stack([radius * np.cos(angle), heights, -radius * np.sin(angle)], axis=-1)


def _unrolled(profile_m: Floats, columns: int) -> Floats:
    steps = np.linalg.norm(np.diff(profile_m, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)]) / steps.sum()
    u, v = np.meshgrid(np.linspace(0.0, 1.0, columns), np.clip(1.0 - along, 0.0, 1.0))
    return np.stack([u.reshape(-1), v.reshape(-1)], axis=1)


def _swept(rings: Floats, column: int, handle: Handle) -> Shape:
    start = np.array([rings[handle.upper_row + up, column + along] for up, along in _WINDOW_RIM])
    # The tube turns over on its way, so the lower window is met with its rows reversed.
    end = np.array([rings[handle.lower_row + 2 - up, column + along] for up, along in _WINDOW_RIM])
    middle = _cross_sections(start.mean(axis=0), end.mean(axis=0), handle)
    tube = np.concatenate([start[None], middle, end[None]])
    rows, around = tube.shape[:2]
    index = np.arange(rows * around).reshape(rows, around)
    after = np.roll(index, -1, axis=1)
    faces: Ints = np.concatenate(
        [
            np.stack([index[:-1], index[1:], after[1:]], axis=-1).reshape(-1, 3),
            np.stack([index[:-1], after[1:], after[:-1]], axis=-1).reshape(-1, 3),
        ]
    )
    return rigid(tube.reshape(-1, 3), faces, np.tile(handle.uv, (rows * around, 1)))


def _cross_sections(start: Floats, end: Floats, handle: Handle) -> Floats:
    t = np.linspace(0.0, 1.0, handle.ring_count + 2)[1:-1, None]
    reach = np.array([handle.reach_m, 0.0, 0.0])
    lift = np.array([0.0, 0.15 * handle.reach_m, 0.0])
    control = (start, start + reach + lift, end + reach, end)
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    centre = sum(weight * point for weight, point in zip(weights, control, strict=True))
    slopes = (3 * (1 - t) ** 2, 6 * t * (1 - t), 3 * t**2)
    steps = (control[1] - control[0], control[2] - control[1], control[3] - control[2])
    tangent = np.asarray(sum(slope * step for slope, step in zip(slopes, steps, strict=True)))
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    side = np.array([0.0, 0.0, 1.0])
    upward = np.cross(side, tangent)
    angle = np.array([np.arctan2(up - 1, along) for up, along in _WINDOW_RIM])
    # Growing columns run towards -Z, so a rim vertex "to the right" lies on the negative side.
    across = -handle.half_width_m * np.cos(angle)[None, :, None] * side
    through = handle.half_thickness_m * np.sin(angle)[None, :, None] * upward[:, None, :]
    return np.asarray(centre)[:, None, :] + across + through
