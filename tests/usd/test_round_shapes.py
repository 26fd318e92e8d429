"""Cylinders and balls as colliders."""

import numpy as np
import pytest
from pxr import Usd, UsdGeom, UsdPhysics

from blueprint.pipeline.scene.colliders import CylinderPiece, SpherePiece
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.shapes import piece_corners
from blueprint.pipeline.usd.physics import author_collider

LYING = Pose((0.1, -0.2, 0.3), (float(np.sqrt(0.5)), float(np.sqrt(0.5)), 0.0, 0.0))
PIECES = [CylinderPiece(LYING, 0.03, 0.08), SpherePiece((0.1, -0.2, 0.3), 0.04)]


@pytest.mark.parametrize("piece", PIECES, ids=["cylinder", "ball"])
def test_its_bounds_are_those_of_its_corners(piece: CylinderPiece | SpherePiece) -> None:
    stage = Usd.Stage.CreateInMemory()
    prim = author_collider(stage, "/piece", piece, None)
    bounds = UsdGeom.Imageable(prim).ComputeWorldBound(0, UsdGeom.Tokens.guide).ComputeAlignedRange()
    corners = piece_corners(piece, ())
    assert np.allclose(bounds.GetMin(), corners.min(axis=0), atol=1e-6)
    assert np.allclose(bounds.GetMax(), corners.max(axis=0), atol=1e-6)


@pytest.mark.parametrize("piece", PIECES, ids=["cylinder", "ball"])
def test_it_collides_unseen_and_is_not_scaled(piece: CylinderPiece | SpherePiece) -> None:
    stage = Usd.Stage.CreateInMemory()
    prim = author_collider(stage, "/piece", piece, None)
    assert prim.HasAPI(UsdPhysics.CollisionAPI)
    assert UsdGeom.Imageable(prim).ComputePurpose() == "guide"
    assert not any(op.GetOpType() == UsdGeom.XformOp.TypeScale for op in UsdGeom.Xformable(prim).GetOrderedXformOps())
    if prim.IsA(UsdGeom.Cylinder):
        assert UsdGeom.Cylinder(prim).GetAxisAttr().Get() == "Z"
        assert UsdGeom.Cylinder(prim).GetHeightAttr().Get() == pytest.approx(0.16)
