"""Decide what an object is, from a person's word or the detector's label, and what it is for."""

from dataclasses import dataclass

from blueprint.pipeline.scene.categories import UNKNOWN, Categories
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.poses import Vec3
from blueprint.pipeline.scene.props import Role

FURNITURE_SIZE_M = 0.6
"""An unnamed thing whose largest side is longer than this is taken for furniture."""

ROOM = "room"

# 3D-RE-GEN sets everything with these letters in its label on the floor, upright.
_FLOOR_WORDS = ("chair", "sofa", "table", "couch", "bed", "cabinet", "desk", "sideboard", "dresser", "plant")


@dataclass(frozen=True, slots=True)
class Decision:
    """A category with the sentence that says where it comes from; `review` is set where a person should look."""

    category: str
    why: str
    review: str = ""


def decide_category(label: str, correction: Correction, categories: Categories) -> Decision:
    """Return an object's category; raises UnknownName for a corrected category that does not exist."""
    if correction.category is not None:
        categories.of(correction.category)
        return Decision(correction.category, f"corrected by a person{_because(correction)}")
    named = categories.named_by(label)
    if named is not None:
        return Decision(named, f"label {label!r}")
    return Decision(UNKNOWN, f"no category is called {label!r}", f"label {label!r} names no known category")


def decide_role(category: str, size_m: Vec3, correction: Correction, categories: Categories) -> tuple[Role, str]:
    """Return what an object is for and why; for an unknown category its size decides."""
    if correction.role is not None:
        return Role(correction.role), f"corrected by a person{_because(correction)}"
    if category != UNKNOWN:
        return categories.of(category).role, f"category {category}"
    longest = max(size_m)
    if longest > FURNITURE_SIZE_M:
        return Role.FURNITURE, f"unknown, and its largest side of {longest:.2f} m is more than {FURNITURE_SIZE_M} m"
    return Role.MANIPULABLE, f"unknown, and its largest side of {longest:.2f} m is at most {FURNITURE_SIZE_M} m"


def is_room_part(label: str, categories: Categories) -> bool:
    """Whether a label names a part of the room's shell rather than a thing in it."""
    return categories.named_by(label) == ROOM


def set_on_floor(label: str) -> bool:
    """Whether the reconstruction sets a thing with this label upright on the floor."""
    return any(word in label.lower() for word in _FLOOR_WORDS)


def _because(correction: Correction) -> str:
    return f": {correction.why}" if correction.why else ""
