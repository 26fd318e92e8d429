"""One walk down the steps of a task, depth first: each alternative of a step, then those of the next from its end."""

from collections.abc import Iterator, Sequence

from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.planning.misses import Tries

from .legs import Chain
from .memory import DeadEnd, Memory
from .situation import Situation
from .table import ARM_ALONE, WHEREVER_THE_ARM_IS


class Walk:
    """Yields chains within a number of nodes; `skip_to` drops what remains of the steps behind one of them."""

    def __init__(self, memory: Memory, steps: Sequence[Step], nodes: int) -> None:
        self.memory, self.steps, self.nodes_left = memory, steps, nodes
        self.deepest = 0
        self.skip_to: int | None = None
        self._tries: dict[int, dict[int, Tries]] = {}
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
        alternatives = self.memory.alternatives(self.steps[at], before)
        self._note(at, alternatives.tries)
        for legs in alternatives:
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
            end = DeadEnd(self.deepest - at, self.tries_at(self.deepest))
            self.memory.add_dead_end(self._rest[at], self.steps[at], before, end)

    def tries_at(self, at: int) -> tuple[Tries, ...]:
        """Return what was tried at a step, from wherever it was come to."""
        return tuple(self._tries.get(at, {}).values())

    def _note(self, at: int, *tries: Tries) -> None:
        # By identity: what one situation was asked before counts once.
        self._tries.setdefault(at, {}).update({id(each): each for each in tries})

    def _is_hopeless(self, at: int, before: Situation) -> bool:
        """Whether nothing can follow: it was tried before, or what comes after the next ways of the arm cannot be.

        A hold that fits no place is found out by the place, before the lift is planned that leads there.
        """
        ahead = self._next_standing(at)
        for place in dict.fromkeys((at, ahead)):
            end = self.memory.dead_end(self._rest[place], self.steps[place], before)
            if end is not None:
                self.deepest = max(self.deepest, place + end.depth)
                self._note(place + end.depth, *end.tries)
                return True
        if ahead > at and not (offered := self.memory.alternatives(self.steps[ahead], before)).any():
            self._note(ahead, offered.tries)
            self.deepest = max(self.deepest, ahead)
            return True
        return False

    def _next_standing(self, at: int) -> int:
        """Return the next step that does not hang on where the arm is, `at` where something else comes before it."""
        ahead = at
        while ahead + 1 < len(self.steps) and self.steps[ahead].skill in ARM_ALONE:
            ahead += 1
        return ahead if self.steps[ahead].skill in WHEREVER_THE_ARM_IS else at
