"""Commands that wait for their step."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from blueprint.pipeline.sims.newton_mujoco.command_queue import CommandQueue


def test_without_delay_a_command_is_due_at_once() -> None:
    queue = CommandQueue(0)
    queue.send(np.array([1.0]))
    assert queue.due() == np.array([1.0])
    assert not queue.waiting
    assert queue.due() is None


@given(st.integers(0, 12), st.integers(1, 40))
def test_every_command_takes_effect_after_its_delay_and_in_order(delay: int, steps: int) -> None:
    queue, effective = CommandQueue(delay), []
    current = -1.0
    for step in range(steps):
        queue.send(np.array([float(step)]))
        due = queue.due()
        current = current if due is None else float(due[0])
        effective.append(current)
        queue.pass_step()
    assert effective == [max(step - delay, -1.0) for step in range(steps)]


def test_a_command_that_is_changed_after_sending_was_sent_as_it_was() -> None:
    queue, command = CommandQueue(1), np.array([1.0])
    queue.send(command)
    command[0] = 9.0
    queue.pass_step()
    assert queue.due() == np.array([1.0])
