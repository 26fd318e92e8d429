"""Undo a tilt that the reconstruction could not avoid: it fits most things upright in the camera's frame."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .poses import RecoveredPose

Points = NDArray[np.float64]

_SAME_AXIS_RAD = np.radians(0.5)
_TILTED_RAD = np.radians(1.0)


def straightened(pose: RecoveredPose, canonical: Points, camera_up: Points, up: Points) -> RecoveredPose | None:
    """Return the pose turned upright about the middle of its base, or None where its tilt has another cause.

    The sign is an upright axis that agrees with the camera's to half a degree while the camera itself is tilted.
    """
    own_up = pose.rotation @ np.array([0.0, 1.0, 0.0])
    if _angle(own_up, camera_up) > _SAME_AXIS_RAD or _angle(camera_up, up) < _TILTED_RAD:
        return None
    turn = turn_onto(own_up, up)
    rotation = turn @ pose.rotation
    low, high = canonical.min(axis=0), canonical.max(axis=0)
    foot = np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2])
    foot_scan = pose.scale * pose.rotation @ foot + pose.translation
    tilt = np.degrees(_angle(camera_up, up))
    review = f"it leaned by the camera's {tilt:.1f} degrees, as this reconstruction leaves things, and was set upright"
    return replace(
        pose,
        rotation=rotation,
        translation=foot_scan - pose.scale * rotation @ foot,
        review="; ".join(text for text in (pose.review, review) if text),
    )


def _angle(first: Points, second: Points) -> float:
    return float(np.arccos(np.clip(first @ second / np.linalg.norm(first) / np.linalg.norm(second), -1.0, 1.0)))


def turn_onto(source: Points, target: Points) -> Points:
    """Return the smallest rotation that turns one direction onto another; Rodrigues' formula."""
    axis = np.cross(source, target)
    sine, cosine = float(np.linalg.norm(axis)), float(source @ target)
    if sine < 1e-12:
        return np.eye(3)
    x, y, z = axis / sine
    K = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + sine * K + (1 - cosine) * K @ K
