"""What spoils the places that are drawn for a task: counts by cause, the commonest first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from .room_above import Flags

CAUSES = 5
"""Number of causes that are told apart; the rest are counted together."""


@dataclass
class Spoils:
    """How many places were drawn, and how many of them each cause has spoiled: of each place the first."""

    places: int = 0
    causes: Counter[str] = field(default_factory=Counter[str])

    @property
    def free(self) -> int:
        """How many places nothing has spoiled."""
        return self.places - self.causes.total()

    def add(self, cause: str = "", count: int = 1) -> None:
        """Count places, spoiled by a cause, or free without one."""
        self.places += count
        if cause and count:
            self.causes[cause] += count

    def sort(self, fits: Sequence[tuple[str, Flags]], touched: Flags, names: Sequence[str]) -> None:
        """Count places (D,) by the first of named conditions that they do not meet, then by what they touch (D, N)."""
        left: Flags = np.ones(len(touched), dtype=bool)
        for cause, holds in fits:
            self.add(cause, int((left & ~holds).sum()))
            left &= holds
        for name, touches in zip(names, touched.T, strict=True):
            self.add(f"where {name} is", int((left & touches).sum()))
            left &= ~touches
        self.add(count=int(left.sum()))

    def told(self) -> str:
        """Say how many places were tried and what spoiled them; empty where none was drawn."""
        if not self.places:
            return ""
        ordered = sorted(self.causes.items(), key=lambda item: (-item[1], item[0]))
        if len(ordered) == 1 and not self.free:
            return f"all {self.places} places tried are {ordered[0][0]}"
        words = [f"{count} {cause}" for cause, count in ordered[:CAUSES]]
        rest = sum(count for _, count in ordered[CAUSES:])
        words += [f"{rest} for other reasons"] * bool(rest) + [f"{self.free} free"] * bool(self.free)
        return f"of {self.places} places tried: {', '.join(words)}"
