"""Cameras on a stage: lens and aperture that give the focal length in pixels."""

from pxr import Sdf, Usd, UsdGeom

from blueprint.pipeline.scene.manifests import WORLD, Camera

from .transforms import set_pose

_APERTURE_MM = 20.955
_CLIPPING_M = (0.01, 100.0)


def define_camera(stage: Usd.Stage, camera: Camera) -> None:
    """Define a camera of the world, or adapt the lens of one that a link carries and its asset defines."""
    if camera.mount == WORLD:
        prim = UsdGeom.Camera.Define(stage, camera.prim_path).GetPrim()
    else:
        prim = stage.OverridePrim(camera.prim_path)
    set_pose(prim, camera.T_mount_camera)
    set_lens(prim, camera)


def set_lens(prim: Usd.Prim, camera: Camera) -> None:
    """Author focal length, apertures in the image's aspect (else pixels are not square) and clipping."""
    names, types = UsdGeom.Tokens, Sdf.ValueTypeNames
    values = {
        names.horizontalAperture: (types.Float, _APERTURE_MM),
        names.verticalAperture: (types.Float, _APERTURE_MM * camera.height_px / camera.width_px),
        names.focalLength: (types.Float, _APERTURE_MM * camera.focal_px / camera.width_px),
        names.clippingRange: (types.Float2, _CLIPPING_M),
    }
    for name, (kind, value) in values.items():
        prim.CreateAttribute(name, kind, False).Set(value)


def set_focal_length(prim: Usd.Prim, focal_px: float, width_px: int) -> None:
    """Author the focal length alone; the aperture stays."""
    value = _APERTURE_MM * focal_px / width_px
    prim.CreateAttribute(UsdGeom.Tokens.focalLength, Sdf.ValueTypeNames.Float, False).Set(value)
