"""Work off tasks in child processes, each of which keeps what it has loaded from one task to the next."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from blueprint.pipeline.app.crew import Crew, Inbox, say_when_it_ends
from blueprint.pipeline.app.environment import worker_environment
from blueprint.pipeline.engine.events import Emit
from blueprint.pipeline.engine.perform import Ended, Source, Task

LOG_LIMIT_BYTES = 8 << 20
WORKER_COMMAND = (sys.executable, "-m", "blueprint.pipeline.app.worker")


class ChildWorker:
    """One child process and the two threads that read from it; a `Hand` of a crew.

    `more` are further variables of its environment, `folder` is its working directory where it is not this one.
    """

    def __init__(
        self,
        number: int,
        inbox: Inbox,
        command: Sequence[str],
        log: Path,
        *,
        more: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self._number = number
        log.parent.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**worker_environment(os.environ), **(more or {})},
            start_new_session=True,
            cwd=folder,
        )
        self._readers = (
            threading.Thread(
                target=say_when_it_ends, args=(number, inbox, log, partial(self._hear, inbox)), daemon=True
            ),
            threading.Thread(target=self._keep_log, args=(log,), daemon=True),
        )
        for reader in self._readers:
            reader.start()

    def give(self, task: Task) -> None:
        """Hand over a task."""
        self.give_line(json.dumps(asdict(task)))

    def give_line(self, line: str) -> None:
        """Hand over a task that is written as JSON already."""
        assert self.process.stdin is not None
        # A child that has just died is reported as gone by the thread that listens to it.
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()

    def kill(self) -> None:
        """End the child with its whole process group, and take what it said last into the log."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for reader in self._readers:
            reader.join(timeout=5)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def process_id(self) -> int | None:
        """Return its process id, None when it has ended."""
        return self.process.pid if self.process.poll() is None else None

    def _hear(self, inbox: Inbox) -> str:
        """Pass on what the child says until it has gone; returns why it has."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            # The last line of a killed child may be half written.
            if line.endswith(b"\n"):
                inbox.put((self._number, json.loads(line)))
        return f"its process died with status {self.process.wait()}"

    def _keep_log(self, log: Path) -> None:
        """Keep the first megabytes of what the child prints; the rest is read and thrown away.

        A disk that is full costs lines of the log and nothing else: the child's own writing says that it is full.
        """
        assert self.process.stderr is not None
        left = LOG_LIMIT_BYTES
        while block := self.process.stderr.read1(1 << 16):  # type: ignore[attr-defined]
            # Opened for each block: a log that cannot be opened must not leave the child waiting for a reader.
            if left > 0:
                with contextlib.suppress(OSError), log.open("ab", buffering=0) as stream:
                    stream.write(block[:left])
            left -= len(block)


class ProcessExecutor:
    """Runs tasks in up to `count` child processes.

    A worker that dies is replaced and its task tried again up to `retries` times; a deadline that passes or a worker
    that falls silent fails the stage, or loses the item where the stage spares it. `devices` names the graphics
    processors of each worker in turn, for CUDA_VISIBLE_DEVICES; without any that variable stays as it is.
    """

    def __init__(
        self,
        count: int,
        log_folder: Path,
        command: Sequence[str] = WORKER_COMMAND,
        *,
        retries: int = 1,
        devices: Sequence[str] = (),
    ) -> None:
        self._logs, self._command, self._devices = log_folder, tuple(command), tuple(devices)
        self._crew = Crew(count, self._start, retries=retries)

    def run(self, source: Source, emit: Emit) -> Iterator[Ended]:
        """Yield each task that has ended; raises at a failure of the stage, after ending every child."""
        return self._crew.run(source, emit)

    def prepare(self, stages: Sequence[str]) -> None:
        """Let the first child, which gets what is not mapped, begin to load what later stages need."""
        if stages and not self._crew.size:
            self._crew.start(tuple(stages))

    def close(self) -> None:
        """End every child."""
        self._crew.close()

    def child_ids(self) -> list[int]:
        """List the process ids of the children that are alive."""
        return self._crew.process_ids()

    def _start(self, number: int, inbox: Inbox, to_prepare: tuple[str, ...]) -> ChildWorker:
        more: dict[str, str] = {}
        if self._devices:
            more["CUDA_VISIBLE_DEVICES"] = self._devices[(number - 1) % len(self._devices)]
        log = self._logs / f"worker-{number}.log"
        return ChildWorker(number, inbox, (*self._command, *to_prepare), log, more=more)
