"""With how many links the robot holds what, and in which stretches of time something is so."""

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.touches import ROBOT, Touches

PRESSED_N = 0.1
"""Contacts with less force are near misses that the engine lists within its gap."""


def holding_links(touches: Touches, prop: str) -> NDArray[np.int64]:
    """Return with how many links the robot presses on a prop in each frame, (N,); a grasp needs two."""
    rows = np.flatnonzero(touches.between(prop, ROBOT) & (touches.force_n > PRESSED_N))
    first_is_robot = touches.owners[touches.first[rows]] == ROBOT
    links = np.where(first_is_robot, touches.first[rows], touches.second[rows])
    pairs = np.unique(np.stack([touches.frames[rows], links]), axis=1)
    return np.bincount(pairs[0], minlength=touches.track.frame_count)


def pressed_by(touches: Touches, owners: tuple[str, ...], spared: tuple[str, ...]) -> NDArray[np.bool_]:
    """Select the pairs of some owners with whatever is neither one of them nor spared."""
    first, second = touches.owners[touches.first], touches.owners[touches.second]
    inside = np.array([*owners, *spared], dtype=np.str_)
    chosen = np.array(owners, dtype=np.str_)
    return (np.isin(first, chosen) & ~np.isin(second, inside)) | (np.isin(second, chosen) & ~np.isin(first, inside))


def spells(marked: NDArray[np.bool_], *, gap: int = 0) -> list[tuple[int, int]]:
    """List the stretches (first, last), both included, in which a mark (N,) holds; shorter gaps are bridged."""
    found: list[tuple[int, int]] = []
    for frame in np.flatnonzero(marked).tolist():
        if found and frame - found[-1][1] <= gap + 1:
            found[-1] = (found[-1][0], frame)
        else:
            found.append((frame, frame))
    return found
