"""The extreme points of colliders."""

import mujoco
import numpy as np

from blueprint.pipeline.scene.shapes import cylinder_rims, sphere_points
from blueprint.pipeline.sims.protocols import Array

CUBE = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64)


def local_corners_m(model: mujoco.MjModel, geom: int) -> Array:
    """Return points (N, 3) in the geom's frame: a hull's vertices, a cylinder's rims, points on a ball.

    Any other shape is answered with the corners of the box around it.
    """
    kind, (radius_m, half_height_m, _) = int(model.geom_type[geom]), model.geom_size[geom].tolist()
    if kind == int(mujoco.mjtGeom.mjGEOM_CYLINDER):
        return cylinder_rims(radius_m, half_height_m)
    if kind == int(mujoco.mjtGeom.mjGEOM_SPHERE):
        return sphere_points(radius_m)
    if kind == int(mujoco.mjtGeom.mjGEOM_MESH):
        mesh = model.geom_dataid[geom]
        begin = model.mesh_vertadr[mesh]
        return model.mesh_vert[begin : begin + model.mesh_vertnum[mesh]].astype(np.float64)
    return CUBE * model.geom_aabb[geom, 3:] + model.geom_aabb[geom, :3]


def corners_m(model: mujoco.MjModel, data: mujoco.MjData, geom: int) -> Array:
    """Return the same points in the world, as the kinematics stand."""
    return local_corners_m(model, geom) @ data.geom_xmat[geom].reshape(3, 3).T + data.geom_xpos[geom]
