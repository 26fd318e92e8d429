"""The camera of the sample photo and the frames that follow from it."""

from dataclasses import dataclass

import numpy as np

from .shape import Floats


@dataclass(frozen=True)
class Viewpoint:
    """A pinhole camera without roll that looks along world +Y, pitched down, principal point in the middle."""

    position_m: tuple[float, float, float]
    pitch_down_rad: float
    focal_px: float
    size_px: tuple[int, int]
    """Width and height."""

    @property
    def T_world_camera(self) -> Floats:
        """Camera to world; the camera's x points right, y up, -z forward."""
        c, s = np.cos(self.pitch_down_rad), np.sin(self.pitch_down_rad)
        pose = np.eye(4)
        pose[:3, :3] = [[1.0, 0.0, 0.0], [0.0, s, -c], [0.0, c, s]]
        pose[:3, 3] = self.position_m
        return pose

    @property
    def gravity_camera(self) -> Floats:
        """The unit vector pointing down, in the camera's frame."""
        return -self.T_world_camera[2, :3]

    def to_camera(self, points_world_m: Floats) -> Floats:
        """Return world points, shape (N, 3), in the camera's frame."""
        pose = self.T_world_camera
        return (points_world_m - pose[:3, 3]) @ pose[:3, :3]

    def ray_directions(self, shift_px: tuple[float, float] = (0.0, 0.0)) -> Floats:
        """Return unit vectors in the world through the pixels' centres moved by `shift_px`, shape (H * W, 3)."""
        width, height = self.size_px
        rows, columns = np.mgrid[0:height, 0:width]
        x = (columns + 0.5 + shift_px[0] - width / 2.0) / self.focal_px
        y = -(rows + 0.5 + shift_px[1] - height / 2.0) / self.focal_px
        rays = np.stack([x, y, -np.ones_like(x)], axis=-1).reshape(-1, 3)
        rays /= np.linalg.norm(rays, axis=1, keepdims=True)
        return rays @ self.T_world_camera[:3, :3].T
