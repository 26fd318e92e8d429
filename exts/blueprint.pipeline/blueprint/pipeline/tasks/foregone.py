"""Whether a task would be done before it begins: its goals, measured on how things stand as the judge measures them."""

from collections.abc import Sequence

import numpy as np

from blueprint.pipeline.episode.geometry import Geometry, Shapes, owner_of
from blueprint.pipeline.episode.goals import Goal, JointWithin, Raised, TiltedOver
from blueprint.pipeline.episode.margins import margins_of
from blueprint.pipeline.episode.touches import Touches
from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.scene.poses import Pose

from .situation import Array, Situation

_NAMES = ("object", "base", "target", "other", "body", "joint")
"""Fields of goals that name a prop or a part of one."""


def why_done_already(goals: Sequence[Goal], situation: Situation) -> str:
    """Return why nothing is left to do, or nothing: a joint stands where it is to be moved, or all goals hold."""
    joint = joint_already_there(goals, situation)
    if joint:
        return f"{joint} stands already where it is to be moved"
    return "all that is asked for holds already at the start" if all_hold(goals, situation) else ""


def joint_already_there(goals: Sequence[Goal], situation: Situation) -> str:
    """Return the first joint that stands between the bounds of its goal before anything was done, or nothing."""
    for goal in goals:
        if isinstance(goal, JointWithin):
            now = situation.joint_position.get(goal.joint, 0.0)
            if goal.lower <= now <= goal.upper:
                return goal.joint
    return ""


def all_hold(goals: Sequence[Goal], situation: Situation) -> bool:
    """Whether all goals hold before anything was done, as far as that can be seen without moving."""
    # Nothing is raised or tilted, compared to its start, at the start.
    if any(isinstance(goal, Raised | TiltedOver) for goal in goals):
        return False
    shapes = _as_it_stands(goals, situation)
    measure = margins_of(shapes, Touches(shapes.track))
    return all(measure(goal)[0] >= 0 for goal in goals)


def _as_it_stands(goals: Sequence[Goal], situation: Situation) -> Shapes:
    """Return what the goals name as a track of one frame, with nobody touching anything."""
    owners = {owner_of(getattr(goal, name)) for goal in goals for name in _NAMES if hasattr(goal, name)}
    known = situation.shapes.T_prop_bodies
    links = [name for name in known if owner_of(name) in owners]
    corners: dict[str, list[Array]] = {}
    for solid in situation.shapes.fixed:
        corners.setdefault(solid.link, []).append(solid.corners_m)
    for prop in owners & situation.shapes.movable.keys():
        corners[next(name for name in links if owner_of(name) == prop)] = [*situation.shapes.movable[prop]]
    placed = [situation.link_pose(owner_of(name), name.split("/", 1)[1]) @ known[name] for name in links]
    local = {name: known[name].inverse().apply(np.concatenate(corners[name])) for name in links if name in corners}
    return Shapes(_track(situation, links, placed), Geometry(local))


def _track(situation: Situation, links: Sequence[str], placed: Sequence[Pose]) -> Track:
    none, count = np.zeros(0, dtype=np.int64), len(links)
    joints = {f"{entry.prop.id}/{joint.name}": 0.0 for entry in situation.manifest.props for joint in entry.prop.joints}
    joints |= situation.joint_position
    return Track(
        fps=1,
        prop_names=(),
        body_names=tuple(links),
        time_s=np.zeros(1),
        phase=np.zeros(1, dtype=np.int64),
        joint_position=np.array([list(joints.values())]),
        command=np.zeros((1, 0)),
        tcp_position_m=np.zeros((1, 3)),
        tcp_quat_wxyz=np.array([[1.0, 0.0, 0.0, 0.0]]),
        gripper_width_m=np.zeros(1),
        prop_position_m=np.zeros((1, 0, 3)),
        prop_quat_wxyz=np.zeros((1, 0, 4)),
        contact_offset=np.zeros(2, dtype=np.int64),
        contact_first=none,
        contact_second=none,
        contact_depth_m=np.zeros(0),
        contact_force_n=np.zeros((0, 3)),
        joint_names=tuple(joints),
        body_position_m=np.array([pose.position_m for pose in placed]).reshape(1, count, 3),
        body_quat_wxyz=np.array([pose.quat_wxyz for pose in placed]).reshape(1, count, 4),
    )
