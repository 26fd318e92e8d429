"""Work off items on a Ray cluster that is connected.

Each worker is an actor on some node that supervises a child process (`app.ray_worker`); the crew's rules about death,
deadlines and retries are those of local processes. Portable items are sent (`app.portable`); every other task is made
here.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from blueprint.pipeline.app.crew import Crew, Inbox
from blueprint.pipeline.app.portable import is_portable, own_files
from blueprint.pipeline.app.processes import WORKER_COMMAND, ProcessExecutor
from blueprint.pipeline.app.ray_hand import Parcels, RayHand
from blueprint.pipeline.app.ray_worker import NodeWorker
from blueprint.pipeline.engine.events import Emit
from blueprint.pipeline.engine.perform import Ended, Source, Task
from blueprint.pipeline.engine.stage import Stage
from blueprint.pipeline.recipe import RunSettings

WORKER_MODULE = "blueprint.pipeline.app.worker"
PATIENCE_S = 600.0
"""A cluster that has to start machines first takes minutes."""


class RayExecutor:
    """Runs items on a cluster that `ray.init` has connected to, and every other task in one process here."""

    def __init__(
        self,
        settings: RunSettings,
        count: int,
        logs: Path,
        stages: Mapping[str, Stage],
        *,
        module: str = WORKER_MODULE,
        command: Sequence[str] = WORKER_COMMAND,
    ) -> None:
        self._settings, self._logs, self._stages, self._module = settings, logs, stages, module
        self.session, self._parcels, self._own = uuid.uuid4().hex, Parcels(), own_files()
        self._here = ProcessExecutor(1, logs, command, retries=settings.retries)
        self._crew = Crew(count, self._start, retries=settings.retries, patience_s=PATIENCE_S)

    def run(self, source: Source, emit: Emit) -> Iterator[Ended]:
        """Yield each task that has ended; raises at a failure that the stage cannot go on without."""
        first = source.take()
        if first is None:
            return iter(())
        return (self._crew if is_portable(first, self._stages) else self._here).run(Pushed(first, source), emit)

    def prepare(self, stages: Sequence[str]) -> None:
        """Let the process here begin to load what later stages need."""
        self._here.prepare(stages)

    def close(self) -> None:
        """End every worker and leave the cluster; one that was started here ends."""
        import ray

        self._here.close()
        self._crew.close()
        ray.shutdown()

    def child_ids(self) -> list[int]:
        """List the process ids of the children on this machine that this executor started itself."""
        return self._here.child_ids()

    def _start(self, number: int, inbox: Inbox, _: tuple[str, ...]) -> RayHand:
        import ray

        settings = self._settings
        options = {"num_cpus": settings.cpus_per_worker, "num_gpus": settings.gpus_per_worker}
        # Three calls at a time: listening takes one for itself.
        made: Any = ray.remote(NodeWorker).options(max_restarts=0, max_concurrency=3, **options)
        actor = made.remote(number, self.session, self._module, self._own)
        return RayHand(number, inbox, actor, self._logs / f"ray-worker-{number}.log", self._parcels, self._stages)


class Pushed:
    """A source with one task put back in front."""

    def __init__(self, first: Task, rest: Source) -> None:
        self._first: Task | None = first
        self._rest = rest

    def take(self) -> Task | None:
        """Return the next task."""
        first, self._first = self._first, None
        return first or self._rest.take()
