"""Work off one task: run a stage's function for one record and store the result.

Everything a task names is plain JSON data, so it can cross a process, machine or interpreter border.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from blueprint.pipeline.engine.events import Emit
from blueprint.pipeline.engine.keys import cpu_class, key_of
from blueprint.pipeline.engine.stage import Item, Settings, Stage, Work
from blueprint.pipeline.engine.store import INPUT_KEYS, LEFT_OUT, Store, disk_full_named
from blueprint.pipeline.errors import DiskFull, InputError, ItemRejected, MissingTool, RecordDamaged, StageFailed


@dataclass(frozen=True)
class Task:
    """One record to make; `inputs` maps parameter names to keys in the store.

    `may_be_lost` says that the stage goes on without this item when making it fails.
    """

    stage: str
    store: str
    header: dict[str, Any]
    settings: dict[str, Any]
    inputs: dict[str, str]
    deadline_s: float
    item: dict[str, Any] = field(default_factory=dict[str, Any])
    may_be_lost: bool = False

    @cached_property
    def key(self) -> str:
        """Key of the record to make."""
        return key_of(self.header)

    @property
    def item_id(self) -> str:
        """Id of the item, or an empty text for a stage that is not mapped."""
        return str(self.item.get("id", ""))


@dataclass(frozen=True)
class Ended:
    """A task whose record is stored, or which is lost for a reason that begins with a code such as `timeout`."""

    task: Task
    duration_s: float
    lost: str = ""


class Source(Protocol):
    """Gives out tasks one by one."""

    def take(self) -> Task | None:
        """Return the next task, None when there is none; another may follow once a running one has ended."""
        ...


class Executor(Protocol):
    """Works off tasks, in this process or in others."""

    def run(self, source: Source, emit: Emit) -> Iterator[Ended]:
        """Yield each task that has ended, in any order, until nothing runs and the source gives none.

        What the caller notes between two of them decides what the source gives next. Raises at a failure that the
        stage cannot go on without.
        """
        ...

    def prepare(self, stages: Sequence[str]) -> None:
        """Begin to load what these stages need, beside the work; never waits. Called when the first task is known."""
        ...

    def close(self) -> None:
        """End every process it started."""
        ...


def make_task(
    stage: Stage,
    *,
    store: Store,
    header: dict[str, Any],
    settings: Settings,
    inputs: Mapping[str, str],
    item: Item | None = None,
) -> Task:
    """Describe the making of one record as plain data."""
    data = {} if item is None else {"id": item.id, "values": dict(item.values), "inputs": list(item.inputs)}
    dump = settings.model_dump(mode="json")
    return Task(stage.name, str(store.root), header, dump, dict(inputs), stage.deadline_s, data, stage.spares_lost)


FATAL = (InputError, DiskFull, MissingTool, RecordDamaged)
"""Failures that every further item would meet too."""


def reason_lost(error: Exception) -> str:
    """Return why an item is lost, code first; raises the error when no stage can go on after it."""
    if isinstance(error, FATAL):
        raise error
    return f"error: {type(error).__name__}: {error}"


def perform(task: Task, stage: Stage, emit: Emit) -> Path:
    """Run a stage's function for one task and commit its record; returns the record's folder.

    An item that its function rejects becomes an empty record that says why, so that it is not tried again.
    """
    store = Store(Path(task.store))
    work = Work(store.begin(task.key), store=store.root)
    arguments: dict[str, Any] = {
        name: kind(store.records / task.inputs[name]) for name, kind in stage.inputs.items() if name in task.inputs
    }
    if task.item:
        arguments["item"] = Item(task.item["id"], task.item["values"], tuple(task.item["inputs"]))
    steps = stage.function(work=work, settings=stage.settings_type.model_validate(task.settings), **arguments)
    left_out = ""
    try:
        with disk_full_named(store.root):
            result = _drain(steps, stage, task.item_id, emit)
        expected = stage.item_output or stage.output
        if not isinstance(result, expected) or result.folder != work.folder:
            raise StageFailed(stage.name, f"returned {result!r} instead of {expected.__name__}(work.folder)")
    except ItemRejected as error:
        if not task.item:
            raise
        left_out, work = error.reason, Work(store.begin(task.key))
    checks = [dataclasses.asdict(check) for check in work.checks]
    header = {**task.header, "key": task.key, "checks": checks, "cpu": cpu_class(), LEFT_OUT: left_out}
    header[INPUT_KEYS] = sorted({*task.inputs.values(), *work.remembered})
    return store.commit(work.folder, header)


def _drain(steps: Any, stage: Stage, item: str, emit: Emit) -> Any:
    while True:
        try:
            event = next(steps)
        except StopIteration as stop:
            return stop.value
        emit(dataclasses.replace(event, stage=stage.name, item=item))
