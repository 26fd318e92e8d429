"""How sure a share of few trials is."""

import math

Z_95 = 1.959963984540054
"""Quantile of the standard normal distribution that leaves 2.5 % on either side."""


def wilson_interval(successes: int, trials: int, z: float = Z_95) -> tuple[float, float] | None:
    """Return the lower and upper bound (0 to 1) of a success rate; None without trials.

    Wilson's score interval (J. Am. Stat. Assoc. 22, 1927), which stays inside 0 to 1 and holds for few trials.
    """
    if trials <= 0:
        return None
    share = successes / trials
    spread = z * z / trials
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / trials + spread / (4 * trials))
    return max(0.0, centre - half), min(1.0, centre + half)
