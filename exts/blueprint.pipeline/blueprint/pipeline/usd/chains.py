"""Read the chain of joints between two links from a robot's USD."""

from pathlib import Path
from typing import Any

from pxr import Gf, Usd, UsdPhysics

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.chains import Chain, ChainJoint
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import Robot

AXES = {"X": (1.0, 0.0, 0.0), "Y": (0.0, 1.0, 0.0), "Z": (0.0, 0.0, 1.0)}


def read_chain(usd_path: Path, robot: Robot) -> Chain:
    """Return the joints from the robot's base link to its tool link; raises ScanError when they are not connected."""
    stage = Usd.Stage.Open(str(usd_path))
    joints = {_link(joint, "body1"): joint for joint in _joints(stage)}
    chain: list[ChainJoint] = []
    link = robot.tool.link
    while link != robot.base_link:
        if link not in joints or len(chain) > len(joints):
            raise ScanError(
                usd_path.name, f"no joint leads to link {link!r}", expected=f"a chain to {robot.base_link!r}"
            )
        chain.insert(0, _chain_joint(joints[link]))
        link = _link(joints[link], "body0")
    return Chain(robot.name, robot.base_link, robot.tool.link, tuple(chain), robot.tool.T_link_tcp)


def _joints(stage: Any) -> list[Any]:
    return [UsdPhysics.Joint(prim) for prim in stage.Traverse() if prim.IsA(UsdPhysics.Joint)]


def _link(joint: Any, side: str) -> str:
    targets = getattr(joint, f"Get{side.capitalize()}Rel")().GetTargets()
    return targets[0].name if targets else ""


def _chain_joint(joint: Any) -> ChainJoint:
    prim: Any = joint.GetPrim()
    kind, axis = "fixed", "Z"
    if prim.IsA(UsdPhysics.RevoluteJoint):
        kind, axis = "revolute", UsdPhysics.RevoluteJoint(prim).GetAxisAttr().Get()
    elif prim.IsA(UsdPhysics.PrismaticJoint):
        kind, axis = "prismatic", UsdPhysics.PrismaticJoint(prim).GetAxisAttr().Get()
    return ChainJoint(prim.GetName(), kind, _local(joint, 0), AXES[axis], _local(joint, 1).inverse())


def _local(joint: Any, side: int) -> Pose:
    position: Any = getattr(joint, f"GetLocalPos{side}Attr")().Get() or Gf.Vec3f(0)
    rotation: Any = getattr(joint, f"GetLocalRot{side}Attr")().Get() or Gf.Quatf(1)
    x, y, z = (float(value) for value in position)
    i, j, k = (float(value) for value in rotation.GetImaginary())
    return Pose((x, y, z), (float(rotation.GetReal()), i, j, k))
