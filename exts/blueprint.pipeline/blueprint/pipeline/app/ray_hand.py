"""The near end of one worker on a node: sends it tasks with the records that they read, and hears what it says.

A node that does not see the store is sent the records that an item reads, and sends back what it made; both are
checked where they arrive.
"""

import contextlib
import json
import queue
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from blueprint.pipeline.app.crew import Inbox, append_trace
from blueprint.pipeline.app.messages import public_message
from blueprint.pipeline.app.portable import shipped_files
from blueprint.pipeline.app.processes import LOG_LIMIT_BYTES
from blueprint.pipeline.app.ray_worker import DISTRIBUTION
from blueprint.pipeline.app.record_transfer import needed_keys, pack_record, unpack_record
from blueprint.pipeline.engine.keys import installed_versions
from blueprint.pipeline.engine.perform import FATAL, Task
from blueprint.pipeline.engine.stage import Stage
from blueprint.pipeline.engine.store import Store
from blueprint.pipeline.errors import BlueprintError, InputError, RunError

ANSWER_S = 60.0
ENDING_S = 10.0


class NotReceived(RunError):
    """A node could not take records that an item reads."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(f"a node could not take what an item reads: {'; '.join(reasons)}")


class NodeDiffers(InputError):
    """A node has other versions or files than this machine, so that its records would not be what they say."""

    def __init__(self, node: str, differences: Sequence[str]) -> None:
        super().__init__(f"node {node} differs from this machine: {'; '.join(differences)}; install the same versions")


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
    """A worker on a node, a `Hand` of a crew; one thread sends to it, one listens."""

    def __init__(
        self, number: int, inbox: Inbox, actor: Any, log: Path, parcels: Parcels, stages: Mapping[str, Stage]
    ) -> None:
        self._number, self._inbox, self._actor = number, inbox, actor
        self._log, self._parcels, self._stages = log, parcels, stages
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
        # The node's working directory is another one.
        self._tasks.put(replace(task, store=str(Path(task.store).absolute())))

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
        """Do one piece of work after the other; whatever fails on the way is told to the crew."""
        while not self._ended.is_set():
            try:
                work()
            except FATAL as error:
                self._refuse(error)
            except Exception as error:  # noqa: BLE001 - the border of a thread: what it does not say nobody hears
                # The way to the worker is broken; another one may do.
                self._ended.set()
                self._say({"say": "gone", "why": self._why_gone(error)})

    def _why_gone(self, error: Exception) -> str:
        from ray.exceptions import RayError

        why = public_message(error).partition("\n")[0]
        if isinstance(error, RayError | BlueprintError | OSError):
            return f"its node is gone or out of order ({type(error).__name__}: {why})"
        append_trace(self._log, error)
        return f"speaking with its node failed ({why})"

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
        """Learn, once for each stage, whether the node sees the store; raises NodeDiffers where it is another one."""
        import ray

        if task.stage in self._agreed:
            return
        root, probe = Path(task.store), f".probe-{uuid.uuid4().hex}"
        root.mkdir(parents=True, exist_ok=True)
        (root / probe).touch()
        tools, shipped = list(task.header["tools"]), shipped_files(task, self._stages)
        try:
            seen: dict[str, Any] = ray.get(self._actor.look.remote(str(root), probe, tools, shipped), timeout=ANSWER_S)
        finally:
            (root / probe).unlink()
        if differences := _differences(task, seen, installed_versions([*tools, DISTRIBUTION])):
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
        """Keep the first megabytes of what the worker prints; a disk that is full costs lines of it alone."""
        with contextlib.suppress(OSError):
            size = self._log.stat().st_size if self._log.is_file() else 0
            if new and size < LOG_LIMIT_BYTES:
                self._log.parent.mkdir(parents=True, exist_ok=True)
                with self._log.open("ab") as stream:
                    stream.write(new[: LOG_LIMIT_BYTES - size])


def _differences(task: Task, seen: Mapping[str, Any], ours: Mapping[str, str]) -> list[str]:
    """Say in what a node differs from this machine as far as a task depends on it."""
    versions = [
        f"{name} {seen['versions'][name]} there, {version} here"
        for name, version in ours.items()
        if seen["versions"][name] != version
    ]
    files = [
        f"its file {name} is another one"
        for name, digest in seen["files"].items()
        if digest != task.header["foreign"][name]
    ]
    return versions + files
