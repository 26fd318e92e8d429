"""The same attempts with one worker and with two: how much faster they are made, and what starting costs."""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, Goal, NotMeasured, Reference
from benchmarks.processes import blueprint, events_of
from benchmarks.scenes import DEMO_RECIPE, demo_run

from blueprint.pipeline.app.slots import usable_cores

ATTEMPTS = {"state-only": (60, "none"), "with two cameras": (14, "kept")}
WORKERS = 2
SPEED_UP = {name: Goal(f"scaling, two workers over one, {name}", "times", ">=", 1.85) for name in ATTEMPTS}
RATE = {name: Goal(f"scaling, attempts of two workers, {name}", "per minute") for name in ATTEMPTS}
START = {name: Goal(f"scaling, from the command to the first attempt, {name}", "s") for name in ATTEMPTS}
GOALS = tuple(goal for name in ATTEMPTS for goal in (SPEED_UP[name], RATE[name], START[name]))
DEADLINE_S = 900


@dataclass(frozen=True)
class Batch:
    """When the attempts of a batch were finished, in seconds since the command began: (number, time), in that order."""

    workers: int
    finished_s: Sequence[tuple[int, float]]

    @property
    def start_s(self) -> float:
        """How long the command took to its first attempt: reading the store, starting a worker, loading."""
        return self.finished_s[0][1]

    def durations_s(self) -> dict[int, float]:
        """Return how long a worker had each attempt, handing over included, by number.

        Attempts are handed out by number, each to the worker that has just finished one, so attempt k begins when
        the one before it on the same worker ends. The first of each worker, in which everything loads, has no entry.
        """
        times = [time_s for _, time_s in self.finished_s]
        numbers = range(self.workers, len(times))
        ends = dict(self.finished_s)
        return {number: ends[number] - times[number - self.workers] for number in numbers}


def measure(workplace: Path) -> list[Figure]:
    """Make the same attempts twice from the demo's scene, each time in a folder that has none."""
    if usable_cores() < WORKERS:
        raise NotMeasured("two workers need two cores")
    figures: list[Figure] = []
    for name, (count, render) in ATTEMPTS.items():
        figures += compared(name, *(_batch(workplace, workers, count, render) for workers in (1, WORKERS)))
    return figures


def compared(name: str, one: Batch, two: Batch) -> list[Figure]:
    """Return the figures of two batches of the same attempts, those taken alone in which both workers are busy.

    Left out are the first two of each worker, while libraries load, and the last ones, while a worker has no more.
    """
    alone, beside = one.durations_s(), two.durations_s()
    numbers = range(2 * two.workers, len(two.finished_s) - two.workers + 1)
    alone_s, beside_s = (sum(each[number] for number in numbers) for each in (alone, beside))
    note = (
        f"steady state: attempts {numbers[0]} to {numbers[-1]} of both batches, from one's end to the next one's end "
        f"on the same worker; {alone_s:.1f} s with one worker, {beside_s / two.workers:.1f} s with two"
    )
    per_minute = 60 * two.workers * len(numbers) / beside_s
    reference = Reference("one worker, per minute", 60 * len(numbers) / alone_s)
    started = Reference("one worker, s", one.start_s)
    return [
        Figure(SPEED_UP[name], two.workers * alone_s / beside_s, note),
        Figure(RATE[name], per_minute, "in the same attempts", reference),
        Figure(START[name], two.start_s, "reading the store, starting the workers, the first attempt", started),
    ]


def _batch(workplace: Path, workers: int, count: int, render: str) -> Batch:
    run, out = demo_run(workplace), workplace / "scaling"
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(run.root / "store", out / "store", copy_function=os.link)
    blueprint(
        "run",
        DEMO_RECIPE,
        # Another seed than the demo's, so that none of its attempts is found.
        *("--generate.seed", "1000", "--generate.episodes", "100000", "--generate.max-attempts", str(count)),
        *("--generate.least-success-share", "0", "--generate.render", render),
        *("--run.workers", str(workers), "--until", "generate", "--out", out),
        log=workplace / f"scaling_{workers}.log",
        deadline_s=DEADLINE_S,
    ).must_succeed(f"the batch of {workers} workers")
    return read_batch(events_of(out), workers, count)


def read_batch(events: Sequence[Mapping[str, Any]], workers: int, count: int) -> Batch:
    """Return what the events of a run say of its attempts; raises NotMeasured where not each was made, once."""
    made = [event for event in events if event["event"] == "ItemFinished" and event["stage"] == "generate"]
    if any(event["reused"] for event in made) or len(made) != count:
        raise NotMeasured(f"the stage generate did not make its {count} attempts anew")
    told = [event["message"] for event in events if event["event"] == "Warned" and event["stage"] == "generate"]
    if repeated := [message for message in told if message.endswith("tried again")]:
        raise NotMeasured(f"an attempt was tried again: {repeated[0]}")
    return Batch(workers, [(int(event["item"].rpartition("_")[2]), event["elapsed_s"]) for event in made])
