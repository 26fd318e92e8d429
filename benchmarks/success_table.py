"""Success by task, robot and scan: kept in benchmarks/success.json, read by people in docs/success.md."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import REPOSITORY

from blueprint.pipeline.app.intervals import wilson_interval

TABLE, PAGE = REPOSITORY / "benchmarks" / "success.json", REPOSITORY / "docs" / "success.md"
FORMAT, VERSION = "blueprint.success", 1

Families = Mapping[str, tuple[tuple[str, ...], float]]
"""Tasks that count together, and the share in per cent that is aimed at, by name."""


@dataclass(frozen=True)
class Cell:
    """One task of one robot in one scan; `failures` are counted by code, the most frequent first."""

    task: str
    attempts: int
    succeeded: int
    failures: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Scene:
    """What a robot came to in a scan: its cells, how many pairs of object and task it can do, claims the states deny.

    `message` says why there are no cells; `commit` is what was measured.
    """

    robot: str
    scan: str
    commit: str
    cells: tuple[Cell, ...] = ()
    pairs: int = 0
    feasible: int = 0
    denied: int = 0
    message: str = ""


def load_scenes(path: Path) -> list[Scene]:
    """Return what was measured before, nothing where the file is absent."""
    return [_scene(data) for data in json.loads(path.read_bytes())["scenes"]] if path.is_file() else []


def save_scenes(path: Path, scenes: Iterable[Scene]) -> list[Scene]:
    """Write scenes over those of the same robot and scan that are in the file; return all of it."""
    latest = {(scene.robot, scene.scan): scene for scene in (*load_scenes(path), *scenes)}
    ordered = [latest[key] for key in sorted(latest)]
    content = {"format": FORMAT, "version": VERSION, "scenes": [asdict(scene) for scene in ordered]}
    draft = path.with_name(f".{path.name}")
    draft.write_text(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    draft.replace(path)
    return ordered


def enter(scenes: Iterable[Scene], families: Families) -> None:
    """Enter scenes in the table and write the page anew."""
    PAGE.write_text(page(save_scenes(TABLE, scenes), families), encoding="utf-8")


def page(scenes: Sequence[Scene], families: Families) -> str:
    """Return the page: families by robot, then each robot's tasks by scan."""
    robots = list(dict.fromkeys(scene.robot for scene in scenes))
    parts = [_INTRODUCTION, "", *_by_family(scenes, robots, families)]
    for robot in robots:
        parts += ["", f"## {robot}", "", *_of_robot([scene for scene in scenes if scene.robot == robot])]
    return "\n".join(parts) + "\n"


_INTRODUCTION = """# Success by task, robot and scan

Attempts with the mild policy, planning failures counted, every success measured a second time from the recorded
states. A scan is tried with the tasks that are offered for it; what is not offered has no attempts and is counted
beside each scan. `benchmarks/try_robots.py` writes this page from `benchmarks/success.json`; intervals are Wilson's, of
95 %."""


def _by_family(scenes: Sequence[Scene], robots: Sequence[str], families: Families) -> list[str]:
    lines = [_row("", *robots, "aim"), _row(*["---"] * (len(robots) + 2))]
    for name, (tasks, aim) in families.items():
        shares = [
            _share([cell for scene in scenes if scene.robot == robot for cell in scene.cells], tasks)
            for robot in robots
        ]
        lines.append(_row(name, *shares, f"{aim:g} %"))
    return lines


def _share(cells: Iterable[Cell], tasks: Sequence[str]) -> str:
    chosen = [cell for cell in cells if cell.task in tasks]
    succeeded, attempts = sum(cell.succeeded for cell in chosen), sum(cell.attempts for cell in chosen)
    return f"{succeeded} of {attempts}, {100 * succeeded / attempts:.0f} %" if attempts else "no attempts"


def _of_robot(scenes: Sequence[Scene]) -> list[str]:
    lines = [_row("scan", "task", "succeeded", "interval", "most frequent failure"), _row(*["---"] * 5)]
    for scene in scenes:
        lines += [_row(scene.scan, *_words(cell)) for cell in scene.cells]
    told = [_offered(scene) for scene in scenes]
    return [*lines, "", *told] if any(scene.cells for scene in scenes) else told


def _words(cell: Cell) -> tuple[str, str, str, str]:
    interval = wilson_interval(cell.succeeded, cell.attempts)
    assert interval is not None, "a cell has attempts"
    low, high = interval
    worst = f"{cell.failures[0][1]} x {cell.failures[0][0].replace('_', ' ')}" if cell.failures else ""
    return cell.task, f"{cell.succeeded} of {cell.attempts}", f"{100 * low:.0f} to {100 * high:.0f} %", worst


def _offered(scene: Scene) -> str:
    pairs = f"{scene.feasible} of {scene.pairs} pairs of a graspable object and a task are offered"
    denied = f", successes that the second measurement denies: {scene.denied}" if scene.denied else ""
    why = f"; {scene.message}" if scene.message else ""
    return f"- {scene.scan}: {pairs}{denied}{why} (commit {scene.commit})."


def _row(*columns: str) -> str:
    return f"| {' | '.join(columns)} |"


def _scene(data: Mapping[str, Any]) -> Scene:
    cells = [
        Cell(
            cell["task"], cell["attempts"], cell["succeeded"], tuple((code, count) for code, count in cell["failures"])
        )
        for cell in data["cells"]
    ]
    return Scene(**{**data, "cells": tuple(cells)})
