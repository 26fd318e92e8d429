"""Move each part through its range and measure, by shape alone, how deep it cuts into the other links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from manifold3d import Manifold
from numpy.typing import NDArray

from blueprint.pipeline.scene.props import Joint

Floats = NDArray[np.float64]

_POSITIONS = 12
_TOUCH_M3 = 1e-7
"""Overlaps below 100 cubic millimetres are surfaces that touch."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """The deepest overlap on a joint's way: with which link, at which position (rad or m), and how deep."""

    joint: str
    link: str
    position: float
    depth_m: float


def sweep(joints: Sequence[Joint], solids: Mapping[str, Sequence[Manifold]]) -> list[Overlap]:
    """Return the deepest overlap of each joint that has one; what a part carries moves with it, the rest stays at 0."""
    whole = {name: Manifold.compose(list(pieces)) for name, pieces in solids.items()}
    found: list[Overlap] = []
    for joint in joints:
        carried = _carried(joint.child, joints)
        moving = Manifold.compose([whole[name] for name in sorted(carried) if name in whole])
        overlaps = [
            Overlap(joint.name, name, float(position), depth)
            for position in np.linspace(joint.lower, joint.upper, _POSITIONS)
            for name in sorted(set(whole) - carried)
            if (depth := overlap_depth_m(moving.transform(motion(joint, float(position))), whole[name])) > 0
        ]
        if overlaps:
            found.append(max(overlaps, key=lambda each: each.depth_m))
    return found


def motion(joint: Joint, position: float) -> Floats:
    """Return the (3, 4) transform of a joint's child at a position, in the prop's frame."""
    axis = np.asarray(joint.axis) / np.linalg.norm(joint.axis)
    if joint.kind == "prismatic":
        return np.column_stack([np.eye(3), position * axis])
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    rotation = np.eye(3) + np.sin(position) * cross + (1 - np.cos(position)) * cross @ cross
    origin = np.asarray(joint.origin_m)
    return np.column_stack([rotation, origin - rotation @ origin])


def overlap_depth_m(first: Manifold, second: Manifold) -> float:
    """Return the thickness of the thickest overlap of two solids: its smallest extent along its own axes."""
    common = first ^ second
    pieces = [piece for piece in common.decompose() if piece.volume() > _TOUCH_M3]
    return max((_thickness_m(piece) for piece in pieces), default=0.0)


def _thickness_m(solid: Manifold) -> float:
    points = np.asarray(solid.to_mesh64().vert_properties)[:, :3]
    centred = points - points.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    return float(np.ptp(centred @ axes, axis=0).min())


def _carried(child: str, joints: Sequence[Joint]) -> set[str]:
    carried = {child}
    while more := {joint.child for joint in joints if joint.parent in carried} - carried:
        carried |= more
    return carried
