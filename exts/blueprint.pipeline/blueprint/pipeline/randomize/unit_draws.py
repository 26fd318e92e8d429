"""Evenly distributed numbers behind every draw; each factor and target has a stream of its own.

Variant `i` takes the i-th row of each stream, so more variants leave the first as they are, and another factor or
target leaves the others as they are.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from blueprint.pipeline.scene.policies import Correlation
from blueprint.pipeline.scene.randomness import stream

Array = NDArray[np.float64]
TINIEST = 2.0**-53
"""Streams can give 0, of which the normal quantile is minus infinity."""


def unit_draws(seed: int, factor: str, targets: Sequence[str], count: int, draws: int) -> Array:
    """Return numbers in (0, 1) of shape (count, targets, draws)."""
    columns = [stream(seed, 0, f"randomize/{factor}/{target}").random((count, draws)) for target in targets]
    drawn = np.stack(columns, axis=1) if columns else np.zeros((count, 0, draws))
    return np.maximum(drawn, TINIEST)


def tied(
    correlations: Sequence[Correlation], drawn: Mapping[str, Array], targets: Mapping[str, Sequence[str]]
) -> dict[str, Array]:
    """Return the draws with a Gaussian copula over each group of factors, target by target.

    Each stays evenly distributed by itself; a factor depends on those named before it, so that one added at the end
    of a group leaves the others as they are. Only targets that factors share are tied.
    """
    result = dict(drawn)
    for entry in correlations:
        names = [name for name in entry.factors if name in drawn]
        size = len(names)
        matrix = np.full((size, size), entry.coefficient) + (1 - entry.coefficient) * np.eye(size)
        lower = np.linalg.cholesky(matrix)
        for target in sorted({target for name in names for target in targets[name]}):
            members = [name for name in names if target in targets[name]]
            columns = np.stack([_column(drawn, targets, name, target) for name in members])
            rows = [names.index(name) for name in members]
            # The factor of a part of an equicorrelated matrix is the leading part of the whole one's.
            mixed = ndtr(lower[: len(rows), : len(rows)] @ ndtri(columns))
            for name, column in zip(members, mixed, strict=True):
                result[name] = _with_column(result[name], list(targets[name]).index(target), column)
    return result


def _column(drawn: Mapping[str, Array], targets: Mapping[str, Sequence[str]], name: str, target: str) -> Array:
    return drawn[name][:, list(targets[name]).index(target), 0]


def _with_column(values: Array, at: int, column: Array) -> Array:
    changed = values.copy()
    changed[:, at, 0] = np.clip(column, TINIEST, 1 - TINIEST)
    return changed
