"""What a robot's USD says that its description does not: the base's extent and where its camera is mounted."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from pxr import Gf, Usd, UsdGeom

from blueprint.pipeline.scene.poses import Pose, Vec3
from blueprint.pipeline.scene.robots import Robot

from .transforms import from_gf, world_pose


@dataclass(frozen=True, slots=True)
class RobotAsset:
    """Extent of the base link and of the whole robot at rest, in the base's frame, and the wrist camera's mount."""

    base_low_m: Vec3
    base_high_m: Vec3
    low_m: Vec3
    high_m: Vec3
    camera_link: str
    T_link_camera: Pose


@lru_cache(maxsize=8)
def read_robot_asset(robot: Robot) -> RobotAsset:
    """Measure a robot's USD."""
    stage = Usd.Stage.Open(str(robot.asset_folder / PurePosixPath(robot.usd_path).name))
    root = stage.GetDefaultPrim()
    base_low, base_high = _bounds(root.GetPrimAtPath(robot.base_link))
    low, high = _bounds(root)
    camera = root.GetPrimAtPath(robot.wrist_camera.prim)
    link = camera.GetParent()
    T_link_camera = world_pose(link).inverse() @ world_pose(camera)
    return RobotAsset(base_low, base_high, low, high, link.GetName(), T_link_camera)


def _bounds(prim: Usd.Prim) -> tuple[Vec3, Vec3]:
    cache = UsdGeom.BBoxCache(Usd.TimeCode.Default(), [UsdGeom.Tokens.default_, UsdGeom.Tokens.guide])
    extent: Gf.Range3d = cache.ComputeWorldBound(prim).ComputeAlignedRange()
    return from_gf(extent.GetMin()), from_gf(extent.GetMax())
