"""The pull that every scene, trial and estimate reckons with."""

GRAVITY_M_S2 = 9.81
