"""How much of its policy's space the variants of a run have visited."""

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from blueprint.pipeline.randomize.coverage import BINS, Coverage, FactorCoverage
from blueprint.pipeline.scene.codec import load
from blueprint.pipeline.scene.policies import Policy
from blueprint.pipeline.scene.records import Variants

from .plots import Dot, dot_plot
from .svg import element, joined, line, rectangle

NONE = "–"
_WIDE, _HIGH = 150, 34


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One factor: what it is, how often it was drawn, and how evenly."""

    name: str
    vary: str
    span: str
    targets: int
    draws: int
    histogram: Markup
    visited: str
    discrepancy: str
    uneven: bool


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One prop: how many cells of 5 cm it was drawn into, over which span, and how often it stayed."""

    prop: str
    cells: int
    span: str
    stayed: str


@dataclass(frozen=True, slots=True)
class RandomizationSection:
    """The policy of a run and what its variants cover."""

    policy: str
    description: str
    variants: int
    rows: tuple[CoverageRow, ...]
    places: tuple[PlaceRow, ...]
    pairs: str
    distractors: str
    without_effect: str
    plot: Markup


def describe_randomization(drawn: Variants) -> RandomizationSection | None:
    """Return the section; None for a record of a program that measured no coverage."""
    path = drawn.folder / Variants.COVERAGE_FILE
    if not path.is_file():
        return None
    coverage, policy = load(path, Coverage), drawn.policy
    return RandomizationSection(
        policy.name,
        policy.description,
        coverage.variants,
        tuple(_row(entry) for entry in coverage.factors),
        tuple(
            PlaceRow(place.prop, place.cells, "{:.2f} × {:.2f} m".format(*place.span_m), f"{place.stayed:.0%}")
            for place in coverage.places
        ),
        _pairs(coverage),
        _distractors(coverage, policy),
        _without_effect(coverage),
        _evenness(coverage.factors),
    )


def _row(entry: FactorCoverage) -> CoverageRow:
    before, after = {"scale": ("× ", ""), "add": ("", " added"), "set": ("", "")}[entry.how]
    unit = f" {entry.unit}" if entry.unit else ""
    return CoverageRow(
        entry.name,
        entry.vary,
        f"{before}{entry.low:g} … {entry.high:g}{unit}{after}",
        entry.targets,
        entry.draws,
        _histogram(entry),
        NONE if entry.cells_visited is None else f"{entry.cells_visited:.0%}",
        NONE if entry.discrepancy is None else f"{entry.discrepancy:.3f}",
        _is_uneven(entry),
    )


def _is_uneven(entry: FactorCoverage) -> bool:
    """Whether a factor's draws are less even than nearly all independent draws would be."""
    if entry.discrepancy is None or entry.expected_discrepancy is None:
        return False
    # Kolmogorov's statistic exceeds 1.88 times its mean once in a hundred times.
    return entry.discrepancy > 1.88 * entry.expected_discrepancy


def _histogram(entry: FactorCoverage) -> Markup:
    """Draw the shares of the steps between the ends of the distribution."""
    most, width = max(max(entry.counts), 1), _WIDE / BINS
    bars = [
        rectangle("bar", at * width, _HIGH - _HIGH * count / most, width - 1, _HIGH * count / most)
        for at, count in enumerate(entry.counts)
    ]
    ground = line("grid", 0, _HIGH, _WIDE, _HIGH)
    box, style = f"0 0 {_WIDE} {_HIGH}", f"width:{_WIDE}px"
    return element("svg", joined([*bars, ground]), viewBox=box, style=style, role="img")


def _evenness(factors: tuple[FactorCoverage, ...]) -> Markup:
    """Draw each factor's discrepancy over what independent draws have on average."""
    dots = [
        Dot(
            entry.name, entry.discrepancy / entry.expected_discrepancy, f"n = {entry.draws}", doubtful=_is_uneven(entry)
        )
        for entry in factors
        if entry.discrepancy is not None and entry.expected_discrepancy
    ]
    if not dots:
        return Markup("")
    title, unit = "Discrepancy of the draws", "over what independent draws have on average"
    return dot_plot(title, unit, dots, reference=1.0, reference_name="independent")


def _pairs(coverage: Coverage) -> str:
    if coverage.pairs_visited is None or coverage.pairs_expected is None:
        return ""
    visited, expected = f"{coverage.pairs_visited:.0%}", f"{coverage.pairs_expected:.0%}"
    return f"Of the 4 × 4 cells of {coverage.pairs} pairs of factors {visited} were visited ({expected} expected)."


def _without_effect(coverage: Coverage) -> str:
    names = [entry.name for entry in coverage.factors if "null" in entry.without_effect_in]
    if not names:
        return ""
    return f"Episodes of the engine null, which computes no physics and no light, show nothing of {', '.join(names)}."


def _distractors(coverage: Coverage, policy: Policy) -> str:
    if not any(entry.vary == "distractors" for entry in policy.factors.values()) or not coverage.distractors:
        return ""
    counts = np.bincount(coverage.distractors)
    shares = ", ".join(f"{count} × {number}" for number, count in enumerate(counts.tolist()) if count)
    return f"Distractors per variant (variants × number): {shares}."
