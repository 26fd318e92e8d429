"""`blueprint run RECIPE`: the recipe's settings are flags, with its values as defaults."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from blueprint.pipeline.app.attention import worst_remark
from blueprint.pipeline.app.next_steps import next_steps, outcome_lines
from blueprint.pipeline.app.robot_checks import check_robots
from blueprint.pipeline.app.robot_runs import is_of_several, sentences
from blueprint.pipeline.app.workbench import RunResult, run
from blueprint.pipeline.cli.faces import FaceName, open_face
from blueprint.pipeline.errors import RecipeError
from blueprint.pipeline.recipe import Recipe, faults_named, load_recipe


@dataclass(frozen=True)
class RunCommand:
    """Run a pipeline: what is in the store is reused, what is missing is made."""

    recipe: Annotated[Recipe, tyro.conf.arg(name="")]
    out: Path
    """Folder for the records, the report, the scene and the dataset."""
    until: str | None = None
    """Last stage to run."""
    face: FaceName = "auto"
    """How events are shown: bars in a terminal, plain lines, or JSON lines on standard output."""


def split_recipe(argv: Sequence[str], command: str) -> tuple[Path, list[str]]:
    """Take the recipe's path off the front of the arguments; raises RecipeError when there is none."""
    if not argv or argv[0].startswith("-"):
        usage = f"usage: blueprint {command} RECIPE [--SECTION.FIELD VALUE ...] --out FOLDER"
        hint = f"`blueprint {command} config/recipes/tabletop.yaml --help` lists every field"
        raise RecipeError("RECIPE", [f"the path of a recipe is missing; {usage}; {hint}"])
    return Path(argv[0]), list(argv[1:])


SHORT_FLAGS = {"--executor": "--run.executor", "--workers": "--run.workers"}
"""What people type most often of how the work is carried out."""


def written_out(flags: Sequence[str]) -> list[str]:
    """Return flags with the short ones as the fields they stand for, `--flag VALUE` and `--flag=VALUE` alike."""
    parts = [flag.partition("=") for flag in flags]
    return [SHORT_FLAGS.get(name, name) + equals + value for name, equals, value in parts]


def run_recipe(path: Path, flags: Sequence[str], *, prog: str, out: Path) -> int:
    """Run a recipe with the fields that flags change, and say where the results are; returns the exit code."""
    default = RunCommand(load_recipe(path), out)
    with faults_named(path.name):
        command = tyro.cli(RunCommand, args=written_out(flags), default=default, prog=prog)
    check_robots(command.recipe)
    result = run(command.recipe, command.out, faces=[open_face(command.face)], until=command.until)
    return conclude(result)


def main(argv: Sequence[str]) -> int:
    """Run the recipe whose path comes first."""
    path, flags = split_recipe(argv, "run")
    return run_recipe(path, flags, prog=f"blueprint run {path}", out=Path("runs") / path.stem)


def conclude(result: RunResult) -> int:
    """Say in words how a run ended, where its results are, and what can be done with them."""
    root = result.folder.root
    if is_of_several(root):
        for robot, words in sentences(root):
            sys.stderr.write(f"{robot:<16} {words}\n")
        sys.stderr.write(f"report: {root / 'report.html'}\n")
        return result.exit_code
    if not result.succeeded:
        sys.stderr.writelines(f"{line}\n" for line in failure_lines(result))
        return result.exit_code
    for line in outcome_lines(result.folder):
        sys.stderr.write(f"{line}\n")
    if remark := worst_remark(result.folder):
        sys.stderr.write(f"look at first: {remark}\n")
    sys.stderr.write(f"report: {root / 'report.html'}\n")
    if result.folder.dataset.is_dir():
        older = (
            "" if "export" in result.folder.load()["stages"] else ", which an earlier run has made of other episodes"
        )
        sys.stderr.write(f"dataset: {root / 'dataset'}{older}\n")
    for step in next_steps(result.folder):
        sys.stderr.write(f"next: {step}\n")
    return 0


def failure_lines(result: RunResult) -> Iterator[str]:
    """Say why a run failed, unless its faces have, where the rest is written, and how to go on."""
    root = result.folder.root
    if not result.told:
        yield f"error: {result.message}"
    for name in ("report.html", "failure.json"):
        if (root / name).is_file():
            yield f"{name.partition('.')[0]}: {root / name}"
    yield "next: put this right and give the same command again, which goes on from what is finished"
