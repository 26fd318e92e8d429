"""An object turned upright, still in scan units: what scale, category and prop are decided from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.formats.raw_scan import RawObject

from .poses import RecoveredPose

Points = NDArray[np.float64]

# Canonical meshes have Y up and Z to the front; props have Z up.
_Z_UP_FROM_Y_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])


@dataclass(frozen=True, eq=False)
class LeveledObject:
    """An object in level axes (Z up, scan units): heading, centre of its base, and its box in its own heading."""

    id: str
    raw: RawObject
    pose: RecoveredPose
    yaw_rad: float
    base: Points
    size: Points

    @property
    def top(self) -> float:
        """Height of the box's upper face in level axes."""
        return float(self.base[2] + self.size[2])

    def dimension(self, name: str) -> float:
        """Return a named size in scan units; `width`, `depth` are along its own axes, the sides along its footprint."""
        sizes = {
            "width": self.size[0],
            "depth": self.size[1],
            "height": self.size[2],
            "longest": self.size.max(),
            "long_side": self.size[:2].max(),
            "short_side": self.size[:2].min(),
        }
        return float(sizes[name])


def level_object(object_id: str, raw: RawObject, pose: RecoveredPose, R_level_scan: Points) -> LeveledObject:
    """Turn an object into level axes and measure it."""
    level = level_vertices(raw, pose, R_level_scan)
    yaw = 0.0 if raw.canonical is None else heading_rad(R_level_scan @ pose.rotation @ _Z_UP_FROM_Y_UP.T)
    own = level @ turn_about_z(-yaw).T
    low, high = own.min(axis=0), own.max(axis=0)
    base = turn_about_z(yaw) @ np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    return LeveledObject(object_id, raw, pose, yaw, base, high - low)


def level_vertices(raw: RawObject, pose: RecoveredPose, R_level_scan: Points) -> Points:
    """Return an object's vertices in level axes, shape (V, 3)."""
    mesh = raw.canonical if raw.canonical is not None and pose.method != "posed mesh only" else raw.posed
    return pose.apply(mesh.vertices()) @ R_level_scan.T


def heading_rad(rotation: Points) -> float:
    """Return the turn about Z that is nearest to a rotation; 0 for one that has turned the thing upside down."""
    sine, cosine = rotation[1, 0] - rotation[0, 1], rotation[0, 0] + rotation[1, 1]
    return float(np.arctan2(sine, cosine)) if np.hypot(sine, cosine) > 1e-3 else 0.0


def turn_about_z(angle_rad: float) -> Points:
    """Return the (3, 3) rotation about Z."""
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
