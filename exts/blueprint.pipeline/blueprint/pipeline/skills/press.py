"""Press: push a part of furniture in along its joint with closed fingertips - a button, a switch, a drawer front."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.planning.cartesian import poses_between
from blueprint.pipeline.scene.poses import Pose

from .legs import Follow, Leg, Manner, Spread, Transit
from .means import Means
from .situation import Situation

Array = NDArray[np.float64]

_BEHIND_M = 0.015
_TURNS = 8
_AT_M = 0.012
"""How far ahead a point of the part is looked at to learn which way it moves."""


def plan_press(means: Means, before: Situation, step: Step) -> Iterator[tuple[Leg, ...]]:
    """Press the part that `joint` of `prop` moves by `depth` (rad or m) towards its target."""
    world, joint, depth = means.workspace.world, step.roles["joint"], step.values["depth"]
    now = before.joints[joint]
    means.arrange(before)
    touch, way = _point_and_way(means, joint, now, depth)
    direction = way / max(float(np.linalg.norm(way)), 1e-9)
    closed = replace(before, width_m=means.workspace.robot.gripper.min_width_m)
    link = world.compiled.joint(joint).body
    for T_world_tcp in _tool_poses(means, touch - direction * _BEHIND_M, direction):
        means.workspace.watch.begin()
        for arm_rad in means.postures(T_world_tcp, before.arm_rad):
            means.arrange(closed)
            back = means.line(
                arm_rad, poses_between(T_world_tcp, -direction * means.distances.approach_m), means.distances.near_m
            )
            if back is None:
                continue
            means.allow(closed, ([link], world.gripper_links))
            line = means.workspace.line(arm_rad, poses_between(T_world_tcp, way + direction * _BEHIND_M))
            if line is None or not _is_free(means, joint, now, depth, line.path_rad):
                continue
            at = replace(closed, arm_rad=arm_rad)
            pressed = replace(
                at, arm_rad=line.path_rad[-1], joints={**before.joints, joint: now + depth}, touched=(link,)
            )
            yield (
                Spread(closed, lets_go=False),
                Transit(None, Manner.FREE, Phase.REACH, closed),
                Follow(back.reversed(), Manner.STRAIGHT, Phase.APPROACH, at),
                Follow(line, Manner.CONTACT, Phase.PRESS, pressed),
            )


def _point_and_way(means: Means, joint: str, now: float, depth: float) -> tuple[Array, Array]:
    """Return the middle of the part's face that is pressed, and how that point moves."""
    world = means.workspace.world
    link = world.compiled.joint(joint).body
    points = np.concatenate(world.link_corners_m(link))
    world.set_joint(joint, now)
    before = world.link_pose(link).apply(points)
    world.set_joint(joint, now + depth)
    moved = world.link_pose(link).apply(points) - before
    world.set_joint(joint, now)
    # The face looks against the motion; of a door, what is far from the hinge moves most and is pressed most easily.
    far = np.linalg.norm(moved, axis=1) >= 0.8 * np.linalg.norm(moved, axis=1).max()
    way = moved[far].mean(axis=0)
    ahead = before[far] @ (way / max(float(np.linalg.norm(way)), 1e-9))
    face = before[far][ahead < ahead.min() + _AT_M]
    return (face.min(axis=0) + face.max(axis=0)) / 2, way


def _tool_poses(means: Means, point: Array, direction: Array) -> Iterator[Pose]:
    """Yield T_world_tcp with the fingertips at a point, the hand along the press and turned about it."""
    boxes = means.workspace.robot.gripper_boxes
    tip_m = boxes.finger_center_z_m + boxes.finger_half_m[2]
    side = np.cross(direction, [0.0, 0.0, 1.0] if abs(direction[2]) < 0.9 else [1.0, 0.0, 0.0])
    side /= np.linalg.norm(side)
    other = np.cross(direction, side)
    for turn in np.arange(_TURNS) * (2 * np.pi / _TURNS):
        x = side * np.cos(turn) + other * np.sin(turn)
        T = np.eye(4)
        T[:3, :3] = np.stack([x, np.cross(direction, x), direction], axis=1)
        T[:3, 3] = point - direction * tip_m
        yield Pose.from_matrix(T)


def _is_free(means: Means, joint: str, now: float, depth: float, path_rad: Array) -> bool:
    world = means.workspace.world
    shares = np.linspace(0.0, 1.0, len(path_rad))
    for share, posture in zip(shares, path_rad, strict=True):
        world.set_joint(joint, now + depth * float(share))
        if not means.workspace.is_clear(posture, 0.0):
            return False
    return True
