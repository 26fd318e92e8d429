"""What simulators read: masses, materials, colliders, labels."""

import math

import numpy as np
import pytest
from pxr import Usd, UsdGeom, UsdPhysics, UsdSemantics, UsdShade
from tests.usd.kitchenette import DENSITY, FRICTION, Made

from blueprint.pipeline.scene.poses import rotation_from_quat


def test_mass_and_inertia_of_a_cylinder_follow_from_its_shape(assets: dict[str, Usd.Stage]) -> None:
    mass = UsdPhysics.MassAPI(assets["can"].GetPrimAtPath("/can/body"))
    expected = DENSITY["steel"] * math.pi * 0.033**2 * 0.1
    assert mass.GetMassAttr().Get() == pytest.approx(expected)
    side = expected * (3 * 0.033**2 + 0.1**2) / 12
    assert np.allclose(mass.GetDiagonalInertiaAttr().Get(), (side, side, expected * 0.033**2 / 2))
    assert np.allclose(mass.GetCenterOfMassAttr().Get(), (0, 0, 0.05))


def test_moments_and_axes_make_the_tensor_of_the_shape(assets: dict[str, Usd.Stage]) -> None:
    mass = UsdPhysics.MassAPI(assets["ell"].GetPrimAtPath("/ell/body"))
    quat = mass.GetPrincipalAxesAttr().Get()
    axes = rotation_from_quat((quat.GetReal(), *quat.GetImaginary()))
    tensor = axes @ np.diag(np.array(mass.GetDiagonalInertiaAttr().Get())) @ axes.T
    # Integrated over small cubes: 8 x 4 x 4 cm lying, 4 x 4 x 6 cm standing on its end at -x.
    step = 0.002
    grid = np.stack(np.meshgrid(*[np.arange(-0.1, 0.12, step) + step / 2] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    x, y, z = grid.T
    low = (x > -0.06) & (x < 0.02) & (abs(y) < 0.02) & (z > 0) & (z < 0.04)
    high = (x > -0.06) & (x < -0.02) & (abs(y) < 0.02) & (z > 0.04) & (z < 0.1)
    cells = grid[low | high] - grid[low | high].mean(axis=0)
    summed = DENSITY["plastic"] * step**3 * ((cells**2).sum() * np.eye(3) - cells.T @ cells)
    assert np.allclose(tensor, summed, rtol=0.01, atol=1e-7)
    assert abs(tensor[0, 2]) > 1e-6


@pytest.mark.parametrize("name", ["can", "cracker_box", "ell", "table", "cabinet"])
def test_every_collider_is_convex_unseen_and_has_friction(assets: dict[str, Usd.Stage], name: str) -> None:
    colliders = [prim for prim in assets[name].Traverse() if prim.HasAPI(UsdPhysics.CollisionAPI)]
    assert colliders
    for prim in colliders:
        assert UsdGeom.Imageable(prim).ComputePurpose() == "guide"
        if prim.IsA(UsdGeom.Mesh):
            assert UsdPhysics.MeshCollisionAPI(prim).GetApproximationAttr().Get() == "convexHull"
        else:
            assert prim.IsA(UsdGeom.Cube)
        material, _ = UsdShade.MaterialBindingAPI(prim).ComputeBoundMaterial("physics")
        assert material.GetPrim().GetAttribute("physxMaterial:frictionCombineMode").Get() == "max"
        assert UsdPhysics.MaterialAPI(material).GetStaticFrictionAttr().Get() > 0


def test_a_box_collider_has_the_boxs_size(assets: dict[str, Usd.Stage]) -> None:
    prim = assets["cracker_box"].GetPrimAtPath("/cracker_box/body/collisions/box_00")
    bounds = UsdGeom.Imageable(prim).ComputeWorldBound(0, UsdGeom.Tokens.guide).ComputeAlignedRange()
    assert np.allclose(bounds.GetMin(), (-0.03, -0.08, 0.0), atol=1e-7)
    assert np.allclose(bounds.GetMax(), (0.03, 0.08, 0.2), atol=1e-7)


def test_every_link_is_a_rigid_body_furnitures_too(assets: dict[str, Usd.Stage]) -> None:
    assert [prim.GetName() for prim in assets["table"].Traverse() if prim.HasAPI(UsdPhysics.RigidBodyAPI)] == ["body"]
    bodies = [prim.GetName() for prim in assets["cabinet"].Traverse() if prim.HasAPI(UsdPhysics.RigidBodyAPI)]
    assert bodies == ["frame", "door", "drawer"]
    assert [prim.GetName() for prim in assets["can"].Traverse() if prim.HasAPI(UsdPhysics.RigidBodyAPI)] == ["body"]


def test_labels(assets: dict[str, Usd.Stage]) -> None:
    root = assets["can"].GetPrimAtPath("/can")
    assert UsdSemantics.LabelsAPI(root, "class").GetLabelsAttr().Get() == ["can"]
    assert UsdSemantics.LabelsAPI(root, "wikidata_qcode").GetLabelsAttr().Get() == ["Q2"]
    material = assets["can"].GetPrimAtPath("/can/Looks/physics_body")
    assert UsdSemantics.LabelsAPI(material, "material").GetLabelsAttr().Get() == ["steel"]
    assert UsdPhysics.MaterialAPI(material).GetDynamicFrictionAttr().Get() == pytest.approx(FRICTION["steel"] * 0.9)


def test_a_prim_says_why_it_weighs_what_it_weighs(assets: dict[str, Usd.Stage], made: dict[str, Made]) -> None:
    why = assets["can"].GetPrimAtPath("/can/body").GetCustomDataByKey("blueprint:mass")
    assert why.startswith("0.137 kg")
    assert assets["table"].GetPrimAtPath("/table/body").GetCustomDataByKey("blueprint:mass")
