"""Work off items on a Ray cluster, or on one that is started on this machine.

Each worker is an actor on some node that supervises a child process (`app.ray_worker`); the crew's rules about death,
deadlines and retries are those of local processes. Only items without files from outside the store are sent; every
other task is made here. A node that does not see the store is sent the records that an item reads, and sends back what
it made; both are checked where they arrive.
"""

import contextlib
import json
import logging
import os
import queue
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from blueprint.pipeline.app.crew import Crew, Inbox
from blueprint.pipeline.app.messages import public_message
from blueprint.pipeline.app.processes import LOG_LIMIT_BYTES, WORKER_COMMAND, ProcessExecutor
from blueprint.pipeline.app.ray_worker import DISTRIBUTION, NodeWorker
from blueprint.pipeline.app.record_transfer import needed_keys, pack_record, unpack_record
from blueprint.pipeline.app.slots import worker_count
from blueprint.pipeline.engine.events import Emit
from blueprint.pipeline.engine.keys import installed_versions
from blueprint.pipeline.engine.perform import Ended, Source, Task
from blueprint.pipeline.engine.store import Store
from blueprint.pipeline.errors import BlueprintError, InputError, MissingTool, RecordDamaged, RunError
from blueprint.pipeline.recipe import RunSettings
from blueprint.pipeline.services.secrets import PREFIX

WORKER_MODULE = "blueprint.pipeline.app.worker"
PATIENCE_S = 600.0
"""A cluster that has to start machines first takes minutes."""
ANSWER_S = 60.0
ENDING_S = 10.0
OBJECTS_BYTES = 512 << 20
"""Shared memory of a cluster started here; by default Ray takes a third of the machine's."""


class NoCluster(InputError):
    """The Ray cluster that was named does not answer."""

    def __init__(self, address: str, cause: str) -> None:
        super().__init__(
            f"run.ray_address {address!r}: no Ray cluster answers there ({cause}); start one with `ray start`"
        )


class NotReceived(RunError):
    """A node could not take records that an item reads."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(f"a node could not take what an item reads: {'; '.join(reasons)}")


class NodeDiffers(InputError):
    """A node has other versions than this machine, so that its records would not be what they say."""

    def __init__(self, node: str, differences: Sequence[str]) -> None:
        super().__init__(f"node {node} differs from this machine: {'; '.join(differences)}; install the same versions")


def open_ray(settings: RunSettings, logs: Path) -> "RayExecutor":
    """Connect to a cluster, or start one here; raises MissingTool and NoCluster."""
    try:
        import ray
    except ModuleNotFoundError as error:
        raise MissingTool("ray", "run.executor 'ray'", "pip install 'blueprint-pipeline[ray]'") from error
    count = worker_count(settings)
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR, "include_dashboard": False}
    with _quiet_environment():
        if settings.ray_address:
            try:
                ray.init(settings.ray_address, log_to_driver=False, logging_level=logging.ERROR)
            except ConnectionError as error:
                raise NoCluster(settings.ray_address, public_message(error)) from error
        else:
            cores = count * settings.cpus_per_worker
            ray.init("local", num_cpus=cores, object_store_memory=OBJECTS_BYTES, **quiet)
    if settings.ray_address and not settings.workers:
        count = max(1, int(ray.cluster_resources().get("CPU", 1)) // settings.cpus_per_worker)
    return RayExecutor(settings, count, logs)


@contextmanager
def _quiet_environment() -> Iterator[None]:
    """Let what Ray starts here report nothing to anyone and see no secret."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
    for name in kept:
        del os.environ[name]
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        yield
    finally:
        os.environ.update(kept)


class RayExecutor:
    """Runs items on a cluster that `ray.init` has connected to, and every other task in one process here."""

    def __init__(
        self,
        settings: RunSettings,
        count: int,
        logs: Path,
        *,
        module: str = WORKER_MODULE,
        command: Sequence[str] = WORKER_COMMAND,
    ) -> None:
        self._settings, self._logs, self._module = settings, logs, module
        self.session, self._parcels = uuid.uuid4().hex, Parcels()
        self._here = ProcessExecutor(1, logs, command, retries=settings.retries)
        self._crew = Crew(count, self._start, retries=settings.retries, patience_s=PATIENCE_S)

    def run(self, source: Source, emit: Emit) -> Iterator[Ended]:
        """Yield each task that has ended; raises at a failure that the stage cannot go on without."""
        first = source.take()
        if first is None:
            return iter(())
        return (self._crew if is_portable(first) else self._here).run(Pushed(first, source), emit)

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

    def _start(self, number: int, inbox: Inbox, _: tuple[str, ...]) -> "RayHand":
        import ray

        settings = self._settings
        options = {"num_cpus": settings.cpus_per_worker, "num_gpus": settings.gpus_per_worker}
        # Three calls at a time: listening takes one for itself.
        made: Any = ray.remote(NodeWorker).options(max_restarts=0, max_concurrency=3, **options)
        actor = made.remote(number, self.session, self._module)
        return RayHand(number, inbox, actor, self._logs / f"ray-worker-{number}.log", self._parcels)


class Pushed:
    """A source with one task put back in front."""

    def __init__(self, first: Task, rest: Source) -> None:
        self._first: Task | None = first
        self._rest = rest

    def take(self) -> Task | None:
        """Return the next task."""
        first, self._first = self._first, None
        return first or self._rest.take()


def is_portable(task: Task) -> bool:
    """Whether a task can be made anywhere: an item that nothing from outside the store decides."""
    return bool(task.item) and not task.header["foreign"]


