"""Work off tasks in child processes, each of which keeps what it has loaded from one task to the next."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from blueprint.pipeline.app.environment import worker_environment
from blueprint.pipeline.engine.events import Emit, decode_event
from blueprint.pipeline.engine.perform import Task
from blueprint.pipeline.errors import BlueprintError, DiskFull, InputError, StageFailed

SILENCE_LIMIT_S = 120.0
"""A child that has not beaten for so long is taken for frozen; compiling kernels holds the interpreter for ~30 s."""

LOG_LIMIT_BYTES = 8 << 20
WORKER_COMMAND = (sys.executable, "-m", "blueprint.pipeline.app.worker")
Message = tuple[int, dict[str, Any]]


class FailedInput(InputError):
    """A stage refused what the user gave; carries the stage's own sentence."""


class Worker:
    """One child process and the two threads that read from it."""

    def __init__(self, number: int, command: Sequence[str], log: Path, inbox: "queue.Queue[Message]") -> None:
        self.number, self.task, self.started_s, self.heard_s = number, None, 0.0, time.monotonic()
        self.task: Task | None
        self.process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=worker_environment(os.environ),
            start_new_session=True,
        )
        self._readers = (
            threading.Thread(target=self._listen, args=(inbox,), daemon=True),
            threading.Thread(target=self._keep_log, args=(log,), daemon=True),
        )
        for reader in self._readers:
            reader.start()

    def give(self, task: Task) -> None:
        """Hand over a task."""
        assert self.process.stdin is not None
        self.task, self.started_s = task, time.monotonic()
        # A child that has just died is reported as gone by the thread that listens to it.
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(asdict(task)).encode() + b"\n")
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

    def _listen(self, inbox: "queue.Queue[Message]") -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            # The last line of a killed child may be half written.
            if line.endswith(b"\n"):
                inbox.put((self.number, json.loads(line)))
        inbox.put((self.number, {"say": "gone"}))

    def _keep_log(self, log: Path) -> None:
        """Keep the first megabytes of what the child prints; the rest is read and thrown away.

        A disk that is full costs lines of the log and nothing else: the child's own writing says that it is full.
        """
        assert self.process.stderr is not None
        left = LOG_LIMIT_BYTES
        with log.open("ab", buffering=0) as stream:
            while block := self.process.stderr.read1(1 << 16):  # type: ignore[attr-defined]
                with contextlib.suppress(OSError):
                    stream.write(block[: max(left, 0)])
                left -= len(block)


class ProcessExecutor:
    """Runs tasks in up to `count` child processes; a deadline, a silence or a death fails the stage."""

    def __init__(self, count: int, log_folder: Path, command: Sequence[str] = WORKER_COMMAND) -> None:
        self._count, self._logs, self._command = max(1, count), log_folder, tuple(command)
        self._workers: dict[int, Worker] = {}
        self._inbox: queue.Queue[Message] = queue.Queue()
        self._started = 0

    def run(self, tasks: Sequence[Task], emit: Emit) -> Iterator[Task]:
        """Yield each task when its record is stored; raises at the first failure, after ending every child."""
        waiting, running = deque(tasks), 0
        try:
            while waiting or running:
                running += self._hand_out(waiting)
                for task in self._hear(emit):
                    running -= 1
                    yield task
        except BlueprintError:
            self.close()
            raise

    def prepare(self, stages: Sequence[str]) -> None:
        """Let the first child, which gets what is not mapped, begin to load what later stages need."""
        if stages and not self._workers:
            self._start(stages)

    def close(self) -> None:
        """End every child."""
        for worker in self._workers.values():
            worker.kill()
        self._workers.clear()

    def child_ids(self) -> list[int]:
        """List the process ids of the children that are alive."""
        return [worker.process.pid for worker in self._workers.values() if worker.process.poll() is None]

    def _hand_out(self, waiting: deque[Task]) -> int:
        """Give waiting tasks to idle children, starting new ones up to the count."""
        given = 0
        while waiting:
            idle = next((worker for worker in self._workers.values() if worker.task is None), None)
            if idle is None and len(self._workers) < self._count:
                idle = self._start()
            if idle is None:
                break
            idle.give(waiting.popleft())
            given += 1
        return given

    def _start(self, to_prepare: Sequence[str] = ()) -> Worker:
        self._logs.mkdir(parents=True, exist_ok=True)
        self._started += 1
        log = self._logs / f"worker-{self._started}.log"
        worker = Worker(self._started, (*self._command, *to_prepare), log, self._inbox)
        self._workers[worker.number] = worker
        return worker

    def _hear(self, emit: Emit) -> Iterator[Task]:
        """Take one message, if one comes within a second, and look at the clocks."""
        try:
            number, message = self._inbox.get(timeout=1.0)
        except queue.Empty:
            self._look_at_clocks()
            return
        worker = self._workers.get(number)
        if worker is None:
            return
        worker.heard_s = time.monotonic()
        if message["say"] == "event":
            emit(decode_event(message["event"]))
        elif message["say"] == "done" and worker.task is not None:
            task, worker.task = worker.task, None
            yield task
        elif message["say"] == "failed" and worker.task is not None:
            raise self._failure(worker.task, message)
        elif message["say"] == "gone" and worker.task is not None:
            code = worker.process.wait()
            raise StageFailed(worker.task.stage, f"its process died with status {code}", item=worker.task.item_id)
        self._look_at_clocks()

    def _look_at_clocks(self) -> None:
        now = time.monotonic()
        for worker in self._workers.values():
            task = worker.task
            if task is None:
                continue
            if now - worker.started_s > task.deadline_s:
                cause = f"not done within its deadline of {task.deadline_s:g} s"
                raise StageFailed(task.stage, cause, item=task.item_id)
            if now - worker.heard_s > SILENCE_LIMIT_S:
                raise StageFailed(task.stage, f"no sign of life for {SILENCE_LIMIT_S:g} s", item=task.item_id)

    def _failure(self, task: Task, message: dict[str, Any]) -> BlueprintError:
        if message["exit_code"] == InputError.exit_code:
            return FailedInput(message["message"])
        if message["kind"] == DiskFull.__name__:
            return DiskFull(Path(task.store).parent.name)
        return StageFailed(task.stage, message["message"], item=task.item_id)
