"""A variant's opinions about the robot: how its servos are tuned, where its arm starts, how late it answers."""

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from pxr import Sdf, Usd, UsdPhysics

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.edits import SetDrive, SetLatency, SetStart
from blueprint.pipeline.scene.robots import Robot

from .names import ROBOT

LATENCY_KEY = "blueprint:command_latency_s"
"""USD has no attribute for it; programs that drive the robot read it here."""


@dataclass(frozen=True, slots=True)
class DrivenJoint:
    """A joint of a robot's USD: path below the root prim, `angular` or `linear`, the drive's gains in USD's units."""

    path: str
    kind: str
    stiffness: float
    damping: float


@lru_cache(maxsize=8)
def driven_joints(robot: Robot) -> dict[str, DrivenJoint]:
    """Return the driven joints of a robot's USD by name."""
    stage = Usd.Stage.Open(str(robot.asset_folder / PurePosixPath(robot.usd_path).name))
    root = stage.GetDefaultPrim()
    found: dict[str, DrivenJoint] = {}
    for prim in Usd.PrimRange(root):
        for kind in ("angular", "linear"):
            drive = UsdPhysics.DriveAPI.Get(prim, kind)
            if drive:
                path = str(prim.GetPath().MakeRelativePath(root.GetPath()))
                gains = float(drive.GetStiffnessAttr().Get() or 0.0), float(drive.GetDampingAttr().Get() or 0.0)
                found[prim.GetName()] = DrivenJoint(path, kind, *gains)
    return found


def apply_drive(stage: Usd.Stage, robot: Robot, edit: SetDrive) -> None:
    """Override a servo's gains; raises UnknownName."""
    joint = _joint(robot, edit.joint)
    drive = UsdPhysics.DriveAPI.Apply(stage.OverridePrim(f"{ROBOT}/{joint.path}"), joint.kind)
    drive.CreateStiffnessAttr(joint.stiffness * edit.stiffness_factor)
    drive.CreateDampingAttr(joint.damping * edit.damping_factor)


def apply_start(stage: Usd.Stage, robot: Robot, edit: SetStart) -> None:
    """Override where joints start, and what their servos hold them at; raises UnknownName."""
    for name, position in edit.positions_rad.items():
        joint = _joint(robot, name)
        prim, value = stage.OverridePrim(f"{ROBOT}/{joint.path}"), position
        if joint.kind == "angular":
            value = math.degrees(position)
        prim.AddAppliedSchema(f"PhysicsJointStateAPI:{joint.kind}")
        state = f"state:{joint.kind}:physics:position"
        prim.CreateAttribute(state, Sdf.ValueTypeNames.Float, False).Set(value)
        UsdPhysics.DriveAPI.Apply(prim, joint.kind).CreateTargetPositionAttr(value)


def apply_latency(stage: Usd.Stage, edit: SetLatency) -> None:
    """Write the latency beside the robot."""
    stage.OverridePrim(ROBOT).SetCustomDataByKey(LATENCY_KEY, edit.delay_s)


def _joint(robot: Robot, name: str) -> DrivenJoint:
    joints = driven_joints(robot)
    if name not in joints:
        raise UnknownName("driven joint", name, joints, where=robot.name)
    return joints[name]
