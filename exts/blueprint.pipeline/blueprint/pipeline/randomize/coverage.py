"""How much of what a policy allows the variants have visited: histograms, discrepancies and shares of cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.edits import AddDistractor, MoveProp, SetLook
from blueprint.pipeline.scene.factor_kinds import KINDS
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.variants import Variant

from .drawn import DrawnFactor
from .factor_effects import EFFECTIVE_IN
from .variants import Chances

Array = NDArray[np.float64]
BINS = 10
PAIR_BINS = 4
CELL_M = 0.05


@dataclass(frozen=True, slots=True)
class FactorCoverage:
    """One factor over all variants and targets.

    `counts` are of BINS equal steps from `low` to `high`. `discrepancy` is the largest difference between the share of
    the draws below a value and the share that should be there, 0 for perfectly even draws; `expected_discrepancy` is
    what as many independent draws have on average. `cells_visited` is the share of BINS equally likely cells that at
    least one draw fell into. None where nothing was drawn.
    """

    name: str
    vary: str
    unit: str
    how: str
    targets: int
    draws: int
    low: float
    high: float
    counts: tuple[int, ...]
    discrepancy: float | None
    expected_discrepancy: float | None
    cells_visited: float | None
    without_effect_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceCoverage:
    """Cells of CELL_M on each support that some prop's origin was drawn into, over all variants."""

    prop: str
    cells: int
    span_m: tuple[float, float]
    stayed: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """`coverage.json`: what the variants of a record cover of their policy.

    `pairs_visited` is the share of the PAIR_BINS x PAIR_BINS cells that were visited, over all pairs of factors with
    one number; `pairs_expected` is what independent draws of this number reach on average.
    """

    policy: str
    variants: int
    factors: tuple[FactorCoverage, ...]
    places: tuple[PlaceCoverage, ...]
    distractors: tuple[int, ...]
    swapped_pictures: int
    pairs: int
    pairs_visited: float | None
    pairs_expected: float | None
    format: str = "blueprint.coverage"
    version: int = 1


def measure_coverage(chances: Chances, variants: Sequence[Variant], *, first: int) -> Coverage:
    """Measure what the variants from number `first` on cover; those before are the scene as it is."""
    drawn = [_from(factor, first) for factor in chances.numbers]
    edits = [edit for variant in variants[first:] for edit in variant.edits]
    pairs, visited, expected = pair_cells([factor.u[:, 0, 0] for factor in drawn if factor.u.shape[2] == 1])
    return Coverage(
        chances.policy.name,
        len(variants),
        tuple(_factor(factor) for factor in drawn),
        _places([edit for edit in edits if isinstance(edit, MoveProp)], chances.manifest),
        tuple(sum(isinstance(edit, AddDistractor) for edit in variant.edits) for variant in variants[first:]),
        sum(isinstance(edit, SetLook) and edit.texture_of != "" for edit in edits),
        pairs,
        visited,
        expected,
    )


def star_discrepancy(u: Array) -> float:
    """Return the star discrepancy of numbers in 0..1: exact, by their order."""
    ordered, count = np.sort(u), len(u)
    above = np.arange(1, count + 1) / count - ordered
    below = ordered - np.arange(count) / count
    return float(max(above.max(), below.max()))


def expected_discrepancy(count: int) -> float:
    """Return the mean of the star discrepancy of independent even numbers: that of Kolmogorov's statistic.

    sqrt(pi / 2) ln 2 over sqrt(n), with Stephens' correction for small n.
    """
    root = np.sqrt(count)
    return float(np.sqrt(np.pi / 2) * np.log(2) / (root + 0.12 + 0.11 / root))


def pair_cells(columns: Sequence[Array]) -> tuple[int, float | None, float | None]:
    """Return the number of pairs, the share of their cells that were visited, and what independence would reach."""
    if len(columns) < 2 or not len(columns[0]):
        return 0, None, None
    cells = [np.minimum((column * PAIR_BINS).astype(int), PAIR_BINS - 1) for column in columns]
    shares = [len(np.unique(a * PAIR_BINS + b)) / PAIR_BINS**2 for a, b in combinations(cells, 2)]
    expected = 1 - (1 - 1 / PAIR_BINS**2) ** len(columns[0])
    return len(shares), float(np.mean(shares)), float(expected)


def _from(factor: DrawnFactor, first: int) -> DrawnFactor:
    return DrawnFactor(factor.name, factor.factor, factor.targets, factor.u[first:], factor.values[first:])


def _factor(drawn: DrawnFactor) -> FactorCoverage:
    kind = KINDS[drawn.factor.vary]
    used = 1 if kind.directed else kind.draws
    u, values = drawn.u[..., :used].reshape(-1), drawn.values[..., :used].reshape(-1)
    low, high = drawn.factor.values.support()
    room = (high - low) or max(abs(low), 1.0) * 1e-9
    counts, _ = np.histogram(values, bins=BINS, range=(low, low + room))
    visited = len(np.unique(np.minimum((u * BINS).astype(int), BINS - 1))) / BINS
    missing = sorted({"mujoco", "null"} - EFFECTIVE_IN[drawn.factor.vary])
    return FactorCoverage(
        drawn.name,
        drawn.factor.vary,
        "" if drawn.factor.manner == "scale" else kind.unit,
        drawn.factor.manner,
        len(drawn.targets),
        len(u),
        low,
        high,
        tuple(counts.tolist()),
        star_discrepancy(u) if len(u) else None,
        expected_discrepancy(len(u)) if len(u) else None,
        visited if len(u) else None,
        tuple(missing),
    )


def _places(moves: Sequence[MoveProp], manifest: SceneManifest) -> tuple[PlaceCoverage, ...]:
    found: dict[str, list[MoveProp]] = {}
    for move in moves:
        found.setdefault(move.prop, []).append(move)
    return tuple(_place(prop, each, manifest) for prop, each in found.items())


def _place(prop: str, moves: Sequence[MoveProp], manifest: SceneManifest) -> PlaceCoverage:
    rest = manifest.prop(prop).prop.T_world_prop
    xy = np.array([move.T_world_prop.position_m[:2] for move in moves])
    cells = len(np.unique(np.floor(xy / CELL_M).astype(int), axis=0))
    x, y = (xy.max(axis=0) - xy.min(axis=0)).tolist()
    return PlaceCoverage(prop, cells, (x, y), sum(move.T_world_prop == rest for move in moves) / len(moves))
