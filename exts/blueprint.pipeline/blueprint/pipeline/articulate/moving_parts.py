"""What both sources of articulation, a prediction and the shape itself, say about one moving part."""

from dataclasses import dataclass
from typing import Literal

from blueprint.pipeline.scene.props import Joint

from .fronts import Panel

Kind = Literal["drawer", "door", "lid", "knob", "hinged", "sliding"]


@dataclass(frozen=True, eq=False)
class MovingPart:
    """A part that moves, by its joint; `panel` is the board it shows, where it is one.

    `joint.child` names its link. `confidence` is 0 to 1; `why` names the evidence.
    """

    kind: Kind
    joint: Joint
    panel: Panel | None
    confidence: float
    why: str


def numbered(kinds: list[Kind]) -> list[str]:
    """Return a telling name for each part, counted per kind: drawer_1, drawer_2, door_1."""
    counts: dict[str, int] = {}
    names: list[str] = []
    for kind in kinds:
        counts[kind] = counts.get(kind, 0) + 1
        names.append(f"{kind}_{counts[kind]}")
    return names


def joint_name(child: str) -> str:
    """Return the name of the joint that moves a link."""
    return f"{child}_joint"
