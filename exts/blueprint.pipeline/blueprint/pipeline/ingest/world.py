"""The world frame: Z up, metres, floor at z = 0, origin on the floor below the camera, +Y its horizontal view."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.formats.raw_scan import RawCamera
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.scans import PhotoCamera

from .leveled import LeveledObject

Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class WorldFrame:
    """p_world = metres_per_unit * (R_level_scan @ p_scan - origin_level)."""

    R_level_scan: Points
    origin_level: Points
    metres_per_unit: float

    def level_to_world(self, points_level: Points) -> Points:
        """Map points from level axes in scan units to the world."""
        return self.metres_per_unit * (points_level - self.origin_level)


def place_world(R_level_scan: Points, camera_scan: Points, floor_height: float, metres_per_unit: float) -> WorldFrame:
    """Return the world frame; `camera_scan` is the camera's position and `floor_height` is along the upward axis."""
    below = R_level_scan @ camera_scan
    return WorldFrame(R_level_scan, np.array([below[0], below[1], floor_height]), metres_per_unit)


def lowest_base(objects: list[LeveledObject]) -> float:
    """Return the height of the lowest base, which stands in for a floor that no plane was fitted to."""
    return min(float(entry.base[2]) for entry in objects)


def photo_camera(camera: RawCamera | None, world: WorldFrame) -> PhotoCamera | None:
    """Return the photo's camera in the world."""
    if camera is None:
        return None
    T = np.eye(4)
    T[:3, :3] = world.R_level_scan @ camera.T_scan_camera[:3, :3]
    T[:3, 3] = world.level_to_world(world.R_level_scan @ camera.T_scan_camera[:3, 3])
    return PhotoCamera(Pose.from_matrix(T), camera.focal_px, camera.width_px, camera.height_px)
