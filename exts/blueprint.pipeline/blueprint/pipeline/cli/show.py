"""`blueprint show PATH`: what a folder is, in words or as JSON."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro

from blueprint.pipeline.app.show import show


@dataclass(frozen=True)
class ShowCommand:
    """Say what a scan, scene, asset, run, episode or dataset is and contains."""

    path: tyro.conf.Positional[Path]
    """Folder to look at."""
    json: bool = False
    """Print JSON."""


def main(argv: Sequence[str]) -> int:
    """Print the summary."""
    command = tyro.cli(ShowCommand, args=list(argv), prog="blueprint show")
    summary = show(command.path)
    sys.stdout.write(
        (json.dumps(summary.data, indent=1, ensure_ascii=False) if command.json else summary.text()) + "\n"
    )
    return 0
