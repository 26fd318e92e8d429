"""`blueprint demo`: the sample scan to a certified dataset."""

from collections.abc import Sequence
from pathlib import Path

from blueprint.pipeline.cli.run import run_recipe
from blueprint.pipeline.resources import resource_path


def main(argv: Sequence[str]) -> int:
    """Run the demo recipe; it takes the flags of `blueprint run`."""
    return run_recipe(resource_path("config", "recipes/demo.yaml"), argv, prog="blueprint demo", out=Path("runs/demo"))
