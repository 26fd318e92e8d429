"""`blueprint demo`: the sample scan to a certified dataset."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro

from blueprint.pipeline.app.workbench import run
from blueprint.pipeline.cli.faces import FaceName, open_face
from blueprint.pipeline.cli.run import conclude
from blueprint.pipeline.recipe import load_recipe
from blueprint.pipeline.resources import resource_path


@dataclass(frozen=True)
class DemoCommand:
    """Take the sample kitchen scan to a certified dataset."""

    out: Path = Path("runs/demo")
    """Folder for the records, the report, the scene and the dataset."""
    face: FaceName = "auto"
    """How events are shown: bars in a terminal, plain lines, or JSON lines on standard output."""


def main(argv: Sequence[str]) -> int:
    """Run the demo recipe."""
    command = tyro.cli(DemoCommand, args=list(argv), prog="blueprint demo")
    recipe = load_recipe(resource_path("config", "recipes/demo.yaml"))
    return conclude(run(recipe, command.out, faces=[open_face(command.face)]))
