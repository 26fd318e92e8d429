"""Offers: which tasks a robot can do in a scene, and the reason against each that it cannot."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Offer:
    """A task template with its roles filled; `reason` says why it is not feasible, `measures` what was found out.

    `object` is the prop that is handled first: the one that is grasped or pushed, or whose part is moved.
    """

    id: str
    template: str
    roles: dict[str, str]
    feasible: bool
    reason: str
    measures: dict[str, float] = field(default_factory=dict[str, float])
    object: str = ""


@dataclass(frozen=True, slots=True)
class Offers:
    """Everything that was looked at in a scene, feasible or not, in a fixed order."""

    scene: str
    robot: str
    offers: tuple[Offer, ...]
    format: str = "blueprint.offers"
    version: int = 1

    def feasible(self) -> tuple[Offer, ...]:
        """Return what the robot can do."""
        return tuple(offer for offer in self.offers if offer.feasible)
