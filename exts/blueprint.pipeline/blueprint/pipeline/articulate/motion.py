"""Decide how a found board moves: axis, a point on it, and limits; the pose in the photo counts as closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .fronts import Panel
from .handles import Handle
from .panels import Side

Floats = NDArray[np.float64]

DOOR_SWING_RAD = 1.75
LID_SWING_RAD = 1.57
KNOB_TURN_RAD = 2.36
TRAVEL_SHARE = 0.85
"""Share of its depth that a drawer comes out, as on ordinary runners."""


@dataclass(frozen=True, eq=False)
class Motion:
    """How a part moves, in the prop's frame; it is closed at 0. `remark` is for a person who checks guesses."""

    kind: Literal["drawer", "door", "lid", "knob"]
    axis: Floats
    origin_m: Floats
    lower: float
    upper: float
    confidence: float
    why: str
    remark: str = ""


def drawer_motion(panel: Panel, handle: Handle | None, reach_m: float) -> Motion:
    """Slide a board straight out; `reach_m` is the room behind it."""
    upper = TRAVEL_SHARE * reach_m
    right, up = panel.rectangle.centre
    origin = panel.front.world(np.array([right, up, panel.back_m]))
    grip = f"{handle.sentence()} in its middle" if handle else "no handle was seen"
    why = f"{grip}: a drawer that comes out by {TRAVEL_SHARE:.0%} of the {1e3 * reach_m:.0f} mm behind it"
    return Motion("drawer", panel.front.outward, origin, 0.0, upper, 0.75 if handle else 0.4, why)


def door_motion(panel: Panel, handle: Handle | None, middle_m: float, sides: Sequence[Side], *, below: bool) -> Motion:
    """Turn a board about the edge away from its handle; without one, about the edge away from the front's middle.

    The hinge is at the board's back; beside a neighbour at its face, where it opens without cutting into that.
    """
    rectangle = panel.rectangle
    if below:
        origin = panel.front.world(np.array([rectangle.centre[0], rectangle.bottom, panel.back_m]))
        why = f"its kind drops down: hinged below, 0 to {DOOR_SWING_RAD:g} rad"
        return Motion("door", panel.front.right, origin, 0.0, min(DOOR_SWING_RAD, 1.57), 0.7, why)
    off = (handle.rectangle.centre[0] if handle else middle_m) - rectangle.centre[0]
    certain = handle is not None and abs(off) > 0.15 * rectangle.width_m
    on_left = off > 0.005 * rectangle.width_m or abs(off) <= 0.005 * rectangle.width_m
    edge, side = (rectangle.left, "left") if on_left else (rectangle.right, "right")
    neighbour = sides[0 if on_left else 1].kind == "groove"
    place, depth_m = ("face", panel.face_m) if neighbour else ("back", panel.back_m)
    # Seen from the front, a door hinged on its right opens about the upward axis.
    axis = panel.front.up * (-1.0 if on_left else 1.0)
    origin = panel.front.world(np.array([edge, rectangle.centre[1], depth_m]))
    grip = f"{handle.sentence()} on the other side" if certain and handle else "no handle tells the side"
    why = f"{grip}: a door hinged on its {side}, at the edge of its {place}, 0 to {DOOR_SWING_RAD:g} rad"
    remark = "" if certain else f"a door of {1e3 * rectangle.width_m:.0f} mm: the side of its hinge is a guess"
    return Motion("door", axis, origin, 0.0, DOOR_SWING_RAD, 0.75 if certain else 0.35, why, remark)


def lid_motion(panel: Panel, back: Floats, reach_m: float) -> Motion:
    """Turn a lid about its lower back edge; `back` is the unit direction of that side, `reach_m` how far it goes."""
    right, up = panel.rectangle.centre
    middle = panel.front.world(np.array([right, up, panel.back_m]))
    origin = middle + (reach_m - float(middle @ back)) * back
    why = f"a lid hinged at its lower edge, 0 to {LID_SWING_RAD:g} rad"
    return Motion("lid", np.cross([0.0, 0.0, 1.0], back), origin, 0.0, LID_SWING_RAD, 0.7, why)


def knob_motion(panel: Panel, count: int) -> Motion:
    """Turn a knob about its own axis by three quarters of a turn."""
    right, up = panel.rectangle.centre
    origin = panel.front.world(np.array([right, up, panel.back_m]))
    why = f"one of {count} round ones on its board: a knob that turns by {KNOB_TURN_RAD:g} rad to either side"
    return Motion("knob", panel.front.outward, origin, -KNOB_TURN_RAD, KNOB_TURN_RAD, 0.6, why)
