"""`blueprint show PATH`: what a folder is, in words or as JSON; of an episode also as a page or a Rerun recording."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro


@dataclass(frozen=True)
class ShowCommand:
    """Say what a scan, scene, asset, run, episode or dataset is and contains."""

    path: tyro.conf.Positional[str]
    """Folder to look at; an episode is also RUN:episode_0003 or DATASET:3."""
    episode: int | None = None
    """Number of an episode of the run or dataset."""
    html: Path | None = None
    """Write the page of an episode to this file: videos, plots and events on one clock."""
    rerun: Path | None = None
    """Write an episode as a recording for the Rerun viewer (.rrd) to this file."""
    render: bool = True
    """Draw the pictures that an episode lacks from its recorded states."""
    json: bool = False
    """Print JSON."""


def main(argv: Sequence[str]) -> int:
    """Print the summary and write what was asked for."""
    from blueprint.pipeline.app.show import show

    command = tyro.cli(ShowCommand, args=list(argv), prog="blueprint show")
    summary = show(command.path, command.episode)
    sys.stdout.write(
        (json.dumps(summary.data, indent=1, ensure_ascii=False) if command.json else summary.text()) + "\n"
    )
    if command.html is not None or command.rerun is not None:
        _write(command)
    return 0


def _write(command: ShowCommand) -> None:
    from blueprint.pipeline.app.opened_episode import open_episode

    opened = open_episode(command.path, command.episode)
    if command.html is not None:
        from blueprint.pipeline.app.episode_page.page import write_episode_page

        write_episode_page(opened, command.html, render=command.render)
        sys.stderr.write(f"page: {command.html}\n")
    if command.rerun is not None:
        from blueprint.pipeline.app.rerun_export import write_recording

        write_recording(opened, command.rerun, render=command.render)
        sys.stderr.write(f"recording: {command.rerun}\n")
