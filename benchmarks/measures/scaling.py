"""The same attempts with one worker and with two: how much faster, and what each costs."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure, Goal, NotMeasured, Reference
from benchmarks.processes import blueprint, events_of
from benchmarks.scenes import DEMO_RECIPE, demo_run

from blueprint.pipeline.app.slots import usable_cores

ATTEMPTS = {"state-only": (120, "none"), "with two cameras": (32, "kept")}
"""Enough that starting the workers, and the last one's wait for the other, weigh little."""
SPEED_UP = {name: Goal(f"scaling, two workers over one, {name}", "times", ">=", 1.85) for name in ATTEMPTS}
COST = {
    name: Goal(f"scaling, processor time of an attempt, two workers over one, {name}", "times") for name in ATTEMPTS
}
RATE = {name: Goal(f"scaling, attempts of two workers, {name}", "per minute") for name in ATTEMPTS}
GOALS = tuple(goal for name in ATTEMPTS for goal in (SPEED_UP[name], RATE[name], COST[name]))
DEADLINE_S = 1800


@dataclass(frozen=True)
class Batch:
    """What a batch took; `stage_s` is the wall time of the stage, workers' start included."""

    stage_s: float
    cpu_s: float


def measure(workplace: Path) -> list[Figure]:
    """Make the same attempts twice from the demo's scene, each time in a folder that has none."""
    if usable_cores() < 2:
        raise NotMeasured("two workers need two cores")
    figures: list[Figure] = []
    for name, (count, render) in ATTEMPTS.items():
        one, two = (_batch(workplace, workers, count, render) for workers in (1, 2))
        rate = 60 * count / two.stage_s
        reference = Reference("one worker, per minute", 60 * count / one.stage_s)
        note = f"{count} attempts in {one.stage_s:.1f} s and {two.stage_s:.1f} s, start of the workers included"
        figures += [
            Figure(SPEED_UP[name], one.stage_s / two.stage_s, note),
            Figure(RATE[name], rate, reference=reference),
            Figure(COST[name], two.cpu_s / one.cpu_s, "above 1: the workers share memory bandwidth and caches"),
        ]
    return figures


def _batch(workplace: Path, workers: int, count: int, render: str) -> Batch:
    run, out = demo_run(workplace), workplace / "scaling"
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(run.root / "store", out / "store", copy_function=os.link)
    call = blueprint(
        "run",
        DEMO_RECIPE,
        # Another seed than the demo's, so that none of its attempts is found.
        *("--generate.seed", "1000", "--generate.episodes", "100000", "--generate.max-attempts", str(count)),
        *("--generate.least-success-share", "0", "--generate.render", render),
        *("--run.workers", str(workers), "--until", "generate", "--out", out),
        log=workplace / f"scaling_{workers}.log",
        deadline_s=DEADLINE_S,
    ).must_succeed(f"the batch of {workers} workers")
    finished = [event for event in events_of(out) if event["event"] == "Finished" and event["stage"] == "generate"]
    if len(finished) != 1:
        raise NotMeasured("the stage generate was not made anew")
    return Batch(finished[0]["duration_s"], call.cpu_s)
