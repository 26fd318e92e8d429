"""Set upright what leans by a few degrees for no good reason, in level axes and scan units.

What should stand has a flat base that leans with the thing's own upward axis. What lies has no such base below it,
and what leans on a wall or on another thing does so on purpose: both stay as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from blueprint.pipeline.scene.shapes import convex_outline, outline_gap_m

from .leveled import LeveledObject
from .poses import RecoveredPose
from .room import RoomSurface
from .straighten import turn_onto

Points = NDArray[np.float64]

LEAST_LEAN_RAD = np.radians(1.0)
"""Less is noise of the scan; physics takes it away when the thing settles."""
MOST_LEAN_RAD = np.radians(10.0)
"""What leans further may lie, or lean on something that the scan does not show."""

_FLAT_RAD = np.radians(1.5)
_AGREEMENT_RAD = np.radians(2.0)
_FLAT_SHARE, _FLAT_SHARE_STANDING = 0.25, 0.08
_TOUCHING = 0.04
_CANONICAL_UP = np.array([0.0, 1.0, 0.0])


@dataclass(frozen=True, eq=False)
class Lean:
    """How an object leans: its upward axis in level axes, the middle of its flat base, and the base's share."""

    up: Points
    foot: Points
    share: float

    @property
    def angle_rad(self) -> float:
        """Angle to the vertical."""
        return float(np.arccos(np.clip(self.up[2], -1.0, 1.0)))


def find_lean(entry: LeveledObject, vertices: Points, R_level_scan: Points, *, stands: bool) -> Lean | None:
    """Return how an object that should stand leans, from vertices (V, 3) in level axes; None where nothing says so.

    `stands` is whether things of its category usually stand.
    """
    own_up = None
    if entry.raw.canonical is not None and entry.pose.method != "posed mesh only":
        own_up = R_level_scan @ entry.pose.rotation @ _CANONICAL_UP
        if not LEAST_LEAN_RAD <= np.arccos(np.clip(own_up[2], -1.0, 1.0)) <= MOST_LEAN_RAD:
            return None
    base = _flat_base(vertices)
    if base is None or base.share < (_FLAT_SHARE_STANDING if stands else _FLAT_SHARE):
        return None
    if own_up is not None and np.arccos(np.clip(own_up @ base.up, -1.0, 1.0)) > _AGREEMENT_RAD:
        return None
    return base if LEAST_LEAN_RAD <= base.angle_rad <= MOST_LEAN_RAD else None


def leans_on(
    lean: Lean, vertices: Points, others: Sequence[tuple[str, Points]], walls: Sequence[RoomSurface]
) -> str | None:
    """Return what the upper half of a leaning thing touches on the side to which it leans; None where it is free."""
    towards = lean.up[:2] / np.linalg.norm(lean.up[:2])
    low, high = vertices[:, 2].min(), vertices[:, 2].max()
    middle, near = (low + high) / 2, _TOUCHING * (high - low)
    upper = vertices[vertices[:, 2] >= middle]
    outline = convex_outline(upper[:, :2])
    for name, points in others:
        if points[:, 2].max() < middle or points[:, 2].min() > high:
            continue
        # What the thing leans on reaches further to that side than it does itself.
        if (points[:, :2] @ towards).max() <= (outline @ towards).max():
            continue
        other = convex_outline(points[:, :2])
        if len(other) >= 3 and len(outline) >= 3 and outline_gap_m(outline, other) <= near:
            return name
    for number, wall in enumerate(walls, 1):
        gap = float(((upper - wall.center) @ wall.axes[:, 2]).min())
        if abs(gap) <= near and -wall.axes[:2, 2] @ towards > 0.5:
            return f"wall_{number}"
    return None


def set_upright(entry: LeveledObject, lean: Lean, R_level_scan: Points) -> RecoveredPose:
    """Return the pose turned upright about the middle of its base."""
    turn = R_level_scan.T @ turn_onto(lean.up, np.array([0.0, 0.0, 1.0])) @ R_level_scan
    foot = R_level_scan.T @ lean.foot
    review = (
        f"it leaned by {np.degrees(lean.angle_rad):.1f} degrees on a flat base ({lean.share:.0%} of its outline) with "
        "nothing to lean on, and was set upright"
    )
    return replace(
        entry.pose,
        rotation=turn @ entry.pose.rotation,
        translation=turn @ (entry.pose.translation - foot) + foot,
        review="; ".join(text for text in (entry.pose.review, review) if text),
    )


def _flat_base(vertices: Points) -> Lean | None:
    """Return the largest flat side of the hull that looks down within MOST_LEAN_RAD, as the plane that it stands on."""
    try:
        hull = ConvexHull(vertices)
    except QhullError:
        return None
    normals = hull.equations[:, :3]
    corners = hull.points[hull.simplices]
    areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    down = np.flatnonzero((-normals[:, 2] >= np.cos(MOST_LEAN_RAD)) & (areas > 0))
    if not len(down):
        return None
    alike = normals[down] @ normals[down].T >= np.cos(_FLAT_RAD)
    best = down[alike[int((alike @ areas[down]).argmax())]]
    normal = areas[best] @ normals[best]
    normal /= np.linalg.norm(normal)
    foot = np.average(corners[best].mean(axis=1), axis=0, weights=areas[best])
    footprint = ConvexHull(vertices[:, :2]).volume
    return Lean(-normal, foot, float(areas[best].sum() / footprint))
