"""Make the inside that a scan cannot see: the cavity behind a board, and the box of a drawer.

Nothing is made where the scan has an inside already. Boards have usual thicknesses, and each reason says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from manifold3d import Manifold
from numpy.typing import NDArray

from .closed_solids import TexturePoint, box, share_filled
from .fronts import Panel, Rectangle
from .moving_parts import MovingPart

Floats = NDArray[np.float64]

WALL_M = 0.018
BACK_M = 0.012
"""Boards of ordinary furniture: sides of 18 mm (16 to 19), backs thinner."""
_OVERLAY_M = 0.009
"""Half a board: two neighbouring fronts share the board between them."""
_SOLID_SHARE = 0.6
_SMALLEST_M = 0.05
_DEEP_M = 0.06

_RUNNER_M = 0.0125
"""Room for a runner at each side of a drawer, as makers of runners ask for."""
_BELOW_M, _ABOVE_M, _BEHIND_M = 0.010, 0.015, 0.020
_SIDE_M, _BOTTOM_M = 0.012, 0.008
_OVERLAP_M = 0.002
_PAIRED_GAP_M = 0.015


@dataclass(frozen=True, eq=False)
class Room:
    """The free space behind a panel: a rectangle of its front, and from where to where outward, in metres."""

    panel: Panel
    rectangle: Rectangle
    back_m: float

    @property
    def depth_m(self) -> float:
        """Return how far it goes in behind the panel."""
        return self.panel.back_m - self.back_m

    def solid(self, uv: TexturePoint, *, open_m: float) -> Manifold:
        """Return the space as a box that reaches `open_m` past the panel's back."""
        rectangle, outer = self.rectangle, self.panel.back_m + open_m
        low, high = (rectangle.left, rectangle.bottom, self.back_m), (rectangle.right, rectangle.top, outer)
        return box(self.panel.front, low, high, uv)

    def sentence(self) -> str:
        """Say how large it is."""
        sizes = (self.rectangle.width_m, self.rectangle.height_m, self.depth_m)
        return " x ".join(f"{1e3 * size:.0f}" for size in sizes) + " mm"


@dataclass(frozen=True, eq=False)
class Furnished:
    """The carcass and the moving parts' solids by name after insides were made, and what was made up."""

    carcass: Manifold
    parts: Mapping[str, Manifold]
    made_up: tuple[str, ...]


def furnish(
    carcass: Manifold, parts: Mapping[str, Manifold], moving: Mapping[str, MovingPart], uv: TexturePoint
) -> Furnished:
    """Hollow a carcass behind each board that opens, and give each drawer that is only a front its box."""
    made: dict[str, Manifold] = dict(parts)
    notes: list[str] = []
    rooms = {
        name: room
        for name, part in moving.items()
        if part.panel is not None
        and part.kind in ("drawer", "door", "lid")
        and name in parts
        and (room := _room(carcass, part.panel)) is not None
    }
    for name, room in _joined(rooms, moving).items():
        if share_filled(carcass, room.solid(uv, open_m=-_OVERLAP_M)) < _SOLID_SHARE:
            continue
        carcass = carcass - room.solid(uv, open_m=_OVERLAP_M)
        notes.append(f"behind {name} a cavity of {room.sentence()}, for walls of 18 mm and a back of 12 mm")
        if moving[name].kind == "drawer" and _is_only_a_front(made[name], room.panel):
            body = _drawer_box(room, uv)
            if body is None:
                continue
            made[name] = made[name] + body
            notes.append(f"the box of {name}: sides and back of 12 mm, bottom of 8 mm, 12.5 mm beside it for runners")
    return Furnished(carcass, made, tuple(notes))


def _room(carcass: Manifold, panel: Panel) -> Room | None:
    """Return the space behind a panel within a carcass, or None where there is too little for anything."""
    local = panel.front.local(np.asarray(carcass.to_mesh64().vert_properties)[:, :3])
    low, high = local.min(axis=0), local.max(axis=0)
    rectangle = Rectangle(
        max(panel.rectangle.left + _OVERLAY_M, float(low[0]) + WALL_M),
        max(panel.rectangle.bottom + _OVERLAY_M, float(low[1]) + WALL_M),
        min(panel.rectangle.right - _OVERLAY_M, float(high[0]) - WALL_M),
        min(panel.rectangle.top - _OVERLAY_M, float(high[1]) - WALL_M),
    )
    room = Room(panel, rectangle, float(low[2]) + BACK_M)
    sizes = (rectangle.width_m, rectangle.height_m, room.depth_m)
    return room if min(sizes) >= _SMALLEST_M else None


def _joined(rooms: Mapping[str, Room], moving: Mapping[str, MovingPart]) -> dict[str, Room]:
    """Return the rooms with those behind a pair of doors made one: no post stands between two doors that meet."""
    made = dict(rooms)
    doors = [name for name in rooms if moving[name].kind == "door"]
    for first in doors:
        for second in doors:
            left, right = rooms[first].panel.rectangle, rooms[second].panel.rectangle
            meet = 0.0 <= right.left - left.right + 1e-3 <= _PAIRED_GAP_M
            level = min(left.top, right.top) - max(left.bottom, right.bottom) > 0.8 * max(left.height_m, right.height_m)
            if first != second and meet and level:
                middle = (left.right + right.left) / 2
                made[first] = _stretched(made[first], right_m=middle + _OVERLAP_M)
                made[second] = _stretched(made[second], left_m=middle - _OVERLAP_M)
    return made


def _stretched(room: Room, *, left_m: float | None = None, right_m: float | None = None) -> Room:
    rectangle = room.rectangle
    left = rectangle.left if left_m is None else left_m
    right = rectangle.right if right_m is None else right_m
    return replace(room, rectangle=Rectangle(left, rectangle.bottom, right, rectangle.top))


def _is_only_a_front(part: Manifold, panel: Panel) -> bool:
    local = panel.front.local(np.asarray(part.to_mesh64().vert_properties)[:, :3])
    return panel.back_m - float(local[:, 2].min()) < _DEEP_M


def _drawer_box(room: Room, uv: TexturePoint) -> Manifold | None:
    """Return an open-top box behind a drawer's front, grown into the front's back."""
    rectangle = room.rectangle
    left, right = rectangle.left + _RUNNER_M, rectangle.right - _RUNNER_M
    bottom, top = rectangle.bottom + _BELOW_M, rectangle.top - _ABOVE_M
    back, face = room.back_m + _BEHIND_M, room.panel.back_m
    if min(right - left, top - bottom, face - back) < _SMALLEST_M - _ABOVE_M:
        return None
    front = room.panel.front
    outer = box(front, (left, bottom, back), (right, top, face + _OVERLAP_M), uv)
    low = (left + _SIDE_M, bottom + _BOTTOM_M, back + _SIDE_M)
    inner = box(front, low, (right - _SIDE_M, top + _SMALLEST_M, face), uv)
    return outer - inner