class Parcels:
    """Packed records in Ray's object store, each put there once."""

    def __init__(self) -> None:
        self._refs: dict[str, Any] = {}
        self._lock = threading.Lock()

    def parcel(self, store: Store, key: str) -> Any:
        """Return the reference of a packed record."""
        import ray

        with self._lock:
            if key not in self._refs:
                self._refs[key] = ray.put(pack_record(store, key))
            return self._refs[key]


class RayHand:
    """A worker on a node; one thread sends to it, one listens."""

    def __init__(self, number: int, inbox: Inbox, actor: Any, log: Path, parcels: Parcels) -> None:
        self._number, self._inbox, self._actor = number, inbox, actor
        self._log, self._parcels = log, parcels
        self._ended, self._task = threading.Event(), None
        self._task: Task | None
        self._shared: bool | None = None
        self._node_store, self._agreed = "", set[str]()
        self._tasks: queue.Queue[Task] = queue.Queue()
        self._threads = [
            threading.Thread(target=self._until_ended, args=(work,), daemon=True) for work in (self._listen, self._send)
        ]
        for thread in self._threads:
            thread.start()

    def give(self, task: Task) -> None:
        """Hand over a task, to be sent with what the node lacks for it."""
        self._tasks.put(task)

    def kill(self) -> None:
        """End the child and the actor."""
        import ray
        from ray.exceptions import RayError

        self._ended.set()
        with contextlib.suppress(RayError):
            ray.get(self._actor.end.remote(), timeout=ENDING_S)
        ray.kill(self._actor, no_restart=True)
        # A thread that outlived the connection would open another one.
        for thread in self._threads:
            thread.join(timeout=ENDING_S)

    def process_id(self) -> int | None:
        """Return None: the process may run on any machine."""
        return None

    def _until_ended(self, work: Callable[[], None]) -> None:
        """Do one piece of work after the other; what fails on the way is told to the crew."""
        from ray.exceptions import RayError

        while not self._ended.is_set():
            try:
                work()
            except (InputError, RecordDamaged) as error:
                self._refuse(error)
            except (RayError, BlueprintError, OSError) as error:
                # The way to the worker is broken; another one may do.
                self._ended.set()
                why = public_message(error).partition("\n")[0]
                self._say({"say": "gone", "why": f"its node is gone or out of order ({type(error).__name__}: {why})"})

    def _refuse(self, error: BlueprintError) -> None:
        """Tell the crew of a fault that every worker would meet."""
        kind, message = type(error).__name__, public_message(error)
        self._say({"say": "failed", "kind": kind, "exit_code": error.exit_code, "fatal": True, "message": message})

    def _say(self, message: dict[str, Any]) -> None:
        self._inbox.put((self._number, message))

    # --- sending

    def _send(self) -> None:
        import ray

        try:
            task = self._tasks.get(timeout=1.0)
        except queue.Empty:
            return
        self._agree(task)
        self._task = task
        if not self._shared:
            store = Store(Path(task.store))
            lacking = ray.get(self._actor.missing.remote(needed_keys(store, task.inputs.values())), timeout=ANSWER_S)
            sent = [self._actor.receive.remote(key, self._parcels.parcel(store, key)) for key in lacking]
            if refused := [answer for answer in ray.get(sent) if answer]:
                raise NotReceived(refused)
            task = replace(task, store=self._node_store)
        ray.get(self._actor.give.remote(json.dumps(asdict(task))), timeout=ANSWER_S)

    def _agree(self, task: Task) -> None:
        """Learn, once for each stage, whether the node sees the store; raises NodeDiffers where versions differ."""
        import ray

        if task.stage in self._agreed:
            return
        root, probe = Path(task.store), f".probe-{uuid.uuid4().hex}"
        root.mkdir(parents=True, exist_ok=True)
        (root / probe).touch()
        try:
            tools = list(task.header["tools"])
            seen: dict[str, Any] = ray.get(self._actor.look.remote(str(root), probe, tools), timeout=ANSWER_S)
        finally:
            (root / probe).unlink()
        ours = installed_versions([*tools, DISTRIBUTION])
        differences = [
            f"{name} {seen['versions'][name]} there, {version} here"
            for name, version in ours.items()
            if seen["versions"][name] != version
        ]
        if differences:
            raise NodeDiffers(seen["node"], differences)
        self._shared, self._node_store = self.sees_store(seen), seen["store"]
        self._agreed.add(task.stage)

    def sees_store(self, seen: Mapping[str, Any]) -> bool:
        """Whether the node reads and writes the store itself."""
        return seen["shared"]

    # --- hearing

    def _listen(self) -> None:
        import ray

        messages, log = ray.get(self._actor.hear.remote())
        self._keep_log(log)
        for message in messages:
            if message["say"] == "done" and self._task is not None and not self._shared:
                self._fetch(self._task)
            self._say(message)

    def _fetch(self, task: Task) -> None:
        """Take what the node has made into the store."""
        import ray

        store = Store(Path(task.store))
        parcels: dict[str, bytes] = ray.get(self._actor.hand_back.remote(task.key, list(task.inputs.values())))
        for key, archive in parcels.items():
            unpack_record(store, key, archive)

    def _keep_log(self, new: bytes) -> None:
        size = self._log.stat().st_size if self._log.is_file() else 0
        if new and size < LOG_LIMIT_BYTES:
            self._log.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(OSError), self._log.open("ab") as stream:
                stream.write(new[: LOG_LIMIT_BYTES - size])
