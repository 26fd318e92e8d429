"""`blueprint replay`: step a recorded episode again, bit for bit or with something changed."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

import tyro


@dataclass(frozen=True)
class ReplayCommand:
    """Step a recorded episode again and compare; exit code 1 where it differs, 2 where it cannot be replayed."""

    path: tyro.conf.Positional[str]
    """Run, dataset or episode; RUN:episode_0003 and DATASET:3 name one of them."""
    episode: int | None = None
    """Number of the episode of the run or dataset."""
    start: Annotated[int, tyro.conf.arg(name="from")] = 0
    """Frame from which to step again."""
    json: bool = False
    """Print JSON."""


def main(argv: Sequence[str]) -> int:
    """Replay and say what was found."""
    command = tyro.cli(ReplayCommand, args=list(argv), prog="blueprint replay")
    from blueprint.pipeline.app.opened_episode import open_episode
    from blueprint.pipeline.app.replay.exact import replay_exactly

    found = replay_exactly(open_episode(command.path, command.episode), command.start)
    data = {**asdict(found), "bitwise": found.bitwise, "passed": found.passed}
    sys.stdout.write((json.dumps(data, indent=1) if command.json else found.sentence()) + "\n")
    return 0 if found.passed else 1
