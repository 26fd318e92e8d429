"""`blueprint gc RUN`: remove records that a run's folder no longer needs."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro

from blueprint.pipeline.app.workbench import collect_garbage


@dataclass(frozen=True)
class GcCommand:
    """Remove every record that the folder's last run does not need, and what interrupted runs left."""

    run: tyro.conf.Positional[Path]
    """Folder of the run."""


def main(argv: Sequence[str]) -> int:
    """Shrink the store and say by how much."""
    command = tyro.cli(GcCommand, args=list(argv), prog="blueprint gc")
    freed = collect_garbage(command.run)
    sys.stdout.write(f"{freed / 1e6:.1f} MB freed\n")
    return 0
