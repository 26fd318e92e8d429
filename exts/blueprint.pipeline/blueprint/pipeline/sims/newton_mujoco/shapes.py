"""The extreme points of colliders."""

import mujoco
import numpy as np

from blueprint.pipeline.sims.protocols import Array

CUBE = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64)


def local_corners_m(model: mujoco.MjModel, geom: int) -> Array:
    """Return the vertices of a hull, or the corners of the box around another shape, in the geom's frame (N, 3)."""
    if model.geom_type[geom] == int(mujoco.mjtGeom.mjGEOM_MESH):
        mesh = model.geom_dataid[geom]
        begin = model.mesh_vertadr[mesh]
        return model.mesh_vert[begin : begin + model.mesh_vertnum[mesh]].astype(np.float64)
    return CUBE * model.geom_aabb[geom, 3:] + model.geom_aabb[geom, :3]


def corners_m(model: mujoco.MjModel, data: mujoco.MjData, geom: int) -> Array:
    """Return the same points in the world, as the kinematics stand."""
    return local_corners_m(model, geom) @ data.geom_xmat[geom].reshape(3, 3).T + data.geom_xpos[geom]
