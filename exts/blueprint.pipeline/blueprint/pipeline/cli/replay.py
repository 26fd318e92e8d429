"""`blueprint replay`: step a recorded episode again, bit for bit or with something changed."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import tyro


@dataclass(frozen=True)
class ReplayCommand:
    """Step a recorded episode again and compare; exit code 1 where it differs, 2 where it cannot be replayed.

    With something changed, the episode goes on from the frame with the same commands (with another grasp or motion it
    is planned anew from the start), becomes an episode of its own, and is compared with what was recorded.
    """

    path: tyro.conf.Positional[str]
    """Run, dataset or episode; RUN:episode_0003 and DATASET:3 name one of them."""
    episode: int | None = None
    """Number of the episode of the run or dataset; where left out, all of them are stepped again."""
    start: Annotated[int, tyro.conf.arg(name="from")] = 0
    """Frame from which to step again."""
    set: tuple[str, ...] = ()
    """Physical numbers to change, such as `friction=0.3`, `mass_kg=2x` or `gravity_m_s2=1.6`."""
    grasp: int | None = None
    """Plan anew with this grasp of the object, by its number in the table on the episode's page."""
    motion_seed: int | None = None
    """Plan anew with this seed of the search for motions."""
    out: Path | None = None
    """Folder for the episode with something changed; beside the run, in `replays/`, where left out."""
    html: Path | None = None
    """Write a page that shows both episodes on one clock."""
    render: bool = True
    """Draw the pictures that an episode lacks, for the page."""
    json: bool = False
    """Print JSON."""


def main(argv: Sequence[str]) -> int:
    """Replay and say what was found."""
    command = tyro.cli(ReplayCommand, args=list(argv), prog="blueprint replay")
    if command.set or command.grasp is not None or command.motion_seed is not None:
        return _suppose(command)
    return _repeat_all(command) if _is_of_many(command) else _repeat(command)


def _is_of_many(command: ReplayCommand) -> bool:
    from blueprint.pipeline.app.opened_episode import is_collection

    return command.episode is None and is_collection(Path(command.path))


def _repeat_all(command: ReplayCommand) -> int:
    from blueprint.pipeline.app.replay.every import replay_every

    found = replay_every(Path(command.path), command.start)
    data = {**asdict(found), "passed": found.passed}
    sys.stdout.write((json.dumps(data, indent=1) if command.json else "\n".join(found.sentences())) + "\n")
    return 0 if found.passed else 1


def _repeat(command: ReplayCommand) -> int:
    from blueprint.pipeline.app.opened_episode import open_episode
    from blueprint.pipeline.app.replay.exact import replay_exactly

    found = replay_exactly(open_episode(command.path, command.episode), command.start)
    data = {**asdict(found), "bitwise": found.bitwise, "passed": found.passed}
    sys.stdout.write((json.dumps(data, indent=1) if command.json else found.sentence()) + "\n")
    return 0 if found.passed else 1


def _suppose(command: ReplayCommand) -> int:
    from blueprint.pipeline.app.opened_episode import open_episode
    from blueprint.pipeline.app.replay.hypothesis import Hypothesis, try_hypothesis

    opened = open_episode(command.path, command.episode)
    asked = Hypothesis(command.set, command.start, command.grasp, command.motion_seed)
    comparison = try_hypothesis(opened, asked, command.out)
    folder = comparison.after.episode.folder
    if command.html is not None:
        from blueprint.pipeline.app.replay.comparison import write_comparison_page

        write_comparison_page(comparison, command.html, render=command.render)
        sys.stderr.write(f"page: {command.html}\n")
    sys.stderr.write(f"episode: {folder}\n")
    sys.stdout.write(
        (json.dumps(comparison.data(), indent=1) if command.json else "\n".join(comparison.sentences())) + "\n"
    )
    return 0
