"""`blueprint sample`: write a sample scan."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro

from blueprint.pipeline.samples import write_sample_scan


@dataclass(frozen=True)
class SampleCommand:
    """Write a sample scan in the layout of a finished 3D-RE-GEN run."""

    environment: str = "kitchen"
    """Name of the environment."""
    out: Path = Path("kitchen")
    """Folder to write; it must not exist or be empty."""
    seed: int = 0
    """Seed of the arrangement."""


def main(argv: Sequence[str]) -> int:
    """Write the scan and say how to run it."""
    command = tyro.cli(SampleCommand, args=list(argv), prog="blueprint sample")
    write_sample_scan(command.environment, command.out, seed=command.seed)
    sys.stdout.write(f"wrote {command.out}; run it with: blueprint run RECIPE --ingest.source {command.out}\n")
    return 0
