"""Plots: what they draw, and that nothing of a name becomes markup."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from tests.app.small_run import ATTACK

from blueprint.pipeline.app.report.plots import Bar, Dot, Series, Span, bar_plot, dot_plot, line_plot, span_plot


def points(text: str) -> list[tuple[float, float]]:
    """Return the corners of the only line of a plot."""
    (path,) = re.findall(r'class="line"[^>]* d="([^"]*)"', text)
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


def test_a_line_runs_from_left_to_right_and_rises_with_its_values() -> None:
    drawn = points(line_plot("height", "m", [0.0, 1.0, 2.0], [Series("h", np.array([0.0, 1.0, 3.0]))]))
    xs, ys = zip(*drawn, strict=True)
    assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1], abs=0.2)
    # Pixels count downwards; the second step is twice the first.
    assert (ys[1] - ys[2]) == pytest.approx(2 * (ys[0] - ys[1]), abs=0.3)


def test_a_gap_stays_a_gap() -> None:
    text = line_plot("h", "m", [0, 1, 2, 3], [Series("h", np.array([0.0, np.nan, 1.0, 2.0]))])
    (path,) = re.findall(r' d="([^"]*)"', text)
    assert path.count("M") == 2
    assert "nan" not in text


@pytest.mark.parametrize("values", [np.zeros(0), np.array([np.nan, np.inf])])
def test_nothing_finite_reads_not_measured(values: np.ndarray) -> None:
    assert "not measured" in line_plot("force", "N", np.arange(len(values)), [Series("f", values)])
    assert "not measured" in line_plot("force", "N", [0.0, 1.0], [])


def test_a_constant_has_an_axis() -> None:
    drawn = points(line_plot("h", "m", [0.0, 1.0], [Series("h", np.array([5.0, 5.0]))]))
    assert drawn[0][1] == drawn[1][1]


def test_a_peak_survives_thinning() -> None:
    values = np.zeros(20_000)
    values[12_345] = 7.0
    drawn = points(line_plot("force", "N", np.arange(20_000.0), [Series("f", values)]))
    assert len(drawn) < 700
    assert min(y for _, y in drawn) < 30


@pytest.mark.parametrize(
    "text",
    [
        line_plot(ATTACK, ATTACK, [0.0, 1.0], [Series(ATTACK, np.ones(2)), Series('"', np.ones(2))], mark_x=0.5),
        bar_plot(ATTACK, ATTACK, [Bar(ATTACK, 1, 2, ATTACK), Bar('"><b>', 0, 0, "0 of 0")]),
        dot_plot(ATTACK, ATTACK, [Dot(ATTACK, 1.0, ATTACK, doubtful=True)], reference=1.0, reference_name=ATTACK),
        span_plot(ATTACK, [0.0, 1.0], [Span(ATTACK, 0, 1)]),
    ],
)
def test_names_are_escaped_and_the_drawing_is_sound(text: str) -> None:
    assert ATTACK not in text
    ElementTree.fromstring(f"<page>{text}</page>")


def test_a_bar_is_its_share_of_the_trough() -> None:
    text = bar_plot("success", "", [Bar("mug", 1, 4, "1 of 4")])
    widths = dict(re.findall(r'<rect class="(\w+)"[^>]* width="([\d.]+)"', text))
    assert float(widths["bar"]) == pytest.approx(float(widths["trough"]) / 4, abs=0.1)
