"""The joints of a robot's USD: limits, drives, rest state, and what follows what, for every engine that reads it."""

import numpy as np
from pxr import Gf, Sdf, Usd, UsdPhysics, Vt

from blueprint.pipeline.scene.poses import Pose, Quat, Vec3, multiply_quats
from blueprint.pipeline.scene.robot_builds import BuiltJoint
from blueprint.pipeline.scene.robot_trees import Mimic

from .transforms import gf_quat

_TYPES = Sdf.ValueTypeNames
_UNIFORM = {"custom": False, "variability": Sdf.VariabilityUniform}

HAND_STOP = (0.01, 1.0)
"""MuJoCo time constant (s) and damping ratio of the fingers' end stops: 1 mm deep at full force."""
TIE, TIE_IMPEDANCE = (0.01, 1.0), (0.99, 0.99, 0.001, 0.5, 2.0)
"""MuJoCo time constant (s), damping ratio and impedance of a joint that follows another, gears in the real hand."""


def fix_base(stage: Usd.Stage, root: Sdf.Path, base: str) -> None:
    """Fix the base to the root's frame, so that the robot stands wherever a scene puts the root."""
    joint = UsdPhysics.FixedJoint.Define(stage, root.AppendPath("Joints/base_joint"))
    joint.CreateBody0Rel().SetTargets([root])
    _attach(joint, root.AppendChild(base), Pose(), (1.0, 0.0, 0.0, 0.0))


def write_joint(stage: Usd.Stage, root: Sdf.Path, built: BuiltJoint) -> None:
    """Write one joint; its axis is z in both joint frames."""
    tree = built.joint
    path = root.AppendPath(f"Joints/{tree.name}")
    angular = tree.kind == "revolute"
    joint = (UsdPhysics.RevoluteJoint if angular else UsdPhysics.PrismaticJoint).Define(stage, path)
    joint.CreateBody0Rel().SetTargets([root.AppendChild(tree.parent)])
    _attach(joint, root.AppendChild(tree.child), tree.T_parent_joint, _z_to(tree.axis))
    joint.CreateAxisAttr("Z")
    unit = 180.0 / float(np.pi) if angular else 1.0
    joint.CreateLowerLimitAttr(built.lower * unit)
    joint.CreateUpperLimitAttr(built.upper * unit)
    _write_motion(joint.GetPrim(), built, "angular" if angular else "linear", unit)
    if tree.mimic is not None:
        _follow(joint.GetPrim(), root.AppendPath(f"Joints/{tree.mimic.leader}"), tree.mimic, unit)


def _write_motion(prim: Usd.Prim, built: BuiltJoint, instance: str, unit: float) -> None:
    rest = built.rest * unit
    if built.servo is not None:
        drive = UsdPhysics.DriveAPI.Apply(prim, instance)
        drive.CreateTypeAttr(UsdPhysics.Tokens.force)
        drive.CreateStiffnessAttr(built.servo.stiffness / unit)
        drive.CreateDampingAttr(built.servo.damping / unit)
        drive.CreateMaxForceAttr(built.servo.max_force)
        drive.CreateTargetPositionAttr(rest)
        drive.CreateTargetVelocityAttr(0.0)
    prim.AddAppliedSchema(f"PhysicsJointStateAPI:{instance}")
    prim.AddAppliedSchema("PhysxJointAPI")
    prim.AddAppliedSchema("NewtonJointAPI")
    for name, value in (
        (f"state:{instance}:physics:position", rest),
        (f"state:{instance}:physics:velocity", 0.0),
        ("physxJoint:armature", built.armature),
        ("physxJoint:maxJointVelocity", built.velocity * unit),
        ("newton:armature", built.armature),
        ("newton:velocityLimit", built.velocity * unit),
    ):
        prim.CreateAttribute(name, _TYPES.Float, custom=False).Set(value)
    prim.AddAppliedSchema("MjcJointAPI")
    if built.servo is not None:
        # The motors carry the compensated weight too, so it counts against maxForce.
        prim.CreateAttribute("mjc:actuatorgravcomp", _TYPES.Bool, **_UNIFORM).Set(True)
    if built.of_hand:
        prim.CreateAttribute("mjc:solreflimit", _TYPES.DoubleArray, **_UNIFORM).Set(Vt.DoubleArray(HAND_STOP))


def _follow(prim: Usd.Prim, leader: Sdf.Path, mimic: Mimic, unit: float) -> None:
    """Make a joint follow another, in Newton's words and in PhysX's; the offset is in the follower's unit."""
    prim.AddAppliedSchema("NewtonMimicAPI")
    prim.CreateRelationship("newton:mimicJoint", custom=False).SetTargets([leader])
    prim.CreateAttribute("newton:mimicCoef0", _TYPES.Float, custom=False).Set(mimic.offset * unit)
    prim.CreateAttribute("newton:mimicCoef1", _TYPES.Float, custom=False).Set(mimic.ratio)
    prim.AddAppliedSchema("MjcEqualityJointAPI")
    prim.CreateAttribute("mjc:solref", _TYPES.DoubleArray, **_UNIFORM).Set(Vt.DoubleArray(TIE))
    prim.CreateAttribute("mjc:solimp", _TYPES.DoubleArray, **_UNIFORM).Set(Vt.DoubleArray(TIE_IMPEDANCE))
    # PhysX wants rotX even on a prismatic joint, and writes follower + gearing * leader + offset = 0.
    prim.AddAppliedSchema("PhysxMimicJointAPI:rotX")
    prim.CreateRelationship("physxMimicJoint:rotX:referenceJoint", custom=False).SetTargets([leader])
    prim.CreateAttribute("physxMimicJoint:rotX:gearing", _TYPES.Float, custom=False).Set(-mimic.ratio)
    prim.CreateAttribute("physxMimicJoint:rotX:offset", _TYPES.Float, custom=False).Set(-mimic.offset * unit)


def _attach(joint: UsdPhysics.Joint, child: Sdf.Path, T_parent_joint: Pose, turn: Quat) -> None:
    joint.CreateBody1Rel().SetTargets([child])
    joint.CreateLocalPos0Attr(Gf.Vec3f(*T_parent_joint.position_m))
    joint.CreateLocalRot0Attr(Gf.Quatf(gf_quat(multiply_quats(T_parent_joint.quat_wxyz, turn))))
    joint.CreateLocalPos1Attr(Gf.Vec3f(0.0))
    joint.CreateLocalRot1Attr(Gf.Quatf(gf_quat(turn)))


def _z_to(axis: Vec3) -> Quat:
    """Return the shortest turn that brings z onto an axis."""
    x, y, z = axis
    if z < -1 + 1e-9:
        return (0.0, 1.0, 0.0, 0.0)
    # Half-angle form: the quaternion of z onto a is (1 + z.a, z x a), normalised.
    length = float(np.sqrt((1 + z) ** 2 + x * x + y * y))
    return ((1 + z) / length, -y / length, x / length, 0.0)
