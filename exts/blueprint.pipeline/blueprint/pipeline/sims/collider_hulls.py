"""Every collider of a compiled model as a convex solid in its link's frame, for showing what is simulated."""

from pathlib import Path

import mujoco
import numpy as np
from scipy.spatial import QhullError

from .newton_mujoco.load import load_mujoco
from .newton_mujoco.shapes import local_corners_m
from .solids import ConvexSolid, convex_solid

WORLD_BODY = 0


def link_hulls(model_folder: Path) -> dict[str, list[ConvexSolid]]:
    """Return link name to its colliders' hulls, in the link's frame; flat ones, which have no inside, are left out."""
    maps, model = load_mujoco(model_folder)
    links = {body.name for body in maps.bodies}
    found: dict[str, list[ConvexSolid]] = {}
    for geom in maps.geoms:
        if geom.body not in links:
            continue
        index = int(model.geom(geom.name).id)
        rotation = np.zeros(9)
        mujoco.mju_quat2Mat(rotation, model.geom_quat[index])
        corners = local_corners_m(model, index) @ rotation.reshape(3, 3).T + model.geom_pos[index]
        # Links that never move are welded into MuJoCo's world, so that their colliders stand in world coordinates.
        if int(model.geom_bodyid[index]) == WORLD_BODY:
            corners = maps.body(geom.body).T_world_body.inverse().apply(corners)
        try:
            found.setdefault(geom.body, []).append(convex_solid(corners))
        except QhullError:
            continue
    return found
