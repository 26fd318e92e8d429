"""Work off tasks in this process, one after the other."""

from collections.abc import Iterator, Mapping, Sequence

from blueprint.pipeline.engine.events import Emit
from blueprint.pipeline.engine.perform import Task, perform
from blueprint.pipeline.engine.stage import Stage


class InlineExecutor:
    """The executor for tests and debuggers: no processes, so a deadline cannot be enforced and is not."""

    def __init__(self, stages: Mapping[str, Stage]) -> None:
        self._stages = stages

    def run(self, tasks: Sequence[Task], emit: Emit) -> Iterator[Task]:
        """Yield each task when its record is stored."""
        for task in tasks:
            perform(task, self._stages[task.stage], emit)
            yield task

    def prepare(self, stages: Sequence[str]) -> None:
        """Begin to load what stages to come need, in processes of their own."""
        for name in stages:
            self._stages[name].warm_up()

    def close(self) -> None:
        """Nothing to end."""
