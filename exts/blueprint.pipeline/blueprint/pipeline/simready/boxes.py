"""Recognise a hull that is a box, because every engine collides boxes exactly."""

import numpy as np

from blueprint.pipeline.scene.colliders import BoxPiece
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.poses import Pose, vec3

from .hulls import hull_volume_m3

_SHARE = 0.995
"""Share of its box that a hull must fill to be taken for it."""

_SQUARE_COSINE = 0.01


def box_of(hull: TriangleMesh) -> BoxPiece | None:
    """Return the box that a hull fills, or None where it is none."""
    corners = hull.vertices_m[hull.faces]
    doubled = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    areas = np.linalg.norm(doubled, axis=1)
    normals = doubled[areas > 0] / areas[areas > 0, None]
    order = np.argsort(-areas[areas > 0], kind="stable")
    first = normals[order[0]]
    square = [normals[at] for at in order if abs(normals[at] @ first) < _SQUARE_COSINE]
    if not square:
        return None
    second = square[0] - first * (square[0] @ first)
    second /= np.linalg.norm(second)
    rotation = np.column_stack([first, second, np.cross(first, second)])
    local = hull.vertices_m @ rotation
    low, high = local.min(axis=0), local.max(axis=0)
    if hull_volume_m3(hull) < _SHARE * np.prod(high - low):
        return None
    T_prop_box = np.eye(4)
    T_prop_box[:3, :3], T_prop_box[:3, 3] = rotation, rotation @ ((low + high) / 2)
    return BoxPiece(Pose.from_matrix(T_prop_box), vec3((high - low) / 2))
