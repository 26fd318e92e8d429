"""Commands on their way to the servos: each takes effect a number of physics steps after it was sent."""

from collections import deque

import numpy as np

from blueprint.pipeline.sims.protocols import Array


class CommandQueue:
    """Commands in the order in which they were sent, with the steps that each still has to wait."""

    def __init__(self, delay_steps: int) -> None:
        self._delay_steps = delay_steps
        self._sent: deque[tuple[int, Array]] = deque()
        self._step = 0

    @property
    def delays(self) -> bool:
        """Whether commands wait at all."""
        return self._delay_steps > 0

    @property
    def waiting(self) -> bool:
        """Whether a command is on its way."""
        return bool(self._sent)

    def send(self, command: Array) -> None:
        """Send a command at the present step."""
        self._sent.append((self._step + self._delay_steps, np.array(command)))

    def pass_step(self) -> None:
        """One physics step has gone by."""
        self._step += 1

    def due(self) -> Array | None:
        """Take the last command that has arrived, if one has."""
        command = None
        while self._sent and self._sent[0][0] <= self._step:
            _, command = self._sent.popleft()
        return command
