"""The section about a run's policy, from records on disk."""

from pathlib import Path

import pytest

from blueprint.pipeline.app.report.randomization import describe_randomization
from blueprint.pipeline.randomize.coverage import Coverage, FactorCoverage, PlaceCoverage
from blueprint.pipeline.randomize.policy import load_policy
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.records import Variants

EVEN = FactorCoverage("mass", "mass", "", "scale", 2, 20, 0.5, 2.0, (2,) * 10, 0.05, 0.19, 1.0, ("null",))
LUMPED = FactorCoverage("dim<b>", "exposure", "stops", "add", 1, 10, -1, 1, (10, *[0] * 9), 0.9, 0.26, 0.1)
FIXED = FactorCoverage("none", "latency", "s", "set", 1, 0, 0.0, 0.1, (0,) * 10, None, None, None)


@pytest.fixture
def drawn(tmp_path: Path) -> Variants:
    """A record with two factors that were drawn and one that was not."""
    places = (PlaceCoverage("mug", 7, (0.31, 0.12), 0.25),)
    coverage = Coverage("strong", 11, (EVEN, LUMPED, FIXED), places, (0, 2, 2), 3, 1, 0.5, 0.47)
    save(tmp_path / Variants.COVERAGE_FILE, coverage)
    save(tmp_path / Variants.POLICY_FILE, load_policy(Path("strong")))
    return Variants(tmp_path)


def test_factors_are_listed_with_what_they_cover(drawn: Variants) -> None:
    section = describe_randomization(drawn)
    assert section is not None
    even, lumped, fixed = section.rows
    assert (even.span, even.visited, even.discrepancy, even.uneven) == ("× 0.5 … 2", "100%", "0.050", False)
    assert (lumped.span, lumped.visited, lumped.uneven) == ("-1 … 1 stops added", "10%", True)
    assert (fixed.span, fixed.visited, fixed.discrepancy, fixed.uneven) == ("0 … 0.1 s", "–", "–", False)
    assert str(even.histogram).count("<rect") == 10
    assert section.pairs == "Of the 4 × 4 cells of 1 pairs of factors 50% were visited (47% expected)."
    assert section.distractors == "Distractors per variant (variants × number): 1 × 0, 2 × 2."
    assert section.without_effect.endswith("show nothing of mass.")
    (place,) = section.places
    assert (place.prop, place.cells, place.span, place.stayed) == ("mug", 7, "0.31 × 0.12 m", "25%")


def test_names_are_escaped_in_the_plot(drawn: Variants) -> None:
    section = describe_randomization(drawn)
    assert section is not None
    assert "dim&lt;b&gt;" in section.plot
    assert "<b>" not in section.plot


def test_a_record_without_coverage_has_no_section(tmp_path: Path) -> None:
    assert describe_randomization(Variants(tmp_path)) is None
