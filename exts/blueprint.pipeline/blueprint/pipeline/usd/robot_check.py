"""Does a robot's USD hold what its description says? Every fault is named together."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from pxr import Usd, UsdGeom, UsdPhysics

from blueprint.pipeline.errors import RecipeError, UnknownName
from blueprint.pipeline.scene.robots import Arm, Axis, Robot, require_asset

from .transforms import world_pose

_LIMIT, _FRAME_M = 1e-4, 1e-5


def check_robot_asset(robot: Robot) -> None:
    """Compare names, limits and frames; raises RecipeError listing every difference."""
    require_asset(robot)
    stage = Usd.Stage.Open(str(robot.asset_folder / PurePosixPath(robot.usd_path).name))
    faults = list(_faults(robot, stage.GetDefaultPrim()))
    if faults:
        raise RecipeError(f"{robot.name}.yaml", faults)


def _faults(robot: Robot, root: Any) -> Iterator[str]:
    prims: list[Any] = list(Usd.PrimRange(root))
    joints = {prim.GetName(): prim for prim in prims if prim.IsA(UsdPhysics.Joint)}
    links = {prim.GetName() for prim in prims if prim.HasAPI(UsdPhysics.RigidBodyAPI)}
    if robot.base_link not in links:
        yield f"base_link: {UnknownName('link', robot.base_link, links)}"
    for at, arm in enumerate(robot.arms):
        where = f"arms.{at}"
        for axis in arm.axes:
            if axis.name not in joints:
                yield f"{where}.axes: {UnknownName('joint', axis.name, joints)}"
            else:
                yield from (f"{where}.axes: {fault}" for fault in _axis_faults(axis, joints[axis.name]))
        for name in (*arm.gripper.joints, *arm.gripper.followers):
            if name not in joints:
                yield f"{where}.gripper: {UnknownName('joint', name, joints)}"
        for name in arm.gripper.fingers:
            if name not in links:
                yield f"{where}.gripper.fingers: {UnknownName('link', name, links)}"
        yield from (f"{where}.{fault}" for fault in _frame_faults(arm, root, links))


def _axis_faults(axis: Axis, prim: Any) -> Iterator[str]:
    angular = bool(prim.IsA(UsdPhysics.RevoluteJoint))
    if angular != (axis.kind == "revolute"):
        yield f"{axis.name}: is {axis.kind} here and {'revolute' if angular else 'prismatic'} in the asset"
        return
    joint = (UsdPhysics.RevoluteJoint if angular else UsdPhysics.PrismaticJoint)(prim)
    unit = float(np.pi) / 180 if angular else 1.0
    for name, said, attribute in (
        ("lower", axis.lower, joint.GetLowerLimitAttr()),
        ("upper", axis.upper, joint.GetUpperLimitAttr()),
    ):
        held = float(attribute.Get()) * unit
        if abs(held - said) > _LIMIT:
            yield f"{axis.name}: {name} is {said:g} here and {held:g} in the asset"
    force = UsdPhysics.DriveAPI(prim, "angular" if angular else "linear").GetMaxForceAttr().Get()
    if force is None or abs(float(force) - axis.effort) > 1e-3 * axis.effort:
        held = "no drive" if force is None else f"{force:g}"
        yield f"{axis.name}: effort is {axis.effort:g} here and {held} in the asset"


def _frame_faults(arm: Arm, root: Any, links: set[str]) -> Iterator[str]:
    if arm.tool.link not in links:
        yield f"tool.link: {UnknownName('link', arm.tool.link, links)}"
        return
    frame = root.GetPrimAtPath(arm.tool.frame)
    if not frame:
        yield f"tool.frame: {arm.tool.frame} is no prim of the asset"
    else:
        T_link_tcp = world_pose(root.GetPrimAtPath(arm.tool.link)).inverse() @ world_pose(frame)
        away_m = float(np.linalg.norm(np.subtract(T_link_tcp.position_m, arm.tool.position_m)))
        if away_m > _FRAME_M:
            yield f"tool.position_m: is {1e3 * away_m:.2f} mm from the frame in the asset"
    for at, camera in enumerate(arm.wrist_cameras):
        prim = root.GetPrimAtPath(camera.prim)
        if not prim or not prim.IsA(UsdGeom.Camera):
            yield f"wrist_cameras.{at}.prim: {camera.prim} is no camera of the asset"
