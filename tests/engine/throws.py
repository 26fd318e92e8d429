"""A pipeline that throws until enough throws hit, without robotics; a script says what becomes of each throw.

Letters of the script, which is repeated: `h` hits, `m` misses, `r` is rejected, `e` raises, `s` sleeps for a minute,
`k` kills its own process always, `K` once.
"""

import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pydantic import Field

from blueprint.pipeline.engine.attempts import SUCCESS, Aim, Attempts
from blueprint.pipeline.engine.events import Emit, Progress
from blueprint.pipeline.engine.inline import InlineExecutor
from blueprint.pipeline.engine.perform import Ended, Executor, Source
from blueprint.pipeline.engine.run import RunState, run_pipeline
from blueprint.pipeline.engine.stage import (
    NOT_IN_KEY,
    Item,
    NumberedItems,
    Settings,
    Stage,
    Steps,
    Work,
    mapped_stage,
    stage,
)
from blueprint.pipeline.engine.store import MappedRecord, Record, Store
from blueprint.pipeline.errors import ItemRejected


class Throw(Record):
    @property
    def hit(self) -> bool:
        return (self.folder / "throw.txt").read_text() == "hit"


class Throws(MappedRecord):
    pass


class Score(Record):
    @property
    def value(self) -> int:
        return int((self.folder / "score.txt").read_text())


class ThrowSettings(Settings, frozen=True):
    script: str = Field("h", description="What becomes of each throw.")
    wanted: int = Field(3, description="Hits wanted.", json_schema_extra=NOT_IN_KEY)
    most: int = Field(12, description="Largest number of throws.", json_schema_extra=NOT_IN_KEY)
    least_share: float = Field(0.0, description="Smallest share of hits.", json_schema_extra=NOT_IN_KEY)
    judged_from: int = Field(4, description="Throws before the share is judged.", json_schema_extra=NOT_IN_KEY)
    died: Path = Field(Path(), description="Folder that remembers who has died.", json_schema_extra=NOT_IN_KEY)


class ScoreSettings(Settings, frozen=True):
    """Nothing to set."""


def list_throws(settings: ThrowSettings) -> Sequence[Item]:
    def describe(number: int) -> Item:
        return Item(f"throw_{number:03d}", {"number": number, "kind": settings.script[number % len(settings.script)]})

    return NumberedItems(settings.most, describe)


def aim_of(settings: ThrowSettings) -> Aim:
    return Aim(settings.wanted, settings.least_share, settings.judged_from)


def failure_of(throw: Throw) -> str:
    return SUCCESS if throw.hit else "missed"


@mapped_stage(version=1, items=list_throws, output=Throws, deadline_s=3, attempts=Attempts(aim_of, failure_of))
def throw(work: Work, item: Item, settings: ThrowSettings) -> Steps[Throw]:
    """Throw."""
    kind = item.values["kind"]
    yield Progress(0.5, kind)
    if kind == "r":
        raise ItemRejected(item.id, "the ball was flat")
    if kind == "e":
        raise RuntimeError("the arm broke")
    if kind == "s":
        time.sleep(60)
    if kind == "k" or (kind == "K" and not (settings.died / item.id).exists()):
        (settings.died / item.id).write_text("died")
        os.kill(os.getpid(), signal.SIGKILL)
    (work.folder / "throw.txt").write_text("miss" if kind == "m" else "hit")
    return Throw(work.folder)


@stage(version=1)
def score(work: Work, throws: Throws, settings: ScoreSettings) -> Steps[Score]:
    """Count the hits."""
    yield Progress(1.0)
    hits = sum(Throw(folder).hit for folder in throws.item_folders().values())
    (work.folder / "score.txt").write_text(str(hits))
    return Score(work.folder)


PIPELINE = (throw, score)
STAGES = {entry.name: entry for entry in PIPELINE}


def throw_all(store: Store, executor: Executor, emit: Emit, **settings: object) -> RunState:
    """Run the pipeline."""
    state = RunState()
    sections: dict[str, Settings] = {"throw": ThrowSettings.model_validate(settings), "score": ScoreSettings()}
    run_pipeline(PIPELINE, sections, store, executor, emit, state)
    return state


@dataclass
class Shuffled(InlineExecutor):
    """Takes tasks as `count` workers would, and ends them in an order that is drawn."""

    count: int
    seed: int
    stages: Mapping[str, Stage] = field(default_factory=lambda: STAGES)
    made: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        InlineExecutor.__init__(self, self.stages)

    def run(self, source: Source, emit: Emit) -> Iterator[Ended]:
        rng, held = np.random.default_rng(self.seed), []
        while True:
            while len(held) < self.count and (task := source.take()) is not None:
                held.append(task)
            if not held:
                return
            task = held.pop(int(rng.integers(len(held))))
            self.made.append(task.item_id)
            yield Ended(task, 1.0, self._perform(task, emit))
