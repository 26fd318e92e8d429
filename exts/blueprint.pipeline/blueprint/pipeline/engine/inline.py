"""Work off tasks in this process, one after the other."""

import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from blueprint.pipeline.engine.events import Emit
from blueprint.pipeline.engine.perform import Ended, Source, Task, perform, reason_lost
from blueprint.pipeline.engine.stage import Stage


class InlineExecutor:
    """The executor for tests and debuggers: no processes, so a deadline cannot be enforced and is not.

    The trace of an item that is lost goes into `log`, where one is given.
    """

    def __init__(self, stages: Mapping[str, Stage], log: Path | None = None) -> None:
        self._stages, self._log = stages, log

    def run(self, source: Source, emit: Emit) -> Iterator[Ended]:
        """Yield each task when it has ended."""
        while (task := source.take()) is not None:
            started_s = time.monotonic()
            lost = self._perform(task, emit)
            yield Ended(task, time.monotonic() - started_s, lost)

    def prepare(self, stages: Sequence[str]) -> None:
        """Begin to load what stages to come need, in processes of their own."""
        for name in stages:
            self._stages[name].warm_up()

    def close(self) -> None:
        """Nothing to end."""

    def _perform(self, task: Task, emit: Emit) -> str:
        """Make a record; returns why it is lost, where that may be."""
        if not task.may_be_lost:
            perform(task, self._stages[task.stage], emit)
            return ""
        try:
            perform(task, self._stages[task.stage], emit)
        except Exception as error:  # noqa: BLE001 - the same border that a worker process is: the item is lost, not the stage
            lost = reason_lost(error)
            self._keep_trace(error)
            return lost
        return ""

    def _keep_trace(self, error: Exception) -> None:
        if self._log is not None:
            self._log.parent.mkdir(parents=True, exist_ok=True)
            with self._log.open("a", encoding="utf-8") as stream:
                stream.writelines(traceback.format_exception(error))
