"""Touching points with their forces in the world."""

from collections.abc import Sequence

import mujoco
import numpy as np

from blueprint.pipeline.sims.protocols import Contacts


def measure_contacts(model: mujoco.MjModel, data: mujoco.MjData, geom_bodies: Sequence[str]) -> Contacts:
    """Return the contacts that take part in the solution; those within the gap but apart are left out.

    MuJoCo's contact frame has the normal, from the first geom to the second, as its first row; `mj_contactForce` is
    what the second feels, in that frame (MuJoCo documentation, "Contact").
    """
    active = [i for i in range(data.ncon) if data.contact.efc_address[i] >= 0]
    force, normals = np.zeros((len(active), 3)), np.zeros((len(active), 3))
    wrench = np.zeros(6)
    for row, index in enumerate(active):
        mujoco.mj_contactForce(model, data, index, wrench)
        frame = data.contact.frame[index].reshape(3, 3)
        normals[row], force[row] = frame[0], frame.T @ wrench[:3]
    pairs: list[tuple[int, int]] = data.contact.geom[active].reshape(-1, 2).tolist()
    return Contacts(
        tuple(geom_bodies[first] for first, _ in pairs),
        tuple(geom_bodies[second] for _, second in pairs),
        np.array(data.contact.pos[active]).reshape(-1, 3),
        normals,
        force,
        -np.array(data.contact.dist[active]),
    )
