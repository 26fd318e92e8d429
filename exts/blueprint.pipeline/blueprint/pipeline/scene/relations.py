"""The support graph: what stands on, in or against what, computed from geometry."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["on", "in", "against"]

ROOM = ""
"""Object of a relation to the room: what stands on it stands on the floor."""


@dataclass(frozen=True, slots=True)
class Relation:
    """`subject` stands on, in or against `object`, both prop ids, or ROOM.

    `gap_m` is the distance between the two surfaces, negative where they overlap; `share` is the part of the subject's
    footprint (on, in) or side (against) that faces the object. `part` names the room's part or the object's surface.
    """

    kind: Kind
    subject: str
    object: str
    gap_m: float
    share: float
    part: str = ""
    why: str = ""


def supported_by(relations: Sequence[Relation], prop: str) -> Relation | None:
    """Return what carries a prop: the nearest thing that it stands on or in."""
    return min(_carrying(relations, prop), key=lambda entry: abs(entry.gap_m), default=None)


def hung(relations: Sequence[Relation], prop: str) -> Relation | None:
    """Return what a prop hangs on: a wall or ceiling that it touches while nothing carries it."""
    if supported_by(relations, prop) is not None:
        return None
    held = [entry for entry in relations if entry.subject == prop and entry.kind == "against" and entry.object == ROOM]
    return min(held, key=lambda entry: abs(entry.gap_m), default=None)


def bottom_up(relations: Sequence[Relation], props: Sequence[str]) -> tuple[str, ...]:
    """Return the props so that each comes after everything that carries it, otherwise in the order given."""
    carriers = {prop: {entry.object for entry in _carrying(relations, prop)} & set(props) for prop in props}
    ordered: list[str] = []
    while len(ordered) < len(props):
        ready = [prop for prop in props if prop not in ordered and carriers[prop] <= set(ordered)]
        # Geometry gives no cycles; a hand-made graph that has one is taken as it comes.
        ordered += ready or [prop for prop in props if prop not in ordered]
    return tuple(ordered)


def _carrying(relations: Sequence[Relation], prop: str) -> list[Relation]:
    return [entry for entry in relations if entry.subject == prop and entry.kind in ("on", "in")]
