"""`blueprint tasks [RUN_OR_RECIPE]`: the tasks that there are, or what a scene and its robot allow of them."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import tyro

from blueprint.pipeline.errors import ScanError

if TYPE_CHECKING:
    from blueprint.pipeline.app.offered_tasks import OfferedTask
    from blueprint.pipeline.app.runs import RunFolder


@dataclass(frozen=True)
class TasksCommand:
    """List tasks; with a run or a recipe, what its scene and robot allow of them, and the reason against the others."""

    source: tyro.conf.Positional[Path | None] = None
    """A run's folder, or a recipe whose run is runs/RECIPE; left out, the task files are listed."""
    run: Path | None = None
    """Folder of the recipe's run."""
    check: Path | None = None
    """A task file of one's own that is to be checked."""
    json: bool = False
    """Print JSON."""


def main(argv: Sequence[str]) -> int:
    """Print what was asked for."""
    command = tyro.cli(TasksCommand, args=list(argv), prog="blueprint tasks")
    if command.check is not None:
        sys.stdout.write(_checked(command.check))
    elif command.source is None:
        sys.stdout.write(_listed())
    else:
        sys.stdout.write(_offered(_folder(command.source, command.run), as_json=command.json))
    return 0


def _checked(path: Path) -> str:
    from blueprint.pipeline.tasks.library import load_template

    template = load_template(path)
    roles = ", ".join(f"{name} ({role.kind})" for name, role in template.roles.items())
    return f"{path.name} is sound: {template.summary}\n  roles: {roles}\n  steps: {len(template.steps)}\n"


def _listed() -> str:
    from blueprint.pipeline.tasks.library import find_tasks, load_templates

    templates = load_templates(find_tasks()).values()
    width = max(len(template.name) for template in templates)
    rows = [f"  {template.name.ljust(width)}  {template.difficulty:.1f}  {template.summary}" for template in templates]
    return "\n".join(["task, difficulty and what is done", *rows, ""])


def _folder(source: Path, run: Path | None) -> "RunFolder":
    from blueprint.pipeline.app.runs import RUN_FILE, RunFolder

    folder = RunFolder(source if source.is_dir() else run or Path("runs") / source.stem)
    if not source.is_dir() and not (folder.root / RUN_FILE).is_file():
        command = f"blueprint run {source} --out {folder.root} --until offer"
        raise ScanError(source.name, "has not been run yet.", expected=f"a run, made with `{command}`")
    return folder


def _offered(folder: "RunFolder", *, as_json: bool) -> str:
    from blueprint.pipeline.app.offered_tasks import (
        not_graspable,
        offered_tasks,
        offers_as_json,
        offers_of,
        pairs_words,
    )

    offered = offers_of(folder)
    if as_json:
        return offers_as_json(offered) + "\n"
    found = [line for task in offered_tasks(offered) for line in _lines(task)]
    left_out = [f"not graspable, counted in no pair: {words}" for words in not_graspable(offered.offers)]
    refused = [
        f"  no  {pair.object} {pair.template}: {pair.reason}" for pair in offered.offers.pairs() if not pair.feasible
    ]
    return "\n".join([*found, *left_out, pairs_words(offered.offers), *refused, ""])


def _lines(task: "OfferedTask") -> list[str]:
    if not task.offers:
        return [f"{task.name}: {task.absent or 'nothing in the scene fits its roles'}"]
    head = f"{task.name}: {task.feasible} of {len(task.offers)} can be done"
    marks = [
        ("yes", offer.id, "") if offer.feasible else ("no ", offer.id, f": {offer.reason}") for offer in task.offers
    ]
    return [head, *(f"  {mark} {name.split('/', 1)[1]}{reason}" for mark, name, reason in marks)]
