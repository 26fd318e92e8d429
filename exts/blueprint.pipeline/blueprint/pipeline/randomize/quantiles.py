"""Quantiles of a policy's distributions: evenly drawn numbers between 0 and 1 become values."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from blueprint.pipeline.scene.distributions import Choice, Constant, Distribution, LogUniform, Normal, Uniform

Array = NDArray[np.float64]


def quantile(distribution: Distribution, u: Array) -> Array:
    """Return the values at the shares `u` of a distribution, of the same shape; never outside its support."""
    match distribution:
        case Uniform(uniform=(low, high)):
            values = low + u * (high - low)
        case LogUniform(log_uniform=(low, high)):
            values = np.exp(np.log(low) + u * np.log(high / low))
        case Normal(normal=bell):
            first, last = ndtr((np.array(bell.limits()) - bell.mean) / bell.std)
            values = bell.mean + bell.std * ndtri(first + u * (last - first))
        case Choice(choice=choice, weights=weights):
            shares = np.cumsum(weights or np.ones(len(choice)))
            values = np.asarray(choice)[np.searchsorted(shares / shares[-1], u, side="right").clip(0, len(choice) - 1)]
        case Constant(constant=value):
            values = np.full(u.shape, value)
    return np.clip(values, *distribution.support())
