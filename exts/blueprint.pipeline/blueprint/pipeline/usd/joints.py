"""Links and joints on a prop: the articulate layer."""

import math

import numpy as np
from pxr import Gf, Sdf, Usd, UsdPhysics

from blueprint.pipeline.scene.edits import AddJoint, SetJointDynamics
from blueprint.pipeline.scene.poses import Quat, Vec3
from blueprint.pipeline.scene.props import Joint, Prop

from .names import body_path, prim_name

_REVOLUTE, _PRISMATIC = "revolute", "prismatic"


def jointed_bodies(prop: Prop) -> frozenset[str]:
    """Return the names of the links that some joint holds."""
    return frozenset(name for joint in prop.joints for name in (joint.parent, joint.child))


def base_bodies(prop: Prop) -> tuple[str, ...]:
    """Return the jointed links that are nobody's child, in the prop's order."""
    return tuple(name for name in _roots(prop) if name in jointed_bodies(prop))


def main_body(prop: Prop) -> str:
    """Return the link that carries all others: the first jointed one that is nobody's child, else the first."""
    return next(iter((*base_bodies(prop), prop.bodies[0].name)))


def tied_bodies(prop: Prop) -> tuple[str, ...]:
    """Return the links that no joint carries and that are not the main one: they are rigidly tied to it."""
    return tuple(name for name in _roots(prop) if name != main_body(prop))


def _roots(prop: Prop) -> tuple[str, ...]:
    children = {joint.child for joint in prop.joints}
    return tuple(body.name for body in prop.bodies if body.name not in children)


def apply_joints(stage: Usd.Stage, root: str, prop: Prop, edits: tuple[AddJoint, ...]) -> None:
    """Join a prop's links into one tree; nothing in it is fixed to the world, which is the scene's to say."""
    if len(prop.bodies) < 2:
        return
    root_prim = stage.OverridePrim(root)
    UsdPhysics.ArticulationRootAPI.Apply(root_prim)
    # Neighbouring doors and drawers of a scan overlap by its noise; they may touch the world, not each other.
    root_prim.AddAppliedSchema("PhysxArticulationAPI")
    attribute = root_prim.CreateAttribute("physxArticulation:enabledSelfCollisions", Sdf.ValueTypeNames.Bool, False)
    attribute.Set(False)
    stage.DefinePrim(f"{root}/Joints", "Scope")
    for name in tied_bodies(prop):
        _fix(stage, f"{root}/Joints/tie_{prim_name(name)}", body_path(root, main_body(prop)), body_path(root, name))
    for edit in edits:
        _add_joint(stage, root, edit)


def fix_to_root(stage: Usd.Stage, root: str, body: str) -> None:
    """Fix a link to its prop's frame, which does not move in the world."""
    _fix(stage, f"{root}/Joints/fix_{prim_name(body)}", root, body_path(root, body))


def _fix(stage: Usd.Stage, path: str, first: str, second: str) -> None:
    joint = UsdPhysics.FixedJoint.Define(stage, path)
    joint.CreateBody0Rel().SetTargets([first])
    joint.CreateBody1Rel().SetTargets([second])
    _set_frames(joint, (0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0))


def _add_joint(stage: Usd.Stage, root: str, edit: AddJoint) -> None:
    joint = edit.joint
    turning = joint.kind == _REVOLUTE
    schema = UsdPhysics.RevoluteJoint if turning else UsdPhysics.PrismaticJoint
    usd = schema.Define(stage, joint_path(root, joint.name))
    usd.CreateBody0Rel().SetTargets([body_path(root, joint.parent)])
    usd.CreateBody1Rel().SetTargets([body_path(root, joint.child)])
    usd.CreateAxisAttr(UsdPhysics.Tokens.z)
    # At the input pose both links stand in the prop's frame, so both see the joint in one place.
    _set_frames(usd, joint.origin_m, quat_from_z_to(joint.axis))
    lower, upper = limits_in_usd(joint)
    usd.CreateLowerLimitAttr(lower)
    usd.CreateUpperLimitAttr(upper)
    _set_start(usd.GetPrim(), turning=turning)
    usd.GetPrim().SetCustomDataByKey("blueprint:joint", edit.why)


def apply_joint_dynamics(stage: Usd.Stage, root: str, prop: Prop, edit: SetJointDynamics) -> None:
    """Author a joint's drive and dry friction; USD wants angular gains per degree."""
    joint = next(joint for joint in prop.joints if joint.name == edit.joint)
    turning = joint.kind == _REVOLUTE
    prim, unit = stage.OverridePrim(joint_path(root, edit.joint)), math.radians(1.0) if turning else 1.0
    drive = UsdPhysics.DriveAPI.Apply(prim, _drive_of(turning))
    drive.CreateTypeAttr(UsdPhysics.Tokens.force)
    drive.CreateStiffnessAttr(edit.stiffness * unit)
    drive.CreateDampingAttr(edit.damping * unit)
    drive.CreateMaxForceAttr(edit.max_effort)
    prim.AddAppliedSchema("PhysxJointAPI")
    prim.CreateAttribute("physxJoint:jointFriction", Sdf.ValueTypeNames.Float, False).Set(edit.friction)
    prim.CreateAttribute("newton:friction", Sdf.ValueTypeNames.Float, False).Set(edit.friction)
    prim.SetCustomDataByKey("blueprint:dynamics", edit.why)


def joint_path(root: str, joint: str) -> str:
    """Return the path of a prop's joint."""
    return f"{root}/Joints/{prim_name(joint)}"


def _drive_of(turning: bool) -> str:
    return "angular" if turning else "linear"


def _set_start(prim: Usd.Prim, *, turning: bool) -> None:
    kind = _drive_of(turning)
    prim.AddAppliedSchema(f"PhysicsJointStateAPI:{kind}")
    prim.CreateAttribute(f"state:{kind}:physics:position", Sdf.ValueTypeNames.Float, False).Set(0.0)


def limits_in_usd(joint: Joint) -> tuple[float, float]:
    """Return a joint's limits in USD's units: degrees for a turning joint, metres for a sliding one."""
    if joint.kind == _PRISMATIC:
        return joint.lower, joint.upper
    return math.degrees(joint.lower), math.degrees(joint.upper)


def quat_from_z_to(axis: Vec3) -> Quat:
    """Return the smallest rotation (wxyz) that turns +Z onto a unit axis."""
    target = np.asarray(axis, dtype=np.float64) / np.linalg.norm(axis)
    if target[2] < -1 + 1e-12:
        return (0.0, 1.0, 0.0, 0.0)
    quat = np.array([1 + target[2], -target[1], target[0], 0.0])
    w, x, y, z = (quat / np.linalg.norm(quat)).tolist()
    return (w, x, y, z)


def _set_frames(joint: UsdPhysics.Joint, origin_m: Vec3, quat_wxyz: Quat) -> None:
    w, x, y, z = quat_wxyz
    joint.CreateLocalPos0Attr(Gf.Vec3f(*origin_m))
    joint.CreateLocalPos1Attr(Gf.Vec3f(*origin_m))
    joint.CreateLocalRot0Attr(Gf.Quatf(w, x, y, z))
    joint.CreateLocalRot1Attr(Gf.Quatf(w, x, y, z))
