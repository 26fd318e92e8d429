"""Which task an attempt is about: every pair of a task and a prop comes in turn, however many fillings each has."""

from collections.abc import Sequence
from dataclasses import dataclass

from blueprint.pipeline.episode.offers import Offer


@dataclass(frozen=True, slots=True)
class Turns:
    """Feasible offers, grouped by pairs of a task and the prop that is handled first, in a fixed order."""

    pairs: tuple[tuple[Offer, ...], ...]

    @classmethod
    def of(cls, offers: Sequence[Offer], tasks: Sequence[str]) -> "Turns":
        """Group the offers of the wanted tasks, in the tasks' order."""
        grouped: dict[tuple[str, str], list[Offer]] = {}
        for task in tasks:
            for offer in offers:
                if offer.template == task:
                    grouped.setdefault((task, offer.roles.get("object", offer.object)), []).append(offer)
        return cls(tuple(tuple(found) for found in grouped.values()))

    def offer(self, number: int) -> Offer:
        """Return what an attempt is about; a pair with several fillings takes another one each time."""
        lap, at = divmod(number, len(self.pairs))
        pair = self.pairs[at]
        return pair[lap % len(pair)]
