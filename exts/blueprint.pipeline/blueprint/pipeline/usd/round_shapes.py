"""Cylinders and balls on a stage; their size is their radius and height, as no two engines scale round shapes alike."""

from pxr import Gf, Usd, UsdGeom

from blueprint.pipeline.scene.poses import Pose, Vec3

from .transforms import set_pose


def author_cylinder(
    stage: Usd.Stage, path: str, T_parent_cylinder: Pose, radius_m: float, half_height_m: float
) -> Usd.Prim:
    """Write a cylinder about the Z axis of its frame."""
    shape = UsdGeom.Cylinder.Define(stage, path)
    shape.CreateAxisAttr(UsdGeom.Tokens.z)
    shape.CreateRadiusAttr(radius_m)
    shape.CreateHeightAttr(2 * half_height_m)
    corner = Gf.Vec3f(radius_m, radius_m, half_height_m)
    shape.CreateExtentAttr([-corner, corner])
    set_pose(shape.GetPrim(), T_parent_cylinder)
    return shape.GetPrim()


def author_sphere(stage: Usd.Stage, path: str, center_m: Vec3, radius_m: float) -> Usd.Prim:
    """Write a ball."""
    shape = UsdGeom.Sphere.Define(stage, path)
    shape.CreateRadiusAttr(radius_m)
    shape.CreateExtentAttr([Gf.Vec3f(-radius_m), Gf.Vec3f(radius_m)])
    set_pose(shape.GetPrim(), Pose(center_m))
    return shape.GetPrim()
