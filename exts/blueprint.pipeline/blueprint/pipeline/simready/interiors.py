"""Room behind a door: what rays from the door's plane find free inside the link that it closes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Pose, Vec3, vec3
from blueprint.pipeline.scene.props import Joint

from .solids import Solid

Floats = NDArray[np.float64]

_THIN = 0.25
"""A door is thinner than this share of its shorter edge."""

_FRONT_COSINE = 0.9
_SHALLOWEST_M = 0.05
_INSET = 0.9
_RAYS = 9


@dataclass(frozen=True)
class Interior:
    """A box of free room behind a door; y of its frame points out of the opening."""

    T_prop_interior: Pose
    half_size_m: Vec3
    depth_m: float


def way_out(joint: Joint, solid: Solid) -> Floats:
    """Return the unit direction (3,) in which the middle of a joint's part sets off when it opens."""
    sign = 1.0 if joint.upper >= -joint.lower else -1.0
    axis = np.asarray(joint.axis)
    if joint.kind == "prismatic":
        return sign * axis
    middle = (solid.vertices_m.min(axis=0) + solid.vertices_m.max(axis=0)) / 2
    way = np.cross(axis, middle - np.asarray(joint.origin_m))
    length = float(np.linalg.norm(way))
    return sign * way / length if length > 1e-9 else np.zeros(3)


def find_interior(joint: Joint, solids: Mapping[str, Solid]) -> Interior | None:
    """Measure the room behind an upright door; None where the part is no door or what it closes is solid."""
    if joint.kind != "revolute" or joint.child not in solids or joint.parent not in solids:
        return None
    out = _front_normal(solids[joint.child], way_out(joint, solids[joint.child]))
    if out is None or abs(out[2]) > 0.5:
        return None
    yaw = math.atan2(out[1], out[0]) - math.pi / 2
    frame = Pose.from_yaw((0.0, 0.0, 0.0), yaw)
    door = frame.inverse().apply(solids[joint.child].vertices_m)
    low, high = door.min(axis=0), door.max(axis=0)
    width, thickness, height = (high - low).tolist()
    if thickness > _THIN * min(width, height):
        return None
    depth = _free_depth_m(solids[joint.parent], frame, low, high)
    if depth - thickness / 2 < _SHALLOWEST_M:
        return None
    back = (low[1] + high[1]) / 2 - depth
    middle = np.array([(low[0] + high[0]) / 2, (back + low[1]) / 2, (low[2] + high[2]) / 2])
    half = (_INSET * width / 2, float(low[1] - back) / 2, _INSET * height / 2)
    place = frame.apply(middle[None])[0]
    return Interior(Pose.from_yaw(vec3(place), yaw), half, float(low[1] - back))


def _front_normal(door: Solid, out: Floats) -> Floats | None:
    """Return the mean normal of the faces that look where the door opens to: its middle's way is a little aslant."""
    corners = door.vertices_m[door.faces]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    ahead = cross @ out > _FRONT_COSINE * np.linalg.norm(cross, axis=1)
    summed = cross[ahead].sum(axis=0)
    length = float(np.linalg.norm(summed))
    return summed / length if length > 0 else None


def _free_depth_m(body: Solid, frame: Pose, low: Floats, high: Floats) -> float:
    """Return the lower quartile of the free way from a door's middle plane inwards; 0 where too few rays end."""
    x = np.linspace(*_inset(low[0], high[0]), _RAYS)
    z = np.linspace(*_inset(low[2], high[2]), _RAYS)
    grid = np.array([(a, (low[1] + high[1]) / 2, b) for a in x for b in z])
    inward = frame.apply(np.array([[0.0, -1.0, 0.0]])) - frame.apply(np.zeros((1, 3)))
    origins = frame.apply(grid)
    hits, rays, _ = body.mesh.ray.intersects_location(
        origins, np.repeat(inward, len(grid), axis=0), multiple_hits=False
    )
    if len(hits) < len(grid) / 2:
        return 0.0
    return float(np.quantile(np.linalg.norm(hits - origins[rays], axis=1), 0.25))


def _inset(low: float, high: float) -> tuple[float, float]:
    middle, half = (low + high) / 2, _INSET * (high - low) / 2
    return float(middle - half), float(middle + half)
