"""Poses on prims, with an asymmetric turn."""

import numpy as np
from pxr import Usd, UsdGeom

from blueprint.pipeline.scene.poses import Pose, quat_from_rotation, rotation_from_quat
from blueprint.pipeline.usd.transforms import set_pose, world_pose

QUAT = (0.5, 0.1, -0.7, 0.5)
PARENT = Pose((1.0, 2.0, 3.0), quat_from_rotation(rotation_from_quat(QUAT)))
CHILD = Pose.from_yaw((0.3, -0.2, 0.1), 0.7)


def test_a_stage_composes_poses_as_the_nouns_do() -> None:
    stage = Usd.Stage.CreateInMemory()
    set_pose(UsdGeom.Xform.Define(stage, "/a").GetPrim(), PARENT)
    prim = UsdGeom.Xform.Define(stage, "/a/b").GetPrim()
    set_pose(prim, CHILD)
    assert np.allclose(world_pose(prim).matrix(), (PARENT @ CHILD).matrix(), atol=1e-12)
    point = UsdGeom.XformCache().GetLocalToWorldTransform(prim).Transform((0.1, 0.2, 0.3))
    assert np.allclose(point, (PARENT @ CHILD).apply([0.1, 0.2, 0.3]), atol=1e-12)


def test_a_pose_replaces_the_one_that_was_there() -> None:
    stage = Usd.Stage.CreateInMemory()
    prim = UsdGeom.Xform.Define(stage, "/a").GetPrim()
    UsdGeom.Xformable(prim).AddScaleOp().Set((2.0, 2.0, 2.0))
    set_pose(prim, PARENT)
    set_pose(prim, CHILD)
    assert np.allclose(world_pose(prim).matrix(), CHILD.matrix(), atol=1e-12)
    assert UsdGeom.Xformable(prim).GetXformOpOrderAttr().Get() == ["xformOp:translate", "xformOp:orient"]
