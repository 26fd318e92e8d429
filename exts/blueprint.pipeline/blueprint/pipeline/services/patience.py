"""How long and how often a service is asked again: within a budget, as the service says, and not while it is down."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .failures import ServiceFailed

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0


@dataclass
class Clock:
    """Time as the rest of this module sees it; tests put their own in."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass
class Budget:
    """The seconds that a piece of work may still take, waiting included."""

    service: str
    seconds: float
    clock: Clock = field(default_factory=Clock)
    _started: float = field(init=False)

    def __post_init__(self) -> None:
        self._started = self.clock.now()

    @property
    def left_s(self) -> float:
        """Seconds that are left; never below zero."""
        return max(0.0, self.seconds - (self.clock.now() - self._started))

    def spend(self, at_most_s: float) -> float:
        """Return how long the next step may take; raises ServiceFailed where nothing is left."""
        if self.left_s <= 0:
            raise ServiceFailed(self.service, f"not done within its deadline of {self.seconds:g} s")
        return min(at_most_s, self.left_s)

    def wait(self, seconds: float, why: str) -> None:
        """Wait; raises ServiceFailed at once where the wait would outlast the budget."""
        if seconds >= self.left_s:
            left = f"{self.left_s:.0f} s of {self.seconds:g} s are left"
            raise ServiceFailed(self.service, f"{why}; it asks to wait {seconds:.0f} s and {left}")
        self.clock.sleep(seconds)

    def pause(self, seconds: float) -> None:
        """Wait between two looks at work that goes on; raises ServiceFailed when the budget is used up."""
        self.clock.sleep(min(seconds, self.left_s))
        self.spend(0.0)


def backoff_s(attempt: int) -> float:
    """Return the wait before attempt number `attempt` + 1, doubling from half a second to half a minute."""
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**attempt)


@dataclass
class Circuit:
    """Opens after failures in a row; while open nobody is asked; after a rest one call may try."""

    service: str
    failures_to_open: int = 5
    rest_s: float = 60.0
    clock: Clock = field(default_factory=Clock)
    _failures: int = 0
    _opened_at: float | None = None

    @property
    def open(self) -> bool:
        """Whether calls are refused now."""
        return self._opened_at is not None and self.clock.now() - self._opened_at < self.rest_s

    def check(self) -> None:
        """Raise ServiceFailed while the circuit is open."""
        if self.open:
            assert self._opened_at is not None
            left = self.rest_s - (self.clock.now() - self._opened_at)
            cause = f"failed {self._failures} times in a row and is not asked again for {left:.0f} s"
            raise ServiceFailed(self.service, cause)

    def record(self, *, success: bool) -> None:
        """Note how a call ended; a success closes the circuit."""
        if success:
            self._failures, self._opened_at = 0, None
            return
        self._failures += 1
        if self._failures >= self.failures_to_open:
            self._opened_at = self.clock.now()
