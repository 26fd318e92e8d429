"""What runs on a node of a Ray cluster: a supervisor of one child process, which is the same worker as anywhere else.

The supervisor is a Ray actor and imports nothing of Ray. The child may hang, die or be killed; the supervisor stays,
says so, and carries records where the node does not see the store.
"""

import os
import queue
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from blueprint.pipeline.app.portable import lay_out, shipped_digests
from blueprint.pipeline.app.processes import ChildWorker
from blueprint.pipeline.app.record_transfer import made_keys, pack_record, unpack_record
from blueprint.pipeline.engine.keys import installed_versions
from blueprint.pipeline.engine.store import Record, Store
from blueprint.pipeline.errors import BlueprintError

DISTRIBUTION = "blueprint-pipeline"
HEAR_S = 1.0


class NodeWorker:
    """One worker on a node; `session` names the run, whose workers on one node share what they were sent.

    The child's working directory holds `own`, what the run may name from its own, and nothing else.
    """

    def __init__(self, number: int, session: str, module: str, own: Mapping[str, bytes]) -> None:
        self._inbox: queue.Queue[tuple[int, dict[str, Any]]] = queue.Queue()
        self._folder = Path(tempfile.gettempdir()) / f"blueprint-{session}"
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._mark = self._folder / f"worker-{number}"
        self._mark.touch()
        self._log, self._log_read = self._mark.with_suffix(".log"), 0
        self._store = Store(self._folder / "store")
        home = self._folder / f"home-{number}"
        lay_out(own, home)
        self._child = ChildWorker(number, self._inbox, (sys.executable, "-m", module), self._log, folder=home)

    def look(self, store: str, probe: str, tools: Sequence[str], shipped: Mapping[str, str]) -> dict[str, Any]:
        """Say what this node is: whether it sees a store, by a file in it, and what is installed."""
        shared = (Path(store) / probe).is_file() and os.access(store, os.W_OK)
        versions = {**installed_versions(tools), DISTRIBUTION: metadata.version(DISTRIBUTION)}
        return {
            "node": os.uname().nodename,
            "shared": shared,
            "store": str(self._store.root),
            "versions": versions,
            "files": shipped_digests(shipped),
        }

    def process_id(self) -> int:
        """Return the id of the supervisor's own process on its node."""
        return os.getpid()

    def give(self, line: str) -> None:
        """Hand a task, as JSON, to the child."""
        self._child.give_line(line)

    def hear(self) -> tuple[list[dict[str, Any]], bytes]:
        """Return what the child has said since this was last asked, after waiting up to a second, and its new log."""
        heard: list[dict[str, Any]] = []
        try:
            heard.append(self._inbox.get(timeout=HEAR_S)[1])
            while True:
                heard.append(self._inbox.get_nowait()[1])
        except queue.Empty:
            return heard, self._new_log()

    def missing(self, keys: Sequence[str]) -> list[str]:
        """List those of some records that this node was not sent yet."""
        return [key for key in keys if self._store.find(key, Record) is None]

    def receive(self, key: str, archive: bytes) -> str:
        """Put a packed record into this node's store; returns why it could not, or nothing."""
        try:
            unpack_record(self._store, key, archive)
        except BlueprintError as error:
            return str(error)
        return ""

    def hand_back(self, key: str, inputs: Sequence[str]) -> Mapping[str, bytes]:
        """Return a record that the child has made, with the partial results beside it, packed; they are not kept."""
        keys = made_keys(self._store, key, inputs)
        packed = {each: pack_record(self._store, each) for each in keys}
        shutil.rmtree(self._store.records / key)
        return packed

    def end(self) -> None:
        """End the child; the last worker of a run on this node removes what was sent here."""
        self._child.kill()
        self._mark.unlink(missing_ok=True)
        if not any(path.suffix == "" and path.is_file() for path in self._folder.glob("worker-*")):
            shutil.rmtree(self._folder, ignore_errors=True)

    def _new_log(self) -> bytes:
        if not self._log.is_file():
            return b""
        with self._log.open("rb") as stream:
            stream.seek(self._log_read)
            new = stream.read()
        self._log_read += len(new)
        return new
