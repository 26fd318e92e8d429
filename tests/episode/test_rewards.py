"""Rewards and ends per frame, term by term, on the story."""

import numpy as np
import pytest
from tests.episode.stories import CAN, COUNT, FINGER, FPS, GEOMETRY, GOALS, TABLE, story, task, with_touches

from blueprint.pipeline.episode.goals import AtRest, JointWithin, NoCollision, Released, Upright
from blueprint.pipeline.episode.judgement import judged
from blueprint.pipeline.episode.rewards import dones_per_frame, rewards_per_frame, succeeded_by
from blueprint.pipeline.episode.tasks import Done, Reward, Task
from blueprint.pipeline.errors import UnknownName

RAISED, IN_REGION = 0, 1


def rewarded(*terms: Reward) -> np.ndarray:
    """Return the story's reward by these terms."""
    asked = task(rewards=terms)
    return rewards_per_frame(judged(story(), asked, GEOMETRY), asked)


def ended(asked: Task) -> np.ndarray:
    """Return where the story has ended."""
    return dones_per_frame(judged(story(), asked, GEOMETRY), asked)


def test_without_terms_success_is_rewarded() -> None:
    """From the frame on at which the goals have held for their time: opened at 55, at rest since, 0.5 s of hold."""
    reward = rewarded()
    first = int(np.flatnonzero(reward)[0])
    assert first == 55 + round(0.5 * FPS) - 1
    assert set(reward.tolist()) == {0.0, 1.0}
    found = judged(story(), task(), GEOMETRY)
    assert np.array_equal(succeeded_by(found, task()), reward > 0)


def test_reaching_is_rewarded_near_the_thing() -> None:
    """The tool point is within the can all the time, and 32 cm beside and above the drawer at the start."""
    assert rewarded(Reward("reach", 0.3, roles={"object": "can"})) == pytest.approx(np.full(COUNT, 0.3))
    far = rewarded(Reward("reach", 1.0, values={"scale_m": 0.5}, roles={"prop": "cabinet", "link": "drawer"}))
    beyond = np.array([0.5 - 0.2, 0.6 - -0.1, 0.45 - 0.1])
    assert far[0] == pytest.approx(1 - np.tanh(np.linalg.norm(beyond) / 0.5))


def test_progress_makes_up_for_what_was_lacking() -> None:
    """What was reached once stays reached for a goal that must hold ever, and is lost again for one of the end."""
    raised = rewarded(Reward("progress", 2.0, goal=RAISED))
    assert raised[[0, 25, COUNT - 1]] == pytest.approx([0.0, 2.0, 2.0])
    assert 0 < raised[18] < 2
    region = rewarded(Reward("progress", 1.0, goal=IN_REGION))
    assert region[[0, COUNT - 1]] == pytest.approx([0.0, 1.0])
    assert (np.diff(region) >= 0).all()
    held = rewarded(Reward("satisfied", 1.0, goal=IN_REGION))
    assert held[[0, COUNT - 1]].tolist() == [0.0, 1.0]


def test_what_holds_from_the_start_earns_nothing() -> None:
    """The can stands upright, untouched and at rest before anything is done; it loses that and has it again."""
    for goal in (Upright("can", 0.2), Released("can"), AtRest("can"), JointWithin("cabinet/slide", -0.1, 0.1)):
        for term in ("progress", "satisfied"):
            asked = task(goal, rewards=(Reward(term, 1.0, goal=0),))
            reward = rewards_per_frame(judged(story(), asked, GEOMETRY), asked)
            assert reward.tolist() == [0.0] * COUNT, (goal, term)


def test_terms_of_goals_begin_at_nought_and_are_finite() -> None:
    """Of every goal that is to be reached in the story."""
    for row in range(len(GOALS)):
        for term in ("progress", "satisfied"):
            reward = rewarded(Reward(term, 1.0, goal=row))
            assert reward[0] == 0.0
            assert np.isfinite(reward).all()


def test_changing_commands_cost() -> None:
    """The square of the step, and nothing in the first frame."""
    track = story()
    track.command[10:] += 0.3
    asked = task(rewards=(Reward("action_rate", -0.5),))
    reward = rewards_per_frame(judged(track, asked, GEOMETRY), asked)
    assert reward[10] == pytest.approx(-0.5 * 0.09)
    assert np.count_nonzero(reward) == 1


def test_ends_stay() -> None:
    """Success, a broken safety condition, time, and a fall, each from its frame on."""
    assert not ended(task()).any()
    success = ended(task(dones=(Done("success"),)))
    assert np.flatnonzero(success).tolist() == list(range(55 + 14, COUNT))
    late = ended(task(dones=(Done("time_limit", {"seconds": 1.0}),)))
    assert np.flatnonzero(late)[0] == FPS
    fallen = ended(task(dones=(Done("fallen", {"below_m": 0.45}, {"object": "can"}),)))
    assert fallen[0]
    asked = task(safety=(NoCollision(("can",), 5.0),), dones=(Done("unsafe"),))
    pushed = with_touches(story(), [40], (FINGER, TABLE, (0, 0, -12.0)))
    unsafe = dones_per_frame(judged(pushed, asked, GEOMETRY), asked)
    assert np.flatnonzero(unsafe).tolist() == list(range(40, COUNT))


def test_terms_that_nobody_knows_are_refused() -> None:
    """With those that there are, and goals by their numbers."""
    with pytest.raises(UnknownName, match="action_rate"):
        rewarded(Reward("joy", 1.0))
    with pytest.raises(UnknownName, match="time_limit"):
        ended(task(dones=(Done("dusk"),)))
    with pytest.raises(UnknownName, match="goal"):
        rewarded(Reward("progress", 1.0, goal=len(GOALS)))
    with pytest.raises(UnknownName, match=CAN):
        rewarded(Reward("reach", 1.0, roles={"prop": "can", "link": "lid"}))
