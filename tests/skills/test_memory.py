"""What was tried from a situation is known again by its content, in all that matters to the skill."""

from dataclasses import replace

import numpy as np
import pytest
from tests.skills.grips import grasped

from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.skills.means import Means
from blueprint.pipeline.skills.memory import DeadEnd, Memory
from blueprint.pipeline.skills.situation import Situation


@pytest.fixture
def memory(means: Means) -> Memory:
    """An empty one."""
    return Memory(means, 8)


def elsewhere(situation: Situation) -> Situation:
    """The same with another posture of the arm."""
    return replace(situation, arm_rad=situation.arm_rad + 0.1)


def place_at(start: Situation) -> Step:
    """A place beside the box."""
    here = start.T_world_props["box"]
    x, y, z = here.position_m
    return Step("place", {"object": "box"}, {}, Pose((x + 0.1, y + 0.15, z), here.quat_wxyz))


def test_a_place_does_not_hang_on_where_the_arm_was(memory: Memory, means: Means, start: Situation) -> None:
    """A lift does: it begins where the arm is."""
    held = grasped(means, start, Step("grasp", {"object": "box"}))
    step, lift = place_at(start), Step("lift", {"object": "box"}, {"height_m": 0.1})
    assert memory.alternatives(step, elsewhere(held)) is memory.alternatives(step, held)
    assert memory.alternatives(lift, elsewhere(held)) is not memory.alternatives(lift, held)
    assert memory.alternatives(lift, replace(held)) is memory.alternatives(lift, held)


def test_another_hold_is_another_matter(memory: Memory, means: Means, start: Situation) -> None:
    held = grasped(means, start, Step("grasp", {"object": "box"}))
    assert held.held is not None
    turned = held.held.T_tcp_body @ Pose.from_yaw((0.0, 0.0, 0.0), 0.01)
    other = replace(held, held=replace(held.held, T_tcp_body=turned))
    assert memory.alternatives(place_at(start), other) is not memory.alternatives(place_at(start), held)


def test_what_stands_elsewhere_is_another_matter(memory: Memory, start: Situation) -> None:
    step = Step("grasp", {"object": "box"})
    moved = replace(start, T_world_props={"box": start.T_world_props["box"] @ Pose((1e-9, 0.0, 0.0))})
    assert memory.alternatives(step, moved) is not memory.alternatives(step, start)


def test_what_was_learnt_since_is_asked_for_anew(memory: Memory, means: Means, start: Situation) -> None:
    """A grasp that did not hold, or how far a thing hung back, changes what a skill offers."""
    step = Step("grasp", {"object": "box"})
    before = memory.alternatives(step, start)
    means.spoiled.add(("box", 0))
    spoiled = memory.alternatives(step, start)
    means.lag_rad["box"] = 0.1
    assert before is not spoiled
    assert memory.alternatives(step, start) is not spoiled


def test_dead_ends_are_those_of_the_same_steps_only(memory: Memory, start: Situation) -> None:
    grasp, lift = Step("grasp", {"object": "box"}), Step("lift", {"object": "box"})
    rest, other = memory.number_of([grasp, lift]), memory.number_of([grasp])
    end = DeadEnd(2, ())
    memory.add_dead_end(rest, grasp, start, end)
    assert memory.dead_end(rest, grasp, elsewhere(start)) is end
    assert memory.dead_end(other, grasp, start) is None
    assert rest == memory.number_of([replace(grasp), replace(lift)])


def test_signatures_are_exact(start: Situation) -> None:
    assert start.signature() == replace(start, arm_rad=np.array(start.arm_rad)).signature()
    assert start.signature() != elsewhere(start).signature()
    assert start.signature(arm=False) == elsewhere(start).signature(arm=False)
    assert start.signature(arm=False) != replace(start, width_m=0.01).signature(arm=False)
