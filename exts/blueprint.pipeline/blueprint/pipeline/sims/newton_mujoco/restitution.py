"""Bouncing: MuJoCo has no coefficient of restitution, so a contact becomes a spring with too little damping.

A damped spring that is hit at a speed lets go at exp(-pi z / sqrt(1 - z^2)) of it, z its damping ratio; solved for z,
that is what is set here, with a spring whose half swing lasts a few physics steps. What the mapping gives is measured
in tests/randomize/test_factor_effects.py: a dropped thing comes back with 0.27, 0.48 and 0.67 of its speed where 0.3,
0.5 and 0.7 are asked for. A contact with what does not bounce takes the bouncing thing's spring.
"""

import mujoco
import numpy as np

STEPS_IN_CONTACT = 6.0
"""Physics steps that half a swing lasts: with fewer the step itself damps it, with more things sink in further."""
WEIGHT = 1e6
"""Share of the bouncing thing in a contact's spring; MuJoCo mixes springs by these weights, 1 by default."""
LEAST = 0.05
"""Below, what falls comes back by less than a quarter of a percent of its height."""


def damping_ratio(restitution: float) -> float:
    """Return the damping ratio of a spring that lets go with this share of the speed, 0 < restitution < 1."""
    log = np.log(restitution)
    return float(-log / np.sqrt(np.pi**2 + log**2))


def set_restitution(model: mujoco.MjModel, geom: int, restitution: float) -> None:
    """Let a geom bounce; below LEAST it keeps MuJoCo's own contact, which does not."""
    if restitution < LEAST:
        return
    ratio = damping_ratio(restitution)
    swing_rad_s = np.pi / (STEPS_IN_CONTACT * model.opt.timestep * np.sqrt(1 - ratio**2))
    model.geom_solref[geom] = (1 / (swing_rad_s * ratio), ratio)
    model.geom_solmix[geom] = WEIGHT
