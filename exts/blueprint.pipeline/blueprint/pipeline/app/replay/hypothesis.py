"""Try what would have happened: an episode again with something changed, written beside it and compared with it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from blueprint.pipeline.app.opened_episode import OpenedEpisode, open_episode, run_of
from blueprint.pipeline.errors import FolderUnusable

from .comparison import Comparison, compare
from .resimulate import resimulate
from .settings import parse_settings
from .written import write_replay


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What is to be different, and from which frame on."""

    settings: tuple[str, ...]
    from_frame: int = 0


def try_hypothesis(opened: OpenedEpisode, hypothesis: Hypothesis, folder: Path | None = None) -> Comparison:
    """Go on from a frame with something changed; the new episode is written to a folder, by default of the run."""
    changes = parse_settings(hypothesis.settings, opened.summary.object)
    said = [change.sentence() for change in changes]
    if hypothesis.from_frame:
        said.append(f"from frame {hypothesis.from_frame} on")
    target = folder or default_folder(opened, said)
    made = resimulate(opened, changes, hypothesis.from_frame)
    write_replay(opened, made, target, changed=said, from_frame=hypothesis.from_frame)
    return compare(opened, open_episode(str(target)), tuple(said))


def default_folder(opened: OpenedEpisode, said: Sequence[str]) -> Path:
    """Return a folder of the run, named by the episode and by what was changed; raises FolderUnusable without a run."""
    run = run_of(opened)
    if run is None:
        raise FolderUnusable(opened.episode.folder.name, "the episode is in no run; say where to with --out")
    name = re.sub(r"[^a-z0-9.]+", "_", "_".join([opened.summary.id, *said]).lower()).strip("_")
    return run / "replays" / name
