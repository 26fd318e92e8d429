"""Links as the boxes around their colliders: how near the robot came to things, and what hid the target from a camera.

Boxes are coarser than what is simulated: a clearance measured on them is never too large.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.geometry import Shapes, owner_of
from blueprint.pipeline.episode.touches import ROBOT
from blueprint.pipeline.scene.pose_arrays import lengths, rotations

Array = NDArray[np.float64]

FARTHEST_M = 0.2
"""Clearances beyond this are all alike."""
MOVES_M = 0.01
"""A link of the robot whose origin moves less than this is its foot, which stands where it stands."""


@dataclass(frozen=True, eq=False, slots=True)
class LinkBoxes:
    """L boxes over N frames: middles (N, L, 3), axes as columns (N, L, 3, 3), half sizes (L, 3)."""

    middle_m: Array
    axes: Array
    half_m: Array

    @classmethod
    def around(cls, shapes: Shapes, links: Sequence[str], frames: slice) -> "LinkBoxes":
        """Put boxes around the colliders of links."""
        middles: list[Array] = []
        axes: list[Array] = []
        halves: list[Array] = []
        for link in links:
            corners = shapes.geometry.corners_m[link]
            low, high = corners.min(axis=0), corners.max(axis=0)
            position, rotation = shapes.body_pose(link)
            middles.append(position[frames] + rotation[frames] @ ((low + high) / 2))
            axes.append(rotation[frames])
            halves.append((high - low) / 2)
        return cls(np.stack(middles, axis=1), np.stack(axes, axis=1), np.array(halves))


def least_clearance_m(shapes: Shapes, spared: Iterable[str]) -> float | None:
    """Return how near the robot's moving links came to anything but what is spared; None where nothing else is there.

    About ten frames a second are looked at; distances beyond `FARTHEST_M` are returned as that.
    """
    left_out, track = {ROBOT, *spared}, shapes.track
    frames = slice(None, None, max(1, track.fps // 10))
    robot = [link for link in shapes.geometry.links_of(ROBOT) if _moves(shapes, link)]
    others = [link for link in shapes.geometry.corners_m if owner_of(link) not in left_out]
    if not robot or not others:
        return None
    ours, theirs = LinkBoxes.around(shapes, robot, frames), LinkBoxes.around(shapes, others, frames)
    reach = lengths(ours.half_m)[:, None] + lengths(theirs.half_m)[None]
    apart = lengths(ours.middle_m[:, :, None] - theirs.middle_m[:, None]) - reach
    frame, first, second = np.nonzero(apart < FARTHEST_M)
    if not len(frame):
        return FARTHEST_M
    gap = _gaps_m(ours, theirs, frame, first, second)
    return float(min(gap.min(), FARTHEST_M))


def _moves(shapes: Shapes, link: str) -> bool:
    return bool(np.ptp(shapes.body_pose(link)[0], axis=0).max() > MOVES_M)


def _gaps_m(
    ours: LinkBoxes, theirs: LinkBoxes, frame: NDArray[np.intp], first: NDArray[np.intp], second: NDArray[np.intp]
) -> Array:
    """Return the separation of box pairs (P,) along the best of their fifteen axes; 0 where they meet."""
    a, b = ours.axes[frame, first], theirs.axes[frame, second]
    crossed = np.cross(a.transpose(0, 2, 1)[:, :, None], b.transpose(0, 2, 1)[:, None])
    axes = np.concatenate([a.transpose(0, 2, 1), b.transpose(0, 2, 1), crossed.reshape(-1, 9, 3)], axis=1)
    size = lengths(axes)[..., None]
    axes = np.where(size > 1e-6, axes / np.maximum(size, 1e-6), 0.0)
    between = theirs.middle_m[frame, second] - ours.middle_m[frame, first]
    reach = (np.abs(axes @ a) * ours.half_m[first][:, None]).sum(axis=2)
    reach += (np.abs(axes @ b) * theirs.half_m[second][:, None]).sum(axis=2)
    apart = np.abs((axes * between[:, None]).sum(axis=2)) - reach
    return np.maximum(apart.max(axis=1), 0.0)


@dataclass(frozen=True, eq=False, slots=True)
class View:
    """A camera over N frames; it looks along -Z of its frame with +Y up."""

    position_m: Array
    quat_wxyz: Array
    focal_px: float
    width_px: int
    height_px: int


def share_in_view(shapes: Shapes, target: str, views: Sequence[View], hand: Sequence[str]) -> float | None:
    """Return the share of frames in which a camera sees the middle of a prop, by projection; None without cameras.

    What hides it are the boxes of other movable props and of the robot's links, those of the hand excepted, between
    whose fingers a camera looks.
    """
    if not views:
        return None
    track, middle = shapes.track, shapes.middle_m(target)
    movable = {name for name in track.prop_names if name != target}
    blockers = [link for link in shapes.geometry.corners_m if owner_of(link) in {*movable, ROBOT} and link not in hand]
    boxes = LinkBoxes.around(shapes, blockers, slice(None)) if blockers else None
    seen = np.zeros(track.frame_count, dtype=bool)
    for view in views:
        inside = _in_picture(view, middle)
        seen |= inside & ~_hidden(view.position_m, middle, boxes) if boxes is not None else inside
    return float(seen.mean())


def _in_picture(view: View, point_m: Array) -> NDArray[np.bool_]:
    local = np.einsum("nj,njk->nk", point_m - view.position_m, rotations(view.quat_wxyz))
    ahead = -local[:, 2]
    depth = np.where(ahead > 0, ahead, np.inf)
    across, up = np.abs(local[:, :2].T) * view.focal_px / depth
    return (ahead > 0) & (across <= view.width_px / 2) & (up <= view.height_px / 2)


def _hidden(eye_m: Array, point_m: Array, boxes: LinkBoxes) -> NDArray[np.bool_]:
    """Whether the line from an eye to a point passes a box, per frame, by its slabs."""
    start = np.einsum("nlj,nljk->nlk", eye_m[:, None] - boxes.middle_m, boxes.axes)
    way = np.einsum("nj,nljk->nlk", point_m - eye_m, boxes.axes)
    safe = np.where(np.abs(way) > 1e-12, way, 1e-12)
    first, second = (-boxes.half_m - start) / safe, (boxes.half_m - start) / safe
    enter = np.minimum(first, second).max(axis=2)
    leave = np.maximum(first, second).min(axis=2)
    # An eye within a box is no eye that looks through it: cameras are mounted on links.
    return ((enter < leave) & (enter > 0) & (enter < 1)).any(axis=1)
