"""Poses on prims: one translate and one orient, doubles, in that order."""

import numpy as np
from pxr import Gf, Sdf, Usd, UsdGeom

from blueprint.pipeline.scene.poses import Pose, Quat, Vec3

_TYPES = Sdf.ValueTypeNames


def gf_quat(quat_wxyz: Quat) -> Gf.Quatd:
    """Return a quaternion in USD's type; both are wxyz."""
    w, x, y, z = quat_wxyz
    return Gf.Quatd(w, x, y, z)


def set_pose(prim: Usd.Prim, pose: Pose) -> None:
    """Place a prim in its parent's frame; weaker opinions about its transform no longer count."""
    xform = UsdGeom.Xformable(prim)
    # Attributes are made by name, because an override prim has no type from which ops could be looked up.
    prim.CreateAttribute("xformOp:translate", _TYPES.Double3, custom=False).Set(Gf.Vec3d(*pose.position_m))
    prim.CreateAttribute("xformOp:orient", _TYPES.Quatd, custom=False).Set(gf_quat(pose.quat_wxyz))
    xform.CreateXformOpOrderAttr(["xformOp:translate", "xformOp:orient"])


def from_gf(vector: Gf.Vec3d) -> Vec3:
    """Return a vector of USD's as plain numbers."""
    x, y, z = np.array(vector).tolist()
    return (x, y, z)


def world_pose(prim: Usd.Prim) -> Pose:
    """Return T_world_prim without scale."""
    matrix = UsdGeom.XformCache().GetLocalToWorldTransform(prim).RemoveScaleShear()
    quat = matrix.ExtractRotationQuat()
    sign = 1.0 if quat.GetReal() >= 0 else -1.0
    i, j, k = from_gf(quat.GetImaginary())
    position = from_gf(matrix.ExtractTranslation())
    return Pose(position, (sign * quat.GetReal(), sign * i, sign * j, sign * k))
