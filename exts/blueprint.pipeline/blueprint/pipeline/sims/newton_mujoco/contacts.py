"""Touching points with their forces in the world."""

from collections.abc import Sequence

import mujoco
import numpy as np

from blueprint.pipeline.sims.protocols import Contacts

_ELLIPTIC = int(mujoco.mjtCone.mjCONE_ELLIPTIC)


def measure_contacts(model: mujoco.MjModel, data: mujoco.MjData, geom_bodies: Sequence[str]) -> Contacts:
    """Return the contacts that take part in the solution; those within the gap but apart are left out.

    MuJoCo's contact frame has the normal, from the first geom to the second, as its first row; with elliptic cones,
    which every compiled scene has, a contact's rows of `efc_force` are what the second feels along that frame's axes,
    the normal first (MuJoCo documentation, "Contact"; the same numbers as `mj_contactForce`, without a call for each).
    """
    assert int(model.opt.cone) == _ELLIPTIC, "a compiled scene has elliptic friction cones"
    contact = data.contact
    active = np.flatnonzero(contact.efc_address >= 0)
    frame = contact.frame[active].reshape(-1, 3, 3)
    axes, dim = np.arange(3), contact.dim[active]
    rows = contact.efc_address[active][:, None] + axes
    local = np.where(axes < dim[:, None], data.efc_force.take(rows, mode="clip"), 0.0)
    pairs: list[tuple[int, int]] = contact.geom[active].tolist()
    return Contacts(
        tuple([geom_bodies[first] for first, _ in pairs]),
        tuple([geom_bodies[second] for _, second in pairs]),
        contact.pos[active],
        frame[:, 0].copy(),
        (local[:, None, :] @ frame)[:, 0],
        -contact.dist[active],
    )
