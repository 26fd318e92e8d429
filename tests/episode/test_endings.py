"""Verdicts on what never comes to be judged by its goals."""

import numpy as np

from blueprint.pipeline.episode.endings import dead_sensor, diverged, unstable_scene
from blueprint.pipeline.episode.outcomes import FailureCode


def test_a_scene_that_does_not_settle_names_the_worst() -> None:
    """All that move, and how fast the fastest is."""
    verdict = unstable_scene({"apple": 0.3, "mug": 0.001, "ball": 0.05}, 0.5)
    assert verdict is not None
    assert verdict.failure is FailureCode.UNSTABLE_SCENE
    assert verdict.bodies == ("apple", "ball")
    assert "apple still moves at 0.300 m/s after 0.5 s" in verdict.message
    assert unstable_scene({"mug": 0.001}, 0.5) is None
    assert unstable_scene({"mug": np.nan}, 0.5) is not None


def test_other_endings_carry_their_reason() -> None:
    """A blown-up simulation, a dead channel."""
    assert diverged(3, "blew up").failure is FailureCode.DIVERGED
    dead = dead_sensor("wrench", 4, "is not finite")
    assert (dead.failure, dead.frame, dead.message) == (FailureCode.SENSOR_DEAD, 4, "channel wrench is not finite")
