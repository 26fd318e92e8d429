"""Try what would have happened: an episode again with something changed, written beside it and compared with it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from blueprint.pipeline.app.opened_episode import OpenedEpisode, open_episode, run_of
from blueprint.pipeline.errors import FolderUnusable, InputError
from blueprint.pipeline.sims.newton_mujoco.hypotheses import Change

from .comparison import Comparison, compare
from .replan import replan
from .resimulate import resimulate
from .settings import parse_settings
from .written import write_replay


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What is to be different, and from which frame on.

    With another grasp (its number in the object's table) or another seed of the motion search, the robot plans anew
    from the start; with physical settings alone it does what it did.
    """

    settings: tuple[str, ...] = ()
    from_frame: int = 0
    grasp: int | None = None
    motion_seed: int | None = None

    @property
    def planned_anew(self) -> bool:
        """Whether the robot has to plan again."""
        return self.grasp is not None or self.motion_seed is not None


class CannotGoOn(InputError):
    """A plan that is to be made anew from the middle of an episode."""

    def __init__(self, frame: int) -> None:
        super().__init__(
            f"--from {frame}: with another grasp or motion the robot plans anew from the start; leave --from out"
        )


def try_hypothesis(opened: OpenedEpisode, hypothesis: Hypothesis, folder: Path | None = None) -> Comparison:
    """Do an episode again with something changed; the new episode is written to a folder, by default of the run."""
    changes = parse_settings(hypothesis.settings, opened.summary.object)
    said = list(_sentences(opened, hypothesis, changes))
    target = folder or default_folder(opened, said)
    if hypothesis.planned_anew:
        if hypothesis.from_frame:
            raise CannotGoOn(hypothesis.from_frame)
        replan(opened, changes, target, said, grasp=hypothesis.grasp, motion_seed=hypothesis.motion_seed)
    else:
        made = resimulate(opened, changes, hypothesis.from_frame)
        write_replay(opened, made, target, changed=said, from_frame=hypothesis.from_frame)
    return compare(opened, open_episode(str(target)), tuple(said))


def _sentences(opened: OpenedEpisode, hypothesis: Hypothesis, changes: Sequence[Change]) -> Iterator[str]:
    yield from (change.sentence() for change in changes)
    if hypothesis.grasp is not None:
        yield f"grasp {hypothesis.grasp} of {opened.summary.object}"
    if hypothesis.motion_seed is not None:
        yield f"motion seed {hypothesis.motion_seed}"
    if hypothesis.from_frame:
        yield f"from frame {hypothesis.from_frame} on"


def default_folder(opened: OpenedEpisode, said: Sequence[str]) -> Path:
    """Return a folder of the run, named by the episode and by what was changed; raises FolderUnusable without a run."""
    run = run_of(opened)
    if run is None:
        raise FolderUnusable(opened.episode.folder.name, "the episode is in no run; say where to with --out")
    name = re.sub(r"[^a-z0-9.]+", "_", "_".join([opened.summary.id, *said]).lower()).strip("_")
    return run / "replays" / name
