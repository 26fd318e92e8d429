"""Waiting until what was set down has come to rest: a box on a box sways for a while."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.margins import REST_SPEED_M_S
from blueprint.pipeline.episode.phases import Phase

from .driver import Driver

Array = NDArray[np.float64]

LONGEST_SWAY_S = 3.0
"""What still moves then is not going to rest."""


def wait_for_rest(driver: Driver, corners_m: Mapping[str, Array], frames: int, still_frames: int, phase: Phase) -> None:
    """Stand still for so many frames, and on until every prop has been at rest for `still_frames`, within a bound.

    `corners_m` are the corners (K, 3) of each prop's colliders in its frame; a prop is as fast as the fastest of them.
    """
    most = frames + round(LONGEST_SWAY_S * driver.recording.fps)
    before, still, waited = _points(driver, corners_m), 0, 0
    while waited < frames or (still < still_frames and waited < most):
        driver.hold(1, phase)
        now = _points(driver, corners_m)
        fastest_m_s = max((_farthest_m(before[prop], now[prop]) for prop in now), default=0.0) * driver.recording.fps
        still = still + 1 if fastest_m_s < REST_SPEED_M_S else 0
        before, waited = now, waited + 1


def _points(driver: Driver, corners_m: Mapping[str, Array]) -> dict[str, Array]:
    poses = driver.layout.prop_poses(driver.observation)
    return {prop: poses[prop].apply(corners) for prop, corners in corners_m.items()}


def _farthest_m(before: Array, now: Array) -> float:
    return float(np.linalg.norm(now - before, axis=1).max())
