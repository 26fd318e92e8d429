"""`blueprint sample`: write a sample scan."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from blueprint.pipeline.samples import ENVIRONMENTS, write_sample_scan


@dataclass(frozen=True)
class SampleCommand:
    """Write a sample scan in the layout of a finished 3D-RE-GEN run."""

    environment: Annotated[str, tyro.conf.arg(help=f"One of {', '.join(ENVIRONMENTS)}.")] = "kitchen"
    out: Path = Path("kitchen")
    """Folder to write; it must not exist or be empty."""
    seed: int = 0
    """Seed of the arrangement."""


_RUN = "blueprint run config/recipes/tabletop.yaml"


def main(argv: Sequence[str]) -> int:
    """Write the scan and say how to run it."""
    command = tyro.cli(SampleCommand, args=list(argv), prog="blueprint sample")
    write_sample_scan(command.environment, command.out, seed=command.seed)
    sys.stdout.write(f"wrote {command.out}\nnext: {_RUN} --ingest.source {command.out} --out runs/mine\n")
    return 0
