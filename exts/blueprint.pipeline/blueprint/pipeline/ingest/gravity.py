"""Find which way is up in a scan, and where its floor is.

Order of trust: what the scan declares; the fitted floor plane; the common upright axis of things that stand on the
floor; the dominant level surface of the background; the assumption of a level camera, which is said aloud.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.formats.raw_scan import RawScan
from blueprint.pipeline.scene.poses import vec3
from blueprint.pipeline.scene.scans import GravityEstimate

Points = NDArray[np.float64]

MAX_TILT_RAD = np.radians(60.0)
"""No photo of a room is taken with the camera turned further from level than this."""

_FLATNESS = 0.01
_AGREEMENT_RAD = np.radians(6.0)
_LEVEL_CONE_RAD = np.radians(20.0)


@dataclass(frozen=True, eq=False)
class Upright:
    """The upward direction, and the height of the floor along it, in scan units; None where only objects can tell."""

    estimate: GravityEstimate
    floor_height: float | None
    reliable: bool = True


def find_up(scan: RawScan, upright_axes: Sequence[Points]) -> Upright:
    """Return the upward direction of a scan; `upright_axes` are those of the objects that stand on the floor."""
    camera_up = scan.T_scan_camera[:3, 1]
    plane = None if scan.floor_points is None else fit_plane(scan.floor_points, camera_up)
    if scan.declared_up is not None:
        why = f"{scan.format} declares its frame's upward axis"
        return Upright(GravityEstimate(scan.declared_up, "declared", why), 0.0)
    if plane is not None and plane.flatness <= _FLATNESS and _tilt(plane.normal, camera_up) <= MAX_TILT_RAD:
        tilt = np.degrees(_tilt(plane.normal, camera_up))
        why = f"normal of the fitted floor plane, {tilt:.2f} degrees from the camera's upward axis"
        return Upright(GravityEstimate(vec3(plane.normal), "floor plane", why), plane.height)
    common = _common_axis(upright_axes, camera_up)
    if common is not None:
        why = f"upright axis that {len(upright_axes)} objects on the floor share"
        return Upright(GravityEstimate(vec3(common), "floor objects", why), None)
    if scan.background is not None:
        level = _dominant_level(scan.background.vertices(), scan.background.faces(), camera_up)
        if level is not None:
            why = "dominant level surface of the background mesh"
            return Upright(GravityEstimate(vec3(level), "background", why), None)
    why = "assumption: the camera was held level, because the scan has no floor plane, floor object or background"
    return Upright(GravityEstimate(vec3(camera_up), "level camera", why), None, reliable=False)


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane: unit normal, signed distance of its points from the origin, and root mean square gap over extent."""

    normal: Points
    height: float
    flatness: float


def fit_plane(points: Points, towards: Points) -> Plane:
    """Return the least-squares plane of points (N, 3), its normal turned to the side of `towards`."""
    middle = points.mean(axis=0)
    _, singular, Vt = np.linalg.svd(points - middle, full_matrices=False)
    normal = Vt[2] * (1.0 if Vt[2] @ towards >= 0 else -1.0)
    flatness = float(singular[2] / max(singular[1], 1e-12))
    return Plane(normal, float(normal @ middle), flatness)


def rotation_level_scan(up: Points, forward: Points) -> Points:
    """Return the rotation from scan axes to level ones: Z along `up`, Y along the horizontal part of `forward`.

    A camera that looks straight up or down has no horizontal view; the axis least along `up` stands in for it.
    """
    z = up / np.linalg.norm(up)
    y = forward - (forward @ z) * z
    if np.linalg.norm(y) < 1e-6:
        axis = np.eye(3)[int(np.argmin(np.abs(z)))]
        y = axis - (axis @ z) * z
    y = y / np.linalg.norm(y)
    return np.stack([np.cross(y, z), y, z])


def _tilt(direction: Points, camera_up: Points) -> float:
    return float(np.arccos(np.clip(direction @ camera_up / np.linalg.norm(direction), -1.0, 1.0)))


def _common_axis(axes: Sequence[Points], camera_up: Points) -> Points | None:
    """Return the mean of the axes that agree with most others, or None where no two agree (one alone is taken)."""
    plausible = [axis / np.linalg.norm(axis) for axis in axes if _tilt(axis, camera_up) <= MAX_TILT_RAD]
    if not plausible:
        return None
    stack = np.stack(plausible)
    near = np.arccos(np.clip(stack @ stack.T, -1.0, 1.0)) <= _AGREEMENT_RAD
    chosen = near[int(np.argmax(near.sum(axis=1)))]
    if len(plausible) > 1 and chosen.sum() < 2:
        return None
    mean = stack[chosen].mean(axis=0)
    return mean / np.linalg.norm(mean)


def _dominant_level(vertices: Points, faces: NDArray[np.int32], camera_up: Points) -> Points | None:
    """Return the direction around which most area lies, among faces that could be level; a few rounds of mean shift."""
    corners = vertices[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    areas = np.linalg.norm(normals, axis=1)
    sound = areas > 0
    normals, areas = normals[sound] / areas[sound, None], areas[sound]
    normals = normals * np.where(normals @ camera_up >= 0, 1.0, -1.0)[:, None]
    candidates = normals @ camera_up >= np.cos(MAX_TILT_RAD)
    if not candidates.any():
        return None
    normals, areas = normals[candidates], areas[candidates]
    # The fullest of many coarse directions is the start, so that walls do not pull the mean aside.
    coarse = normals[np.linspace(0, len(normals) - 1, min(200, len(normals))).astype(int)]
    inside = coarse @ normals.T >= np.cos(_LEVEL_CONE_RAD)
    up = coarse[int(np.argmax(inside @ areas))]
    for cone in (_LEVEL_CONE_RAD, _LEVEL_CONE_RAD / 2, _LEVEL_CONE_RAD / 4):
        weights = areas * (normals @ up >= np.cos(cone))
        up = weights @ normals
        up = up / np.linalg.norm(up)
    return up
