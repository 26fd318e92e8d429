"""Every episode of a run is stepped again from its start and from its middle, and compared bit by bit.

Another run than the demo's is measured with `blueprint replay RUN`, which ends with the same sentence.
"""

import time
from pathlib import Path

from benchmarks.figures import Figure, Goal
from benchmarks.scenes import demo_run

from blueprint.pipeline.app.replay.every import EveryReplay, replay_every

IDENTICAL = Goal("replay, episodes bit-identical", "share", ">=", 1.0)
SPEED = Goal("replay, recorded seconds per second", "s/s", ">=", 5.0)
GOALS = (IDENTICAL, SPEED)
MIDDLE_FRAME = 90


def measure(workplace: Path) -> list[Figure]:
    """Replay the demo's episodes; each counts twice, from frame 0 and from later on."""
    run = demo_run(workplace).root
    begin = time.perf_counter()
    passes = [replay_every(run), replay_every(run, MIDDLE_FRAME)]
    return figures(passes, time.perf_counter() - begin)


def figures(passes: list[EveryReplay], duration_s: float) -> list[Figure]:
    """Return the figures of some passes over episodes."""
    replays = [replay for each in passes for replay in each.replays]
    same = sum(replay.passed and replay.bitwise for replay in replays)
    steps = sum(replay.steps for replay in replays)
    said = "; ".join(sentence for each in passes for sentence in each.sentences())
    # The engine's step is a 240th of a second.
    return [
        Figure(IDENTICAL, same / len(replays) if replays else 0.0, said),
        Figure(SPEED, steps / 240 / duration_s, f"{steps} steps in {duration_s:.1f} s, opening the scene each time"),
    ]
