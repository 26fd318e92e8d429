"""How sure a number is: the chance that the truth lies within a factor 1.5 of it.

The errors of the evidence are taken as normal in the logarithm; `spread` is their standard deviation, and independent
ones add by squares. A person's word is 1.
"""

import math
from collections.abc import Iterable

TOLERANCE = 1.5
CERTAIN = 1.0


def confidence_of(spread: float, tolerance: float = TOLERANCE) -> float:
    """Return the chance, to two digits, that a number with this spread is right within a factor."""
    if spread <= 0:
        return CERTAIN
    return round(math.erf(math.log(tolerance) / (spread * math.sqrt(2))), 2)


def together(spreads: Iterable[float]) -> float:
    """Return the spread of a product of independent factors."""
    return math.sqrt(sum(spread**2 for spread in spreads))


def spread_of_range(low: float, high: float) -> float:
    """Return the spread of a value that is as likely anywhere between two ends, on a scale of ratios."""
    return math.log(high / low) / math.sqrt(12)
