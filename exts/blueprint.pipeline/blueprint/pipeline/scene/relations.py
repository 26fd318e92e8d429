"""The support graph: what stands on, in or against what, computed from geometry."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

ROOM = ""
"""Object of a relation to the room: what stands on it stands on the floor."""


@dataclass(frozen=True, slots=True)
class Relation:
    """`subject` stands on, in or against `object`, both prop ids, or ROOM.

    `gap_m` is the distance between the two surfaces, negative where they overlap; `share` is the part of the subject's
    footprint (on, in) or side (against) that faces the object. `part` names the room's part or the object's surface.
    """

    kind: Literal["on", "in", "against"]
    subject: str
    object: str
    gap_m: float
    share: float
    part: str = ""
    why: str = ""


def supported_by(relations: Sequence[Relation], prop: str) -> Relation | None:
    """Return what carries a prop: the nearest thing that it stands on or in."""
    carrying = [entry for entry in relations if entry.subject == prop and entry.kind in ("on", "in")]
    return min(carrying, key=lambda entry: abs(entry.gap_m), default=None)
