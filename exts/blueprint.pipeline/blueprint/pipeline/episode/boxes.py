"""Links as the boxes around their colliders: which came near each other, and what hid the target from a camera."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.geometry import Shapes, owner_of
from blueprint.pipeline.episode.touches import ROBOT
from blueprint.pipeline.scene.pose_arrays import lengths, rotations

Array = NDArray[np.float64]


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

    @classmethod
    def stacked(cls, parts: Sequence["LinkBoxes"]) -> "LinkBoxes":
        """Return the boxes of all parts, which have the same frames."""
        middles, axes, halves = zip(*((part.middle_m, part.axes, part.half_m) for part in parts), strict=True)
        return cls(np.concatenate(middles, axis=1), np.concatenate(axes, axis=1), np.concatenate(halves))


def pairs_by_gap(ours: LinkBoxes, theirs: LinkBoxes, farthest_m: float) -> Iterator[tuple[float, int, int, int]]:
    """Yield gap, frame and the two rows of every pair of boxes that is nearer than a distance, the nearest first."""
    reach = lengths(ours.half_m)[:, None] + lengths(theirs.half_m)[None]
    apart = lengths(ours.middle_m[:, :, None] - theirs.middle_m[:, None]) - reach
    frame, first, second = np.nonzero(apart < farthest_m)
    gap = _gaps_m(ours, theirs, frame, first, second)
    near = np.flatnonzero(gap < farthest_m)
    # Among boxes that overlap, those whose middles are nearest by their size come first.
    order = near[np.lexsort((apart[frame, first, second][near], gap[near]))]
    rows = (values[order].tolist() for values in (gap, frame, first, second))
    yield from zip(*rows, strict=True)


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
