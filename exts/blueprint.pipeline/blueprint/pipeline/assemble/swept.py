"""The ground that doors and drawers pass over when they are opened, as outlines in which nothing should stand."""

from collections.abc import Iterator

import numpy as np

from blueprint.pipeline.scene.manifests import SceneProp
from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.scene.props import Joint
from blueprint.pipeline.scene.shapes import Array, PropShape, convex_outline

POSITIONS = 9


def swept_outlines_m(entry: SceneProp, shape: PropShape) -> list[Array]:
    """Return the outline of every link that a joint moves, at several positions of the joint; the others are at 0."""
    return [
        outline
        for joint in entry.prop.joints
        for outline in swept_between_m(entry, shape, joint, joint.lower, joint.upper)
    ]


def swept_between_m(entry: SceneProp, shape: PropShape, joint: Joint, start: float, end: float) -> list[Array]:
    """Return the outlines of what one joint moves, at several positions from `start` to `end` in rad or m."""
    corners = _corners_by_link(entry, shape)
    moved = [corners[link] for link in _carried(entry, joint.child) if link in corners]
    if not moved:
        return []
    points = np.concatenate(moved)
    poses = [
        entry.prop.T_world_prop @ motion(joint, position) for position in np.linspace(start, end, POSITIONS).tolist()
    ]
    return [convex_outline(pose.apply(points)[:, :2]) for pose in poses]


def motion(joint: Joint, position: float) -> Pose:
    """Return how a joint moves its child within the prop's frame."""
    axis = np.asarray(joint.axis)
    if joint.kind == "prismatic":
        return Pose(vec3(position * axis))
    x, y, z = (np.sin(position / 2) * axis).tolist()
    turn = Pose(quat_wxyz=(float(np.cos(position / 2)), x, y, z))
    return Pose(vec3(np.asarray(joint.origin_m) - turn.apply(joint.origin_m)), turn.quat_wxyz)


def _corners_by_link(entry: SceneProp, shape: PropShape) -> dict[str, Array]:
    pieces = iter(shape.pieces_m)
    found: dict[str, Array] = {}
    for link in entry.physics:
        own = [next(pieces) for _ in link.colliders.pieces]
        if own:
            found[link.body] = np.concatenate(own)
    return found


def _carried(entry: SceneProp, link: str) -> Iterator[str]:
    """Yield a link and all that hangs on it; a scan's joints form a tree."""
    yield link
    for joint in entry.prop.joints:
        if joint.parent == link:
            yield from _carried(entry, joint.child)
