"""Numbered attempts: how many are tried, and when enough is known.

Attempts are numbered 0, 1, 2 and so on; kept are the first successes by number. Every decision reads complete prefixes
only: attempt k counts once all attempts before it are finished. So neither the order in which attempts finish nor the
number of workers decides anything; both only decide what is computed beyond the decisive prefix.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from blueprint.pipeline.engine.checks import Check


class Decision(Enum):
    """What a complete prefix of attempts says."""

    GO_ON = "go on"
    ENOUGH = "enough"
    """As many have succeeded as were wanted."""
    SPENT = "spent"
    """The last attempt that was allowed is finished."""
    GIVEN_UP = "given up"
    """Too small a share succeeds, or would even if the next ones all did."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What is wanted of numbered attempts; `least_share` (0 to 1) is judged once `judged_from` are finished."""

    wanted: int
    least_share: float = 0.0
    judged_from: int = 20


@dataclass(frozen=True)
class Attempts:
    """Declares that a mapped stage tries its items in order until enough have succeeded.

    `aim` reads the stage's settings, which must keep what it reads outside of keys; `failure` reads an item's record
    and returns why it does not count, as a code such as `slipped`, or nothing for a success.
    """

    aim: Callable[[Any], Aim]
    failure: Callable[[Any], str]


SUCCESS = ""
MOST_REASONS = 4
"""So many reasons of failures are named in a sentence."""


@dataclass
class Tally:
    """What is known of `most` numbered attempts.

    `tried`, `succeeded` and `failures` (by reason) count the complete prefix alone, `known` and `known_successes`
    whatever is finished.
    """

    aim: Aim
    most: int
    tried: int = 0
    succeeded: int = 0
    decision: Decision = Decision.GO_ON
    known: int = 0
    known_successes: int = 0
    failures: Counter[str] = field(default_factory=Counter[str])
    _ahead: dict[int, str] = field(default_factory=dict[int, str])

    def __post_init__(self) -> None:
        self._decide()

    @property
    def share(self) -> float | None:
        """Share of successes in the complete prefix, None before the first attempt."""
        return self.succeeded / self.tried if self.tried else None

    def add(self, number: int, failure: str) -> None:
        """Note why an attempt failed, or SUCCESS; the prefix grows as far as it is complete and no decision is made."""
        self.known, self.known_successes = self.known + 1, self.known_successes + (failure == SUCCESS)
        self._ahead[number] = failure
        while self.decision is Decision.GO_ON and self.tried in self._ahead:
            reason = self._ahead.pop(self.tried)
            self.tried, self.succeeded = self.tried + 1, self.succeeded + (reason == SUCCESS)
            if reason:
                self.failures[reason] += 1
            self._decide()

    def worth_starting(self, running: int) -> bool:
        """Whether one more attempt beside those that run is likely to be needed: half a success is missing at least.

        This decides how much is computed in vain, never what is kept.
        """
        rate = (self.known_successes + 1) / (self.known + 1)
        expected = self.known_successes + running * rate
        return self.decision is Decision.GO_ON and expected <= self.aim.wanted - 0.5

    def checks(self) -> tuple[Check, ...]:
        """Return what the decisive prefix measured: the share of successes, and how many of the wanted are there."""
        told = f"{self.succeeded} of {self.tried} attempts succeeded{self._reasons()}"
        wanted = Check(
            "successes",
            float(self.succeeded),
            "1",
            f">= {self.aim.wanted}",
            self.succeeded >= self.aim.wanted,
            blocking=False,
            why=f"{told}, at most {self.most} are made",
        )
        if self.decision is not Decision.GIVEN_UP:
            return (wanted,)
        judged = min(self.aim.judged_from, self.most)
        why = f"{told}, {self.aim.wanted} successes are wanted; what succeeded is kept and found again by the next run"
        if self.tried < judged:
            why = f"even if the next {judged - self.tried} all did, the share would stay below; {why}"
        return (Check("share of successes", self.share, "1", f">= {self.aim.least_share:g}", False, why=why), wanted)

    def _reasons(self) -> str:
        """Name what attempts failed of, the most frequent first."""
        ranked = sorted(self.failures.items(), key=lambda entry: (-entry[1], entry[0]))[:MOST_REASONS]
        named = ", ".join(f"{reason} ({count})" for reason, count in ranked)
        return f"; the others failed of {named}" if named else ""

    def _decide(self) -> None:
        if self.succeeded >= self.aim.wanted:
            self.decision = Decision.ENOUGH
        elif self._hopeless():
            self.decision = Decision.GIVEN_UP
        elif self.tried >= self.most:
            self.decision = Decision.SPENT

    def _hopeless(self) -> bool:
        """Whether the share is too small when it is judged, or will be whatever comes until then."""
        judged = min(self.aim.judged_from, self.most)
        still = max(0, judged - self.tried)
        return self.tried > 0 and self.succeeded + still < self.aim.least_share * (self.tried + still)
