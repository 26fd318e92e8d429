"""How fast items are made, and how long the rest will take; all from durations that workers measured."""

from collections import deque
from statistics import median

REMEMBERED = 64
"""So many of the latest durations are looked at: enough for a median, few enough to follow a change."""


class Stopwatch:
    """Learns from finished items; the median shrugs off the first ones, in which everything is loaded."""

    def __init__(self) -> None:
        self._durations_s: deque[float] = deque(maxlen=REMEMBERED)
        self._side_by_side = 1

    def add(self, duration_s: float, running: int) -> None:
        """Note one item that took `duration_s` while `running` (itself included) were made side by side."""
        self._durations_s.append(duration_s)
        self._side_by_side = max(self._side_by_side, running)

    def items_per_minute(self) -> float | None:
        """Return how many items are finished in a minute by all workers, None before the first."""
        typical_s = median(self._durations_s) if self._durations_s else 0.0
        return 60.0 * self._side_by_side / typical_s if typical_s > 0 else None

    def left_s(self, items: float) -> float | None:
        """Return how long so many further items will take, in seconds."""
        rate = self.items_per_minute()
        return None if rate is None else 60.0 * items / rate
