"""Attempts at episodes of a finished scene, made in this process as a worker makes them."""

import gc
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.app.worker import GARBAGE_THRESHOLD
from blueprint.pipeline.engine.perform import Ended, perform
from blueprint.pipeline.engine.plan import plan_stage
from blueprint.pipeline.engine.store import Record, Store
from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.generate.stage import GenerateSettings, generate
from blueprint.pipeline.pipeline import STAGES


def store_beside(run: RunFolder, folder: Path) -> Store:
    """Return a store with the records of a run, by hard link, to which attempts can be added without touching it."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(run.root / "store", folder, copy_function=os.link)
    return Store(folder)


def inputs_of(run: RunFolder, store: Store) -> dict[str, Record]:
    """Return what the stage `generate` reads, from a store that holds a run's records."""
    by_type = {
        STAGES[name].output: STAGES[name].output(store.records / entry["key"])
        for name, entry in run.load()["stages"].items()
    }
    return {name: by_type[kind] for name, kind in generate.inputs.items()}


def attempts(run: RunFolder, folder: Path, count: int, settings: Mapping[str, Any]) -> Iterator[Episode]:
    """Make so many attempts, and yield each when it is stored."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    store = store_beside(run, folder)
    wanted = GenerateSettings(episodes=count, max_attempts=count, least_success_share=0.0, **settings)
    # All are made: a stage that counted successes would stop earlier.
    work = plan_stage(generate, wanted.model_copy(update={"episodes": 100_000}), inputs_of(run, store), store).work
    while (task := work.take()) is not None:
        folder_made = perform(task, generate, lambda _: None)
        yield Episode(folder_made)
        work.end(Ended(task, 0.0))
