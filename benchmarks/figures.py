"""Figures: one measured number each, with its goal, and a reference measured in the same run where there is one."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

FORMAT, VERSION = "blueprint.benchmarks", 1


class NotMeasured(Exception):
    """A benchmark cannot run here; its figures are entered without a value, and their goals are not met."""


@dataclass(frozen=True)
class Goal:
    """What a figure should be; a figure without a limit is only reported."""

    name: str
    unit: str
    relation: Literal["<=", ">=", ""] = ""
    limit: float | None = None

    def sentence(self) -> str:
        """Say the goal in a few words."""
        return "" if self.limit is None else f"{self.relation} {self.limit:g} {self.unit}".strip()

    def met_by(self, value: float | None) -> bool | None:
        """Whether a value reaches the goal; None where there is none. What was not measured never does."""
        if self.limit is None:
            return None
        if value is None:
            return False
        return value <= self.limit if self.relation == "<=" else value >= self.limit


@dataclass(frozen=True)
class Reference:
    """A number of the same kind, measured in the same run, that a figure is compared with."""

    name: str
    value: float


@dataclass(frozen=True)
class Figure:
    """One number; `value` None means not measured, and `note` says why or what exactly it is."""

    goal: Goal
    value: float | None
    note: str = ""
    reference: Reference | None = None

    @property
    def ratio(self) -> float | None:
        """Value over reference."""
        if self.value is None or self.reference is None or self.reference.value == 0:
            return None
        return self.value / self.reference.value

    def sentence(self) -> str:
        """Say the figure beside its goal in one line."""
        value = "not measured" if self.value is None else f"{self.value:.4g} {self.goal.unit}".strip()
        met = {True: "met", False: "NOT MET", None: ""}[self.goal.met_by(self.value)]
        parts = [f"{self.goal.name:<44} {value:>18}  {self.goal.sentence():>14}  {met:<7}"]
        if self.ratio is not None and self.reference is not None:
            parts.append(f"{self.ratio:.3g} x {self.reference.name}")
        if self.note:
            parts.append(self.note)
        return "  ".join(parts).rstrip()


def unmeasured(goals: Iterable[Goal], reason: str) -> list[Figure]:
    """Enter goals without a value."""
    return [Figure(goal, None, reason) for goal in goals]


def complete(goals: Iterable[Goal], figures: Iterable[Figure]) -> list[Figure]:
    """Put figures in the order of their goals; a goal that nothing was measured for is entered as such."""
    found = {figure.goal.name: figure for figure in figures}
    return [found.get(goal.name) or Figure(goal, None, "the benchmark returned no value") for goal in goals]


def entries(benchmark: str, figures: Iterable[Figure], machine: Mapping[str, Any], commit: str) -> list[dict[str, Any]]:
    """Return figures as the entries of results.json."""
    return [
        {
            "benchmark": benchmark,
            "name": figure.goal.name,
            "value": figure.value,
            "unit": figure.goal.unit,
            "reference": asdict(figure.reference) if figure.reference else None,
            "ratio": figure.ratio,
            "goal": figure.goal.sentence() or None,
            "met": figure.goal.met_by(figure.value),
            "note": figure.note,
            "machine": dict(machine),
            "commit": commit,
        }
        for figure in figures
    ]


def load_entries(path: Path) -> list[dict[str, Any]]:
    """Return the entries of results.json, none where the file is absent."""
    return json.loads(path.read_bytes())["figures"] if path.is_file() else []


def save_entries(path: Path, order: Iterable[str], *groups: Iterable[dict[str, Any]]) -> None:
    """Write results.json; entries of a later group replace a benchmark's entries of an earlier one."""
    latest: dict[str, list[dict[str, Any]]] = {}
    for group in groups:
        fresh: dict[str, list[dict[str, Any]]] = {}
        for entry in group:
            fresh.setdefault(entry["benchmark"], []).append(entry)
        latest |= fresh
    figures = [entry for benchmark in order for entry in latest.get(benchmark, [])]
    content = {"format": FORMAT, "version": VERSION, "figures": figures}
    draft = path.with_name(f".{path.name}")
    draft.write_text(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    draft.replace(path)


def figure_data(figure: Figure) -> dict[str, Any]:
    """Return a figure as plain JSON data, to cross a process border."""
    return asdict(figure)


def figure_from(data: Mapping[str, Any]) -> Figure:
    """Rebuild a figure from `figure_data`; a value that is not finite counts as not measured."""
    reference = Reference(**data["reference"]) if data["reference"] else None
    figure = Figure(Goal(**data["goal"]), data["value"], data["note"], reference)
    if figure.value is not None and not abs(figure.value) < float("inf"):
        return replace(figure, value=None, note=f"came out as {figure.value}")
    return figure
