"""`blueprint plan RECIPE`: what a run would compute and what it would reuse."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from blueprint.pipeline.app.robot_checks import check_robots
from blueprint.pipeline.app.workbench import describe_plan, plan
from blueprint.pipeline.cli.run import split_recipe
from blueprint.pipeline.recipe import Recipe, faults_named, load_recipe


@dataclass(frozen=True)
class PlanCommand:
    """Say what a run would compute and what it would reuse; writes nothing."""

    recipe: Annotated[Recipe, tyro.conf.arg(name="")]
    out: Path
    """Folder of the run."""
    until: str | None = None
    """Last stage to run."""
    json: bool = False
    """Print JSON."""


def main(argv: Sequence[str]) -> int:
    """Parse the flags and print the plan."""
    path, flags = split_recipe(argv, "plan")
    default = PlanCommand(load_recipe(path), Path("runs") / path.stem)
    with faults_named(path.name):
        command = tyro.cli(PlanCommand, args=flags, default=default, prog=f"blueprint plan {path}")
    check_robots(command.recipe)
    planned = plan(command.recipe, command.out, command.until)
    if command.json:
        sys.stdout.write(json.dumps(describe_plan(planned), indent=1) + "\n")
        return 0
    for entry in planned:
        detail = f"  ({entry.why})" if entry.why else ""
        sys.stdout.write(f"{entry.state:<7} {entry.name:<11} {entry.label}{detail}\n")
    return 0
