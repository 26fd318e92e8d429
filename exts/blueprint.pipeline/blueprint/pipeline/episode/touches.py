"""Who touches whom in each frame, and how hard: recorded contacts summed per pair."""

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

    Forces are vector sums over the points of a pair, so that a box on four corners weighs what it weighs.
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
    def _pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Array]:
        track, count = self.track, len(self.track.body_names)
        swapped = track.contact_first > track.contact_second
        low = np.where(swapped, track.contact_second, track.contact_first)
        high = np.where(swapped, track.contact_first, track.contact_second)
        force = np.where(swapped[:, None], -track.contact_force_n, track.contact_force_n)
        key, where = np.unique((self.contact_frames * count + low) * count + high, return_inverse=True)
        total = np.stack([np.bincount(where, force[:, axis], len(key)) for axis in range(3)], axis=1)
        return key // (count * count), key // count % count, key % count, lengths(total)

    @property
    def frames(self) -> NDArray[np.int64]:
        """The frame of each pair."""
        return self._pairs[0]

    @property
    def first(self) -> NDArray[np.int64]:
        """The lower body row of each pair."""
        return self._pairs[1]

    @property
    def second(self) -> NDArray[np.int64]:
        """The higher body row of each pair."""
        return self._pairs[2]

    @property
    def force_n(self) -> Array:
        """The size of each pair's total force."""
        return self._pairs[3]

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
        """Return the largest force among chosen pairs per frame, (N,)."""
        result = np.zeros(self.track.frame_count)
        np.maximum.at(result, self.frames[chosen], self.force_n[chosen])
        return result

    def total_n(self, chosen: Rows) -> Array:
        """Return the sum of the forces' sizes of chosen pairs per frame, (N,)."""
        return np.bincount(self.frames[chosen], self.force_n[chosen], self.track.frame_count)

    def touching(self, chosen: Rows) -> Rows:
        """Whether any chosen pair is listed, per frame (N,)."""
        return np.bincount(self.frames[chosen], minlength=self.track.frame_count) > 0

    def names_at(self, chosen: Rows, frame: int) -> tuple[tuple[str, ...], float | None]:
        """Return the links and the force of the strongest chosen pair in a frame; nothing where there is none."""
        rows = np.flatnonzero(chosen & (self.frames == frame))
        if not len(rows):
            return (), None
        row = rows[np.argmax(self.force_n[rows])]
        names = self.track.body_names
        return (names[self.first[row]], names[self.second[row]]), float(self.force_n[row])
