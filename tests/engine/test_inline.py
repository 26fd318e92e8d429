"""What a later stage needs is begun once, when the first record has to be made, and not when all is reused."""

from collections.abc import Iterator
from pathlib import Path

from blueprint.pipeline.engine.events import Emit, Tape
from blueprint.pipeline.engine.inline import InlineExecutor
from blueprint.pipeline.engine.perform import Ended, Source
from blueprint.pipeline.engine.run import RunState, run_pipeline
from blueprint.pipeline.engine.stage import Settings, Steps, Work, stage
from blueprint.pipeline.engine.store import Record, Store

begun: list[str] = []


def note() -> None:
    begun.append("loading")


class NoSettings(Settings, frozen=True):
    """Nothing to set."""


class Early(Record):
    """What the first stage writes."""


class Late(Record):
    """What the second stage writes."""


@stage(version=1)
def first(work: Work, settings: NoSettings) -> Steps[Early]:
    """Work."""
    yield from ()
    return Early(work.folder)


@stage(version=1, warm_up=note)
def second(work: Work, early: Early, settings: NoSettings) -> Steps[Late]:
    """Work with what takes long to load."""
    yield from ()
    return Late(work.folder)


class Watching(InlineExecutor):
    """Remembers how much was begun when each task came."""

    def __init__(self) -> None:
        super().__init__({"first": first, "second": second})
        self.seen: list[tuple[str, int]] = []

    def run(self, source: Source, emit: Emit) -> Iterator[Ended]:
        for ended in super().run(source, emit):
            self.seen.append((ended.task.stage, len(begun)))
            yield ended


def test_it_is_begun_before_the_first_task_and_never_for_reused_records(tmp_path: Path) -> None:
    begun.clear()
    sections = {"first": NoSettings(), "second": NoSettings()}
    executor = Watching()
    run_pipeline((first, second), sections, Store(tmp_path), executor, Tape(), RunState())
    assert executor.seen == [("first", 1), ("second", 1)]
    run_pipeline((first, second), sections, Store(tmp_path), executor, Tape(), RunState())
    assert begun == ["loading"]
