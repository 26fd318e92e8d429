"""Step every episode of a run or dataset again, bit for bit."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from blueprint.pipeline.app.opened_episode import episode_names, open_episode

from .exact import ExactReplay, replay_exactly


@dataclass(frozen=True, slots=True)
class EveryReplay:
    """What became of replaying many episodes; `still` counts those in which nothing moved."""

    replays: tuple[ExactReplay, ...]
    still: int

    @property
    def passed(self) -> bool:
        """Whether there was something to replay and all of it is what was recorded."""
        return bool(self.replays) and all(replay.passed for replay in self.replays)

    def sentences(self) -> Iterator[str]:
        """Yield each that differs, and how many are the same."""
        yield from (replay.sentence() for replay in self.replays if not replay.passed)
        same, steps = sum(replay.passed for replay in self.replays), sum(replay.steps for replay in self.replays)
        how = "bit for bit" if all(replay.bitwise for replay in self.replays) else "within 1e-6 m and judged alike"
        moved = f"; in {self.still} more nothing moved" if self.still else ""
        yield f"{same} of {len(self.replays)} episodes identical, {steps} steps {how}{moved}"


def replay_every(collection: Path, from_frame: int = 0) -> EveryReplay:
    """Replay all episodes of a run or dataset from a frame; raises ReplayRefused for the first that has changed."""
    replays: list[ExactReplay] = []
    still = 0
    for name in episode_names(collection):
        opened = open_episode(f"{collection}:{name}")
        if opened.states is None:
            still += 1
            continue
        replays.append(replay_exactly(opened, min(from_frame, opened.summary.frame_count - 2)))
    return EveryReplay(tuple(replays), still)
