"""Who pressed on whom, how hard and when: the contacts of a track, summed by what belongs together."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.track import Track

Array = NDArray[np.float64]

ROBOT = "robot"
PRESSED_N = 0.1
"""Contacts with less force are near misses that the engine lists within its gap."""


@dataclass(frozen=True, eq=False)
class Touches:
    """The contacts of a track; `frame` (C,) says when each was listed, `force_n` (C,) how hard it pressed."""

    track: Track

    @cached_property
    def frame(self) -> NDArray[np.intp]:
        """The frame of each contact, (C,)."""
        return np.repeat(np.arange(self.track.frame_count), np.diff(self.track.contact_offset))

    @cached_property
    def force_n(self) -> Array:
        """The magnitude of each contact's force, (C,)."""
        return np.linalg.norm(self.track.contact_force_n, axis=1)

    @cached_property
    def first(self) -> NDArray[np.str_]:
        """The owner (prop, `robot` or room part) of the first body of each contact, (C,)."""
        return self._owners[self.track.contact_first]

    @cached_property
    def second(self) -> NDArray[np.str_]:
        """The owner of the second body of each contact, (C,)."""
        return self._owners[self.track.contact_second]

    @cached_property
    def _owners(self) -> NDArray[np.str_]:
        return np.array([name.split("/", 1)[0] for name in self.track.body_names])

    def between(self, one: Collection[str], other: Collection[str]) -> NDArray[np.bool_]:
        """Mark the contacts, (C,), that have an owner of each set on either side."""
        first_one, second_one = np.isin(self.first, [*one]), np.isin(self.second, [*one])
        first_other, second_other = np.isin(self.first, [*other]), np.isin(self.second, [*other])
        return (first_one & second_other) | (first_other & second_one)

    def with_others(self, one: Collection[str], known: Collection[str]) -> NDArray[np.bool_]:
        """Mark the contacts, (C,), of a set of owners with whatever is neither in it nor known."""
        inside = [*one, *known]
        first = np.isin(self.first, [*one]) & ~np.isin(self.second, inside)
        return first | (np.isin(self.second, [*one]) & ~np.isin(self.first, inside))

    def force_per_frame_n(self, chosen: NDArray[np.bool_]) -> Array:
        """Return the sum of the magnitudes of chosen contacts in each frame, (N,)."""
        return np.bincount(self.frame[chosen], weights=self.force_n[chosen], minlength=self.track.frame_count)

    def holding_links(self, prop: str) -> NDArray[np.int64]:
        """Return with how many links the robot presses on a prop in each frame, (N,); a grasp needs two."""
        rows = np.flatnonzero(self.between([ROBOT], [prop]) & (self.force_n > PRESSED_N))
        links = np.where(self.first[rows] == ROBOT, self.track.contact_first[rows], self.track.contact_second[rows])
        pairs = np.unique(np.stack([self.frame[rows], links]), axis=1)
        return np.bincount(pairs[0].astype(np.intp), minlength=self.track.frame_count)

    def names(self, row: int) -> tuple[str, str]:
        """Return the bodies of one contact."""
        track = self.track
        return track.body_names[int(track.contact_first[row])], track.body_names[int(track.contact_second[row])]


def spells(marked: NDArray[np.bool_], *, gap: int = 0) -> list[tuple[int, int]]:
    """List the stretches (first, last), both included, in which a mark (N,) holds; shorter gaps are bridged."""
    found: list[tuple[int, int]] = []
    for frame in np.flatnonzero(marked).tolist():
        if found and frame - found[-1][1] <= gap + 1:
            found[-1] = (found[-1][0], frame)
        else:
            found.append((frame, frame))
    return found
