"""A hundred episodes of several tasks are stepped again and compared bit by bit; the demo's from their middle too.

Another run is measured with `blueprint replay RUN`, which ends with the same sentence.
"""

import os
import shutil
import time
from pathlib import Path

from benchmarks.figures import Figure, Goal
from benchmarks.processes import blueprint
from benchmarks.scenes import DEMO_RECIPE, demo_run

from blueprint.pipeline.app.replay.every import EveryReplay, replay_every
from blueprint.pipeline.app.runs import RunFolder

IDENTICAL = Goal("replay, episodes bit-identical", "share", ">=", 1.0)
SPEED = Goal("replay, recorded seconds per second", "s/s", ">=", 5.0)
GOALS = (IDENTICAL, SPEED)
MIDDLE_FRAME = 90
EPISODES, MOST = 100, 160
"""So many successes are asked for, so that a hundred have moved; failed ones that moved are stepped again too."""
TASKS = ("pick_place", "stack", "open_drawer", "push_to_region")
SEED = 2000
DEADLINE_S = 1200


def measure(workplace: Path) -> list[Figure]:
    """Replay new episodes of the demo's scene from frame 0, and the demo's own from later on."""
    demo, batch = demo_run(workplace), episodes_beside(demo_run(workplace), workplace / "replay")
    begin = time.perf_counter()
    passes = [replay_every(batch.root), replay_every(demo.root, MIDDLE_FRAME)]
    return figures(passes, time.perf_counter() - begin)


def episodes_beside(demo: RunFolder, out: Path, count: int = EPISODES) -> RunFolder:
    """Make state-only episodes in a run of its own from a scene that is there, and return it."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(demo.root / "store", out / "store", copy_function=os.link)
    blueprint(
        *("run", DEMO_RECIPE, "--generate.seed", str(SEED), "--generate.tasks", *TASKS, "--generate.render", "none"),
        *("--generate.episodes", str(count), "--generate.max-attempts", str(max(count, MOST * count // EPISODES))),
        *("--generate.least-success-share", "0", "--until", "generate", "--out", out),
        log=out.with_suffix(".log"),
        deadline_s=DEADLINE_S,
    ).must_succeed("the run of episodes to replay")
    return RunFolder(out)


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
