"""What one episode's searches have tried: the alternatives of a step from a situation, and from where nothing follows.

Steps and situations are known by their content, so that what is the same in all that matters is planned once: the same
hold after another approach, the same place after another lift.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.planning.misses import Tries, Watch

from .legs import Leg
from .means import Means
from .situation import Situation
from .table import WHEREVER_THE_ARM_IS, skill_named


class Alternatives:
    """What a skill offers, asked for once and remembered; `tries` counts what stood against what it does not offer."""

    def __init__(self, source: Iterator[tuple[Leg, ...]], limit: int, watch: Watch) -> None:
        self._source, self._found = islice(source, limit), list[tuple[Leg, ...]]()
        self._watch, self.tries = watch, Tries()

    def __iter__(self) -> Iterator[tuple[Leg, ...]]:
        at = 0
        while True:
            if at == len(self._found):
                following = self._next()
                if following is None:
                    return
                self._found.append(following)
            yield self._found[at]
            at += 1

    def _next(self) -> tuple[Leg, ...] | None:
        self._watch.tries = self.tries
        following = next(self._source, None)
        self._watch.tries = None
        if following is None:
            self.tries.begin()
        else:
            self.tries.lead_on()
        return following

    def any(self) -> bool:
        """Whether there is one at all."""
        return next(iter(self), None) is not None


@dataclass(frozen=True, eq=False, slots=True)
class DeadEnd:
    """How many steps could be done at most, and what was tried at the one that could not."""

    depth: int
    tries: tuple[Tries, ...]


class Memory:
    """Remembers by exact content; `limit` bounds the alternatives of one step from one situation."""

    def __init__(self, means: Means, limit: int) -> None:
        self.means, self.limit = means, limit
        self._numbers: dict[Hashable, int] = {}
        self._seen: dict[int, tuple[Situation, int, int]] = {}
        self._alternatives: dict[Hashable, Alternatives] = {}
        self._dead_ends: dict[Hashable, DeadEnd] = {}

    def alternatives(self, step: Step, before: Situation) -> Alternatives:
        """Return what a skill offers from a situation; the same again for the same step and situation."""
        key = (self.number_of([step]), self._where(step, before), self._experience())
        if key not in self._alternatives:
            skill = skill_named(step.skill)
            watch = self.means.workspace.watch
            self._alternatives[key] = Alternatives(skill(self.means, before, step), self.limit, watch)
        return self._alternatives[key]

    def number_of(self, steps: Sequence[Step]) -> int:
        """Return a number that only the same steps have."""
        return self._number(tuple(_content(step) for step in steps))

    def number_at(self, situation: Situation, *, arm: bool = True) -> int:
        """Return a number that only the same situation has, `arm` or all but where it is."""
        known = self._seen.get(id(situation))
        if known is None:
            exact, held = (self._number(situation.signature(arm=arm)) for arm in (True, False))
            # Kept, so that its identity stays its own.
            known = self._seen[id(situation)] = (situation, exact, held)
        return known[1] if arm else known[2]

    def add_dead_end(self, steps: int, first: Step, before: Situation, end: DeadEnd) -> None:
        """Remember that no chain of these steps (by number) begins here."""
        self._dead_ends[(steps, self._where(first, before), self._experience())] = end

    def dead_end(self, steps: int, first: Step, before: Situation) -> DeadEnd | None:
        """Return how far those steps get that are known to lead nowhere from here, None where that is unknown."""
        return self._dead_ends.get((steps, self._where(first, before), self._experience()))

    def _where(self, step: Step, before: Situation) -> int:
        return self.number_at(before, arm=step.skill not in WHEREVER_THE_ARM_IS)

    def _experience(self) -> Hashable:
        """Return what was learnt in this episode that changes what skills offer."""
        return frozenset(self.means.spoiled), tuple(sorted(self.means.lag_rad.items()))

    def _number(self, content: Hashable) -> int:
        return self._numbers.setdefault(content, len(self._numbers))


def _content(step: Step) -> Hashable:
    return step.skill, tuple(sorted(step.roles.items())), tuple(sorted(step.values.items())), step.pose
