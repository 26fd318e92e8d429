"""Which grasps and places the arm can reach, with straight approach, lift, lowering and retreat free of collisions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.planning.cartesian import Line, poses_between
from blueprint.pipeline.planning.workspace import Workspace
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.sims.antipodal import GraspCandidate

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Distances:
    """Lengths of the straight motions and the room they keep, in metres."""

    approach_m: float
    lift_m: float
    retreat_m: float
    near_m: float
    padding_m: float
    drop_m: float


@dataclass(frozen=True, eq=False, slots=True)
class PickPlan:
    """A grasp that can be reached: `approach` ends at the grasp, `lift` starts there."""

    grasp: GraspCandidate
    approach: Line
    lift: Line
    T_tcp_prop: Pose


@dataclass(frozen=True, eq=False, slots=True)
class PlacePlan:
    """A place that can be reached: `lower` ends where the prop is let go, `retreat` starts there."""

    T_world_prop: Pose
    lower: Line
    retreat: Line


def reach_pick(
    workspace: Workspace, prop: str, support: str, grasp: GraspCandidate, distances: Distances
) -> Iterator[PickPlan]:
    """Yield the ways to carry out one grasp, one per posture of the arm; leaves the prop where it stands."""
    world, robot = workspace.world, workspace.robot
    T_world_prop = world.prop_pose(prop)
    T_world_tcp = T_world_prop @ grasp.T_prop_tcp
    back = -distances.approach_m * T_world_tcp.rotation()[:, 2]
    world.set_gripper(robot.gripper.max_width_m)
    for posture in workspace.postures(T_world_tcp):
        if not workspace.is_clear(posture.arm_rad, distances.near_m):
            continue
        away = workspace.line(posture.arm_rad, poses_between(T_world_tcp, back))
        if away is None or workspace.clearance_m(away.path_rad) < distances.near_m:
            continue
        if not workspace.is_clear(away.path_rad[-1], distances.padding_m):
            continue
        lift = _lifted(workspace, prop, support, posture.arm_rad, T_world_tcp, grasp, distances)
        world.move_prop(prop, T_world_prop)
        world.set_gripper(robot.gripper.max_width_m)
        if lift is not None:
            yield PickPlan(grasp, away.reversed(), lift, grasp.T_prop_tcp.inverse())


def _lifted(
    workspace: Workspace,
    prop: str,
    support: str,
    grasp_rad: Array,
    T_world_tcp: Pose,
    grasp: GraspCandidate,
    distances: Distances,
) -> Line | None:
    lift = workspace.line(grasp_rad, poses_between(T_world_tcp, np.array([0.0, 0.0, distances.lift_m])))
    if lift is None:
        return None
    T_tcp_prop = grasp.T_prop_tcp.inverse()
    if carrying_clearance_m(workspace, prop, support, T_tcp_prop, lift.path_rad, grasp.width_m) < distances.near_m:
        return None
    return lift


def reach_place(
    workspace: Workspace,
    prop: str,
    support: str,
    T_tcp_prop: Pose,
    T_world_prop: Pose,
    width_m: float,
    seeds_rad: Sequence[Array],
    distances: Distances,
) -> Iterator[PlacePlan]:
    """Yield the ways to set a carried prop down at a pose; the world is left as it was found."""
    world = workspace.world
    before = world.prop_pose(prop)
    T_world_tcp = T_world_prop @ T_tcp_prop.inverse()
    back = -distances.retreat_m * T_world_tcp.rotation()[:, 2]
    for posture in workspace.postures(T_world_tcp, seeds_rad):
        lift = workspace.line(posture.arm_rad, poses_between(T_world_tcp, np.array([0.0, 0.0, distances.lift_m])))
        if lift is None:
            continue
        clearance = carrying_clearance_m(workspace, prop, support, T_tcp_prop, lift.path_rad, width_m)
        world.move_prop(prop, T_world_prop)
        world.set_gripper(workspace.robot.gripper.max_width_m)
        retreat = workspace.line(posture.arm_rad, poses_between(T_world_tcp, back))
        if (
            clearance >= distances.near_m
            and retreat is not None
            and workspace.clearance_m(retreat.path_rad) >= distances.near_m / 2
        ):
            world.move_prop(prop, before)
            yield PlacePlan(T_world_prop, lift.reversed(), retreat)
    world.move_prop(prop, before)


def carrying_clearance_m(
    workspace: Workspace, prop: str, support: str, T_tcp_prop: Pose, path_rad: Array, width_m: float
) -> float:
    """Return the smallest distance along a path while carrying; at its last point the prop has left its support."""
    world = workspace.world
    world.attach(prop, T_tcp_prop)
    world.set_gripper(width_m)
    carried, under = world.links_of(prop), world.links_of(support)
    world.allow(carried, under)
    try:
        clearance = workspace.clearance_m(path_rad)
        world.allow(carried, under, allowed=False)
        return min(clearance, world.clearance_m(path_rad[-1]))
    finally:
        world.allow(carried, under, allowed=False)
        world.detach()
