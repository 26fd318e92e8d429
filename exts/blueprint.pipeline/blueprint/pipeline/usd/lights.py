"""Distant lights on a stage."""

from pxr import Gf, Sdf, Usd, UsdLux

from blueprint.pipeline.scene.edits import SetLight
from blueprint.pipeline.scene.manifests import Light
from blueprint.pipeline.scene.poses import Pose, Quat, Vec3

from .joints import quat_from_z_to
from .transforms import set_pose

FULL_INTENSITY = 1500.0
"""USD intensity of a distant light whose relative intensity is 1: a bright room in renderers that read USD lights."""
SUN_ANGLE_DEG = 5.0
"""Apparent diameter; soft enough that a shadow has no hard edge."""


def define_light(stage: Usd.Stage, light: Light) -> None:
    """Define a distant light."""
    prim = UsdLux.DistantLight.Define(stage, light.prim_path).GetPrim()
    UsdLux.DistantLight(prim).CreateAngleAttr(SUN_ANGLE_DEG)
    author_light(prim, SetLight(light.name, light.direction, light.color_rgb, light.intensity, ""))


def author_light(prim: Usd.Prim, edit: SetLight) -> None:
    """Set direction, colour and intensity of a distant light, whose rays travel along its -Z."""
    set_pose(prim, Pose((0.0, 0.0, 0.0), quat_for_rays(edit.direction)))
    prim.CreateAttribute("inputs:color", Sdf.ValueTypeNames.Color3f, False).Set(Gf.Vec3f(*edit.color_rgb))
    prim.CreateAttribute("inputs:intensity", Sdf.ValueTypeNames.Float, False).Set(edit.intensity * FULL_INTENSITY)


def quat_for_rays(direction: Vec3) -> Quat:
    """Return the orientation (wxyz) whose -Z is a direction."""
    x, y, z = direction
    return quat_from_z_to((-x, -y, -z))
