"""Who touches whom in each frame, and how hard: recorded contacts summed per pair, and the peaks between frames."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.geometry import owner_of
from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.scene.pose_arrays import lengths

Array = NDArray[np.float64]
Rows = NDArray[np.bool_]

ROBOT = "robot"


@dataclass(frozen=True, eq=False)
class Touches:
    """The contacts of a track; the lists have one row per pair of links and frame.

    Forces are vector sums over the points of a pair, so that a box on four corners weighs what it weighs. A pair that
    touched only between a frame's instant and the next is listed with a force of 0 and its peak.
    """

    track: Track

    @cached_property
    def measured(self) -> bool:
        """Whether the engine reports contacts at all; with physics, something always stands on something."""
        return len(self.track.contact_first) > 0

    @cached_property
    def owners(self) -> NDArray[np.str_]:
        """The prop, `robot` or room part that each body belongs to."""
        return np.array([owner_of(name) for name in self.track.body_names], dtype=np.str_)

    @cached_property
    def contact_frames(self) -> NDArray[np.int64]:
        """The frame of each contact point."""
        return np.repeat(np.arange(self.track.frame_count), np.diff(self.track.contact_offset))

    @cached_property
    def _pairs(self) -> "_Pairs":
        at_instant, force_n = self._of_instants()
        at_steps, count = self._of_steps(), len(self.track.body_names)
        key = np.union1d(at_instant, at_steps)
        now, later = np.searchsorted(key, at_instant), np.searchsorted(key, at_steps)
        forces, peaks, listed = np.zeros(len(key)), np.zeros(len(key)), np.zeros(len(key), dtype=bool)
        forces[now], peaks[now], listed[now] = force_n, force_n, True
        np.maximum.at(peaks, later, self.track.peak_force_n)
        return _Pairs(key // (count * count), key // count % count, key % count, forces, peaks, listed)

    def _of_steps(self) -> NDArray[np.int64]:
        """Return the key of each recorded peak: frame, lower and higher body in one number."""
        track, count = self.track, len(self.track.body_names)
        if not len(track.peak_first):
            return np.zeros(0, dtype=np.int64)
        frames = np.repeat(np.arange(track.frame_count), np.diff(track.peak_offset))
        low, high = np.minimum(track.peak_first, track.peak_second), np.maximum(track.peak_first, track.peak_second)
        return (frames * count + low) * count + high

    def _of_instants(self) -> tuple[NDArray[np.int64], Array]:
        """Return key and total force of each pair that touches at the instant of a frame."""
        track, count = self.track, len(self.track.body_names)
        swapped = track.contact_first > track.contact_second
        low = np.where(swapped, track.contact_second, track.contact_first)
        high = np.where(swapped, track.contact_first, track.contact_second)
        force = np.where(swapped[:, None], -track.contact_force_n, track.contact_force_n)
        key, where = np.unique((self.contact_frames * count + low) * count + high, return_inverse=True)
        total = np.stack([np.bincount(where, force[:, axis], len(key)) for axis in range(3)], axis=1)
        return key, lengths(total)

    @property
    def frames(self) -> NDArray[np.int64]:
        """The frame of each pair."""
        return self._pairs.frames

    @property
    def first(self) -> NDArray[np.int64]:
        """The lower body row of each pair."""
        return self._pairs.first

    @property
    def second(self) -> NDArray[np.int64]:
        """The higher body row of each pair."""
        return self._pairs.second

    @property
    def force_n(self) -> Array:
        """The size of each pair's total force at the instant of the frame."""
        return self._pairs.force_n

    @property
    def listed(self) -> Rows:
        """Whether each pair touches at the instant of the frame."""
        return self._pairs.listed

    @property
    def peak_n(self) -> Array:
        """The greatest size of each pair's total force from the instant of the frame to the next."""
        return self._pairs.peak_n

    def robot_pairs(self, others: Callable[[NDArray[np.str_]], Rows]) -> Rows:
        """Select pairs of a robot's link with what `others` says yes to, by owner; robot against robot never."""
        first, second = self.owners[self.first], self.owners[self.second]
        other = np.where(first == ROBOT, second, first)
        return ((first == ROBOT) != (second == ROBOT)) & others(other)

    def between(self, prop: str, other: str) -> Rows:
        """Select the pairs between two owners."""
        first, second = self.owners[self.first], self.owners[self.second]
        return ((first == prop) & (second == other)) | ((first == other) & (second == prop))

    def strongest_n(self, chosen: Rows) -> Array:
        """Return the largest force among chosen pairs from each frame to the next, (N,)."""
        result = np.zeros(self.track.frame_count)
        np.maximum.at(result, self.frames[chosen], self.peak_n[chosen])
        return result

    def total_n(self, chosen: Rows) -> Array:
        """Return the sum of the forces' sizes of chosen pairs at each frame's instant, (N,)."""
        return np.bincount(self.frames[chosen], self.force_n[chosen], self.track.frame_count)

    def touching(self, chosen: Rows) -> Rows:
        """Whether any chosen pair is listed at each frame's instant, (N,)."""
        return np.bincount(self.frames[chosen & self.listed], minlength=self.track.frame_count) > 0

    def names_at(self, chosen: Rows, frame: int) -> tuple[tuple[str, ...], float | None]:
        """Return links and force of the strongest chosen pair at a frame's instant; nothing where there is none."""
        return self._strongest(chosen & self.listed & (self.frames == frame), self.force_n)

    def peak_at(self, chosen: Rows, frame: int) -> tuple[tuple[str, ...], float | None]:
        """Return links and force of the strongest chosen pair from a frame to the next; nothing where there is none."""
        return self._strongest(chosen & (self.frames == frame), self.peak_n)

    def _strongest(self, chosen: Rows, force_n: Array) -> tuple[tuple[str, ...], float | None]:
        rows = np.flatnonzero(chosen)
        if not len(rows):
            return (), None
        row = rows[np.argmax(force_n[rows])]
        names = self.track.body_names
        return (names[self.first[row]], names[self.second[row]]), float(force_n[row])


@dataclass(frozen=True, eq=False, slots=True)
class _Pairs:
    """Pairs of links in order of frames; `listed` are those that touch at the frame's instant."""

    frames: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    force_n: Array
    peak_n: Array
    listed: Rows
