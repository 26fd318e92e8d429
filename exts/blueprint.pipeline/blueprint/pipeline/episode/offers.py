"""Offers: which tasks a robot can do in a scene, and the reason against each that it cannot."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Offer:
    """A task template with its roles filled; `reason` says why it is not feasible, `measures` what was found out.

    `object` is the prop that is handled first: the one that is grasped or pushed, or whose part is moved. `pair` is the
    graspable object with which the task counts as a pair; empty where it is about furniture alone, or about something
    that the gripper cannot hold where it stands.
    """

    id: str
    template: str
    roles: dict[str, str]
    feasible: bool
    reason: str
    measures: dict[str, float] = field(default_factory=dict[str, float])
    object: str = ""
    pair: str = ""


@dataclass(frozen=True, slots=True)
class HandRoom:
    """How many grasps of a movable thing are left to the gripper alone where the thing stands, whatever arm carries it.

    Of `listed` grasps, which fit by their width, `held` held in a trial or were not tried, and at `free` of those the
    hand, open and closed, has room among everything else.
    """

    prop: str
    listed: int
    held: int
    free: int

    @property
    def graspable(self) -> bool:
        """Whether the gripper can hold it at all; whether the arm gets there is another question."""
        return self.free > 0


@dataclass(frozen=True, slots=True)
class Pair:
    """A graspable object and a task: feasible where one filling of the task's other roles is.

    `reason` is that against the first filling where none is.
    """

    object: str
    template: str
    feasible: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Offers:
    """Everything that was looked at in a scene, feasible or not, in a fixed order.

    `things` says of each movable thing whether the gripper can hold it; `absent` why nothing fills a task's roles, by
    template.
    """

    scene: str
    robot: str
    offers: tuple[Offer, ...]
    things: tuple[HandRoom, ...] = ()
    absent: dict[str, str] = field(default_factory=dict[str, str])
    format: str = "blueprint.offers"
    version: int = 1

    def feasible(self) -> tuple[Offer, ...]:
        """Return what the robot can do."""
        return tuple(offer for offer in self.offers if offer.feasible)

    def pairs(self) -> tuple[Pair, ...]:
        """Return each graspable object with each task that it can fill a role of, in the order of the offers."""
        found: dict[tuple[str, str], Pair] = {}
        for offer in self.offers:
            key = (offer.pair, offer.template)
            if offer.pair and (key not in found or (offer.feasible and not found[key].feasible)):
                found[key] = Pair(offer.pair, offer.template, offer.feasible, offer.reason)
        return tuple(found.values())
