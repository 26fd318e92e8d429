"""Rules about what an asset does: rigid bodies, masses, colliders, joints."""

from collections.abc import Iterator

import numpy as np
from pxr import Usd, UsdGeom, UsdPhysics, UsdShade

_ROUND = ("Sphere", "Capsule", "Cylinder", "Cone")


def check_physics(root: Usd.Prim) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong as code, message and prim."""
    prims = list(Usd.PrimRange(root))
    bodies = [prim for prim in prims if prim.HasAPI("PhysicsRigidBodyAPI")]
    colliders = [prim for prim in prims if prim.HasAPI("PhysicsCollisionAPI")]
    if not bodies:
        yield "RB.001", "no rigid body", str(root.GetPath())
    if not colliders:
        yield "RB.COL.001", "no collider", str(root.GetPath())
    seen = {_shape(prim) for prim in prims if prim.IsA("Mesh") and prim not in colliders}
    for checks in (
        *((prim, _check_body(prim)) for prim in bodies),
        *((prim, _check_collider(prim, seen)) for prim in colliders),
        *((prim, _check_joint(prim)) for prim in prims if prim.IsA("PhysicsJoint")),
    ):
        yield from ((code, message, str(checks[0].GetPath())) for code, message in checks[1])
    if bodies:
        yield from (("JT.001", message, str(root.GetPath())) for message in _check_tree(prims, bodies))


def _check_body(prim: Usd.Prim) -> Iterator[tuple[str, str]]:
    mass = UsdPhysics.MassAPI(prim).GetMassAttr().Get() if prim.HasAPI("PhysicsMassAPI") else None
    if mass is None or not mass > 0:
        yield "RB.007", "the body has no mass of its own"
        return
    moments = sorted(UsdPhysics.MassAPI(prim).GetDiagonalInertiaAttr().Get() or (0.0, 0.0, 0.0))
    if moments[0] < 0 or moments[2] > (moments[0] + moments[1]) * (1 + 1e-5):
        yield "RB.007", "no body has these moments of inertia"
    parent = prim.GetParent()
    while parent:
        if parent.HasAPI("PhysicsRigidBodyAPI"):
            yield "RB.012", f"the body lies inside the body {parent.GetName()}"
        parent = parent.GetParent()


def _check_collider(prim: Usd.Prim, seen: set[bytes]) -> Iterator[tuple[str, str]]:
    if not prim.IsA("Gprim"):
        yield "RB.COL.001", "a collider has to be a shape"
        return
    if UsdGeom.Imageable(prim).ComputePurpose() != UsdGeom.Tokens.guide:
        yield "RB.010", "the collider can be seen; its purpose has to be guide"
    if prim.IsA("Mesh"):
        if UsdPhysics.MeshCollisionAPI(prim).GetApproximationAttr().Get() != UsdPhysics.Tokens.convexHull:
            yield "RB.COL.002", "the collider is no convex hull"
        if _shape(prim) in seen:
            yield "VG.008", "the collider is the visible mesh once more"
    elif prim.GetTypeName() in _ROUND and not _is_uniform(prim):
        yield "RB.COL.004", "a round collider is scaled differently along its axes"
    material, _ = UsdShade.MaterialBindingAPI(prim).ComputeBoundMaterial("physics")
    if not material or not material.GetPrim().HasAPI("PhysicsMaterialAPI"):
        yield "PMT.001", "no physics material is bound"


def _is_uniform(prim: Usd.Prim) -> bool:
    matrix = np.array(UsdGeom.Xformable(prim).GetLocalTransformation())[:3, :3]
    lengths = np.linalg.norm(matrix, axis=1)
    return bool(np.ptp(lengths) <= 1e-6 * lengths.max())


def _check_joint(prim: Usd.Prim) -> Iterator[tuple[str, str]]:
    joint, stage = UsdPhysics.Joint(prim), prim.GetStage()
    ends = [relation.GetTargets() for relation in (joint.GetBody0Rel(), joint.GetBody1Rel())]
    for targets in ends:
        if len(targets) != 1:
            yield "JT.002", "an asset's joint has one link at each end; the scene is what fixes it to the world"
        elif not stage.GetPrimAtPath(targets[0]) or not stage.GetPrimAtPath(targets[0]).HasAPI("PhysicsRigidBodyAPI"):
            yield "JT.003", f"{targets[0]} is no rigid body"
    lower, upper = (prim.GetAttribute(f"physics:{name}Limit").Get() for name in ("lower", "upper"))
    if lower is not None and upper is not None and not lower < upper:
        yield "JT.002", f"the limits {lower:g} and {upper:g} leave no range"


def _check_tree(prims: list[Usd.Prim], bodies: list[Usd.Prim]) -> Iterator[str]:
    """Links that no joint connects with the first float away from it."""
    joints = [UsdPhysics.Joint(prim) for prim in prims if prim.IsA("PhysicsJoint")]
    pairs = [(*joint.GetBody0Rel().GetTargets(), *joint.GetBody1Rel().GetTargets()) for joint in joints]
    reached, grown = {bodies[0].GetPath()}, True
    while grown:
        found = {path for pair in pairs if reached.intersection(pair) for path in pair}
        grown = not found <= reached
        reached |= found
    loose = [body.GetName() for body in bodies if body.GetPath() not in reached]
    if loose:
        yield f"no joint connects {', '.join(loose)} with {bodies[0].GetName()}"


def _shape(prim: Usd.Prim) -> bytes:
    points = UsdGeom.Mesh(prim).GetPointsAttr().Get() if prim.IsA("Mesh") else None
    return b"" if points is None else np.sort(np.asarray(points, dtype=np.float32), axis=0).tobytes()
