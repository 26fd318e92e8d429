"""One walk down the steps of a task, depth first: each alternative of a step, then those of the next from its end."""

from collections.abc import Iterator, Sequence

from blueprint.pipeline.episode.tasks import Step

from .legs import Chain
from .memory import Memory
from .situation import Situation
from .table import ARM_ALONE, WHEREVER_THE_ARM_IS


class Walk:
    """Yields chains within a number of nodes; `skip_to` drops what remains of the steps behind one of them."""

    def __init__(self, memory: Memory, steps: Sequence[Step], nodes: int) -> None:
        self.memory, self.steps, self.nodes_left = memory, steps, nodes
        self.deepest = 0
        self.skip_to: int | None = None
        self._rest = [memory.number_of(steps[at:]) for at in range(len(steps))]

    def chains(self, at: int, before: Situation) -> Iterator[Chain]:
        """Yield the legs of the steps from `at` on."""
        self.deepest = max(self.deepest, at)
        if at == len(self.steps):
            yield ()
            return
        if self._is_hopeless(at, before):
            return
        is_dead_end = True
        for legs in self.memory.alternatives(self.steps[at], before):
            if self.nodes_left == 0:
                return
            self.nodes_left -= 1
            for rest in self.chains(at + 1, legs[-1].after if legs else before):
                is_dead_end = False
                yield (legs, *rest)
                if self.skip_to is not None:
                    break
            if self.skip_to is not None and at > self.skip_to:
                return
            self.skip_to = None if self.skip_to == at else self.skip_to
        if is_dead_end and self.nodes_left:
            self.memory.add_dead_end(self._rest[at], self.steps[at], before, self.deepest - at)

    def _is_hopeless(self, at: int, before: Situation) -> bool:
        """Whether nothing can follow: it was tried before, or what comes after the next ways of the arm cannot be.

        A hold that fits no place is found out by the place, before the lift is planned that leads there.
        """
        ahead = self._next_standing(at)
        for place in dict.fromkeys((at, ahead)):
            depth = self.memory.dead_end(self._rest[place], self.steps[place], before)
            if depth is not None:
                self.deepest = max(self.deepest, place + depth)
                return True
        if ahead > at and not self.memory.alternatives(self.steps[ahead], before).any():
            self.deepest = max(self.deepest, ahead)
            return True
        return False

    def _next_standing(self, at: int) -> int:
        """Return the next step that does not hang on where the arm is, `at` where something else comes before it."""
        ahead = at
        while ahead + 1 < len(self.steps) and self.steps[ahead].skill in ARM_ALONE:
            ahead += 1
        return ahead if self.steps[ahead].skill in WHEREVER_THE_ARM_IS else at
