"""Figures beside goals: what was not measured never counts as met, and never gets a number."""

import json
from pathlib import Path

import pytest
from benchmarks.figures import (
    Figure,
    Goal,
    Reference,
    complete,
    entries,
    figure_data,
    figure_from,
    load_entries,
    save_entries,
    unmeasured,
)

QUICK = Goal("quick", "s", "<=", 5)
MANY = Goal("many", "episodes", ">=", 8)
FREE = Goal("free", "s")


@pytest.mark.parametrize(
    ("goal", "value", "met"),
    [
        (QUICK, 5.0, True),
        (QUICK, 5.1, False),
        (QUICK, None, False),
        (MANY, 8.0, True),
        (MANY, 7.0, False),
        (MANY, None, False),
        (FREE, 3.0, None),
        (FREE, None, None),
    ],
)
def test_a_goal_is_met_by_a_measured_value_only(goal: Goal, value: float | None, met: bool | None) -> None:
    assert goal.met_by(value) is met


def test_a_goal_without_a_figure_is_entered_as_not_measured() -> None:
    figures = complete([QUICK, MANY], [Figure(MANY, 9.0)])
    assert [figure.goal for figure in figures] == [QUICK, MANY]
    assert figures[0].value is None
    assert "not measured" in figures[0].sentence()
    assert "NOT MET" in figures[0].sentence()


def test_a_ratio_compares_with_the_reference() -> None:
    assert Figure(QUICK, 3.0, reference=Reference("cold", 12.0)).ratio == pytest.approx(0.25)
    assert Figure(QUICK, None, reference=Reference("cold", 12.0)).ratio is None
    assert Figure(QUICK, 3.0).ratio is None


def test_a_figure_crosses_a_process_border() -> None:
    figure = Figure(QUICK, 3.0, "note", Reference("cold", 12.0))
    assert figure_from(json.loads(json.dumps(figure_data(figure)))) == figure


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_is_not_finite_is_not_measured(value: float) -> None:
    figure = figure_from(figure_data(Figure(QUICK, value)))
    assert figure.value is None
    assert "came out as" in figure.note


def test_entries_carry_machine_and_commit() -> None:
    entry = entries("demo", [Figure(QUICK, 3.0, reference=Reference("cold", 12.0))], {"cpu": "x"}, "abc")[0]
    assert {"name", "value", "unit", "reference", "ratio", "goal", "met", "machine", "commit"} <= entry.keys()
    assert (entry["goal"], entry["met"], entry["ratio"], entry["commit"]) == ("<= 5 s", True, 0.25, "abc")


def test_measuring_one_benchmark_again_keeps_the_others(tmp_path: Path) -> None:
    path, order = tmp_path / "results.json", ("demo", "episode")
    first = entries("demo", [Figure(QUICK, 3.0)], {}, "one") + entries("episode", [Figure(MANY, 9.0)], {}, "one")
    save_entries(path, order, first)
    save_entries(path, order, load_entries(path), entries("demo", unmeasured([QUICK], "broke"), {}, "two"))
    found = {entry["name"]: (entry["value"], entry["commit"]) for entry in load_entries(path)}
    assert found == {"quick": (None, "two"), "many": (9.0, "one")}
