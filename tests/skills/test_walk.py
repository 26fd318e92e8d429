"""A walk finds the chains that there are, and asks for nothing twice that is known to lead nowhere."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.skills import memory as memory_module
from blueprint.pipeline.skills.legs import Leg, Wait
from blueprint.pipeline.skills.means import Means
from blueprint.pipeline.skills.memory import Memory
from blueprint.pipeline.skills.situation import Held, Situation
from blueprint.pipeline.skills.walk import Walk

STEPS = [Step("grasp"), Step("lift"), Step("place"), Step("retreat")]
asked: Counter[str] = Counter()


def _leg(after: Situation) -> tuple[Leg, ...]:
    return (Wait(0.0, Phase.HOLD, after),)


def _skills(holds: int, fits: tuple[int, ...], leaves: tuple[int, ...]) -> dict[str, object]:
    """Make-believe skills: so many holds with two postures each; `fits` have a place, `leaves` a way back from it."""

    def grasp(means: Means, before: Situation, step: Step) -> Iterator[tuple[Leg, ...]]:
        for hold in range(holds):
            held = Held("box", "box/body", Pose((float(hold), 0.0, 0.0)), 0.04)
            for posture in range(2):
                yield _leg(replace(before, arm_rad=np.array([hold, posture, 1.0]), held=held))

    def lift(means: Means, before: Situation, step: Step) -> Iterator[tuple[Leg, ...]]:
        asked["lift"] += 1
        for rise in range(3):
            yield _leg(replace(before, arm_rad=before.arm_rad + np.array([0.0, 0.0, rise + 1.0])))

    def place(means: Means, before: Situation, step: Step) -> Iterator[tuple[Leg, ...]]:
        asked["place"] += 1
        assert before.held is not None
        hold = int(before.held.T_tcp_body.position_m[0])
        if hold in fits:
            yield _leg(replace(before, arm_rad=np.array([hold, 9.0, 9.0])))

    def retreat(means: Means, before: Situation, step: Step) -> Iterator[tuple[Leg, ...]]:
        asked["retreat"] += 1
        if int(before.arm_rad[0]) in leaves:
            yield _leg(before)

    return {"grasp": grasp, "lift": lift, "place": place, "retreat": retreat}


def walked(
    monkeypatch: pytest.MonkeyPatch, means: Means, start: Situation, fits: tuple[int, ...], leaves: tuple[int, ...]
) -> tuple[Walk, list[int]]:
    """Walk to the end with make-believe skills; returns the holds of the chains that were found, too."""
    asked.clear()
    skills = _skills(4, fits, leaves)
    monkeypatch.setattr(memory_module, "skill_named", skills.__getitem__)
    walk = Walk(Memory(means, 20), STEPS, 400)
    return walk, [int(chain[-1][-1].after.arm_rad[0]) for chain in walk.chains(0, start)]


def test_a_hold_without_a_place_is_never_lifted(
    monkeypatch: pytest.MonkeyPatch, means: Means, start: Situation
) -> None:
    """The place is asked for once per hold, whatever the posture, and the lift only where there is one."""
    walk, found = walked(monkeypatch, means, start, fits=(2,), leaves=(2,))
    assert set(found) == {2}
    assert asked == {"place": 4, "lift": 2, "retreat": 1}
    assert walk.deepest == 4


def test_a_place_that_cannot_be_left_is_found_out_once(
    monkeypatch: pytest.MonkeyPatch, means: Means, start: Situation
) -> None:
    """Three lifts from each of two postures lead to the same place."""
    walk, found = walked(monkeypatch, means, start, fits=(0, 1, 2, 3), leaves=())
    assert found == []
    assert asked == {"place": 4, "lift": 4, "retreat": 4}
    assert walk.deepest == 3


def test_every_chain_that_there_is_is_found(monkeypatch: pytest.MonkeyPatch, means: Means, start: Situation) -> None:
    """Two holds, two postures and three lifts each."""
    _, found = walked(monkeypatch, means, start, fits=(0, 1, 3), leaves=(1, 3))
    assert found == [1] * 6 + [3] * 6


def test_a_walk_that_was_cut_short_learns_nothing_false(
    monkeypatch: pytest.MonkeyPatch, means: Means, start: Situation
) -> None:
    """Where the nodes ran out, another walk with more of them still finds the chain."""
    monkeypatch.setattr(memory_module, "skill_named", _skills(4, (3,), (3,)).__getitem__)
    memory = Memory(means, 20)
    assert list(Walk(memory, STEPS, 3).chains(0, start)) == []
    assert len(list(Walk(memory, STEPS, 400).chains(0, start))) == 6
