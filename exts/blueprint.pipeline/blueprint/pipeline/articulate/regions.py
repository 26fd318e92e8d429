"""Cut found boards out of solids: each takes what lies in its rectangle from its back outward."""

from collections.abc import Sequence

import numpy as np
from manifold3d import Manifold
from numpy.typing import NDArray

from .closed_solids import TexturePoint, box, without_crumbs
from .fronts import Panel, Rectangle
from .moving_parts import MovingPart

Floats = NDArray[np.float64]

_GROWN_M = 0.002
"""The rectangle was read from pixels and the scan is uneven; a gap is wider than this."""
_CUT_M = 0.001
_SHAVED_M = 0.0007
"""What is left of a board's back, and uneven ground below it, is taken away: the board then moves freely."""
_LOOK_BEHIND_M = 0.03
_FAR_M = 10.0
_BOX_SHARE = 0.3
"""The box of a drawer is at least this wide and not wider than its front."""


def cut_out_part(solid: Manifold, part: MovingPart, uv: TexturePoint) -> tuple[Manifold, Manifold]:
    """Return the part of a solid that moves, and the rest; cut faces take one texel's colour."""
    panel = part.panel
    if panel is None:
        return Manifold(), solid
    region = _in_front(panel, panel.rectangle.grown(_GROWN_M), panel.back_m + _CUT_M, uv)
    behind = _box_behind(solid, panel, uv) if part.kind == "drawer" else None
    moving, rest = solid.split(region if behind is None else region + behind)
    moving, loose = _main_and_loose(moving)
    rest = rest + loose
    if part.kind != "knob":
        rest = rest - _sheet(panel, uv) if behind is None else rest - (_sheet(panel, uv) - behind)
    return without_crumbs(moving), without_crumbs(rest)


def _in_front(panel: Panel, rectangle: Rectangle, from_m: float, uv: TexturePoint) -> Manifold:
    low, high = (rectangle.left, rectangle.bottom, from_m), (rectangle.right, rectangle.top, panel.face_m + _FAR_M)
    return box(panel.front, low, high, uv)


def _sheet(panel: Panel, uv: TexturePoint) -> Manifold:
    area = panel.rectangle.grown(_GROWN_M)
    low, high = (area.left, area.bottom, panel.back_m - _SHAVED_M), (area.right, area.top, panel.back_m + _CUT_M)
    return box(panel.front, low, high, uv)


def _main_and_loose(moving: Manifold) -> tuple[Manifold, Manifold]:
    """Return the largest piece, and the others joined: bits of the carcass that reached into the region."""
    pieces: Sequence[Manifold] = sorted(moving.decompose(), key=lambda piece: -piece.volume())
    return pieces[0] if pieces else Manifold(), Manifold.compose(list(pieces[1:]))


def _box_behind(solid: Manifold, panel: Panel, uv: TexturePoint) -> Manifold | None:
    """Return the space of the drawer's box where the scan has one: an outline behind the front, apart from the carcass.

    It is looked for close behind the front, where no runner touches it.
    """
    turned = solid.transform(np.column_stack([panel.front.rotation, np.zeros(3)]))
    outlines = turned.slice(panel.back_m - _LOOK_BEHIND_M).decompose()
    rectangle = panel.rectangle
    inside = [
        found
        for outline in outlines
        if rectangle.holds(found := Rectangle(*outline.bounds()), -_GROWN_M)
        and found.width_m > _BOX_SHARE * rectangle.width_m
    ]
    if not inside:
        return None
    found = max(inside, key=lambda each: each.area_m2).grown(_SHAVED_M)
    low = (found.left, found.bottom, panel.back_m - _FAR_M)
    return box(panel.front, low, (found.right, found.top, panel.back_m + _CUT_M + _SHAVED_M), uv)
