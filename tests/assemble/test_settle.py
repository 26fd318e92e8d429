"""Verdicts on rest."""

import math

import numpy as np
import pytest

from blueprint.pipeline.assemble.settle import (
    AT_REST,
    DRIFTED,
    EXPLODED,
    FELL_THROUGH,
    MOVING,
    TIPPED,
    Rest,
    SettleSettings,
    culprits,
    failure_sentence,
    judge,
    settled_moves,
)
from blueprint.pipeline.scene.poses import Pose

START = Pose.from_yaw((0.1, 0.2, 0.7), 0.3)
TURNED_20 = (math.cos(math.radians(10)), math.sin(math.radians(10)), 0.0, 0.0)


def moved(x: float = 0.0, z: float = 0.0, speed: float = 0.0, turn: tuple = (1.0, 0.0, 0.0, 0.0)) -> Rest:
    """Return a prop that went somewhere."""
    return Rest(START, Pose((x, 0.0, z)) @ START @ Pose((0.0, 0.0, 0.0), turn), speed)


@pytest.mark.parametrize(
    ("rest", "outcome"),
    [
        (moved(), AT_REST),
        (moved(x=0.019), AT_REST),
        (moved(x=0.021), DRIFTED),
        (moved(z=-0.06), FELL_THROUGH),
        (moved(z=-0.7), FELL_THROUGH),
        (moved(x=2.0, z=-0.7), EXPLODED),
        (moved(z=0.9), EXPLODED),
        (moved(turn=TURNED_20), TIPPED),
        (moved(speed=0.02), MOVING),
        (moved(x=float("nan")), EXPLODED),
    ],
)
def test_each_way_of_not_standing_has_its_name(rest: Rest, outcome: str) -> None:
    (settled,) = judge({"mug": rest}, SettleSettings())
    assert settled.outcome == outcome


def test_victims_are_not_blamed_with_the_culprit() -> None:
    rests = {"thrown": moved(x=2.0), "fell": moved(z=-0.7), "pushed": moved(x=0.03), "still": moved()}
    for worst in ("thrown", "fell", "pushed"):
        assert [settled.prop for settled in culprits(judge(rests, SettleSettings()))] == [worst]
        del rests[worst]
    assert culprits(judge(rests, SettleSettings())) == ()


def test_bounds_are_settings() -> None:
    (settled,) = judge({"mug": moved(x=0.021)}, SettleSettings(drift_bound_m=0.05))
    assert settled.outcome == AT_REST


def test_a_failure_is_a_sentence_with_numbers() -> None:
    (settled,) = judge({"mug": moved(x=0.03, turn=TURNED_20, speed=0.1)}, SettleSettings())
    assert failure_sentence(settled) == (
        "mug tipped over while the scene settled: moved 30.0 mm, turned 20.0 degrees, ended at 0.1000 m/s"
    )


def test_settled_poses_become_moves_with_a_reason() -> None:
    (move,) = settled_moves({"mug": moved(x=0.001)}, "mujoco", 2.0)
    assert np.allclose(move.T_world_prop.position_m, (0.101, 0.2, 0.7))
    assert move.why == "came to rest in mujoco after 2 s, 1.00 mm from where it was put down"
    assert move.prop == "mug"
