"""Workers that die, hang or fall silent, and tasks that are done all the same.

A crew hands tasks to workers wherever they run. A worker that dies is replaced and its task tried again; so is one that
hangs, where the stage can do without the item. All clocks are monotonic: setting the time of day changes nothing.
"""

import contextlib
import queue
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from blueprint.pipeline.app.messages import public_message
from blueprint.pipeline.engine.events import Emit, Warned, decode_event
from blueprint.pipeline.engine.perform import Ended, Source, Task
from blueprint.pipeline.errors import BlueprintError, DiskFull, InputError, StageFailed

SILENCE_LIMIT_S = 120.0
"""A worker that has not beaten for so long is taken for frozen; compiling kernels holds the interpreter for ~30 s."""

STANDSTILL_S = 10.0
"""The crew looks at its clocks every second; a longer pause means that it stood still itself, and excuses everyone."""

Message = tuple[int, dict[str, Any]]
Inbox = queue.Queue[Message]


class FailedInput(InputError):
    """A stage refused what the user gave; carries the stage's own sentence."""


class Hand(Protocol):
    """One worker, in whatever process; what it says reaches the inbox it was started with, under its number.

    It says `beat` at least once a second, `event`, `done` and `failed` (see `app.worker`), and `gone` with the
    reason `why` when it has ended.
    """

    def give(self, task: Task) -> None:
        """Hand over a task; a worker that has just died says that it is gone."""
        ...

    def kill(self) -> None:
        """End it with all that it has started."""
        ...

    def process_id(self) -> int | None:
        """Return the id of its process on this machine, None when it has ended or runs elsewhere."""
        ...


def say_when_it_ends(number: int, inbox: Inbox, log: Path, listen: Callable[[], str]) -> None:
    """Listen to a worker until it has gone, and tell the crew why, which `listen` returns.

    What nobody has expected on the way ends the worker too, with its trace in `log`: a thread that ended in silence
    would leave the crew waiting for the deadline.
    """
    try:
        why = listen()
    except Exception as error:  # noqa: BLE001 - the border of a thread: every error becomes one message
        why = f"listening to it failed ({public_message(error)})"
        append_trace(log, error)
    inbox.put((number, {"say": "gone", "why": why}))


def append_trace(log: Path, error: Exception) -> None:
    """Add the trace of an error to a worker's log; a disk that is full costs the trace and nothing else."""
    with contextlib.suppress(OSError):
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as stream:
            stream.writelines(traceback.format_exception(error))


@dataclass
class Job:
    """A task at work; `tries` counts this one."""

    task: Task
    tries: int = 1
    started_s: float = 0.0


@dataclass
class Place:
    """A worker and what the crew knows of it; `heard_s` is when it last said anything, or was started."""

    hand: Hand
    heard_s: float
    job: Job | None = None
    has_spoken: bool = False


class Crew:
    """Up to `count` workers, started when they are needed; `start` makes one under a number, with stages to prepare.

    A worker gets work once it has spoken; `patience_s` is how long the first of them may take to.
    """

    def __init__(
        self,
        count: int,
        start: Callable[[int, Inbox, tuple[str, ...]], Hand],
        *,
        retries: int = 1,
        patience_s: float = SILENCE_LIMIT_S,
    ) -> None:
        self._count, self._start_hand = max(1, count), start
        self._retries, self._patience_s = retries, patience_s
        self._places: dict[int, Place] = {}
        self._inbox: Inbox = queue.Queue()
        self._waiting: deque[Job] = deque()
        self._started, self._looked_s, self._failed_starts = 0, time.monotonic(), 0

    def run(self, source: Source, emit: Emit) -> Iterator[Ended]:
        """Yield each task that has ended; at a failure that the stage cannot go on without, ends all and raises."""
        self._looked_s = time.monotonic()
        try:
            while self._hand_out(source):
                yield from self._hear(emit)
        except BlueprintError:
            self.close()
            raise

    def start(self, to_prepare: tuple[str, ...] = ()) -> None:
        """Start one worker; what stages in `to_prepare` need is loaded first."""
        self._started += 1
        hand = self._start_hand(self._started, self._inbox, to_prepare)
        self._places[self._started] = Place(hand, time.monotonic())

    def close(self) -> None:
        """End every worker."""
        for place in self._places.values():
            place.hand.kill()
        self._places.clear()
        self._waiting.clear()

    @property
    def size(self) -> int:
        """How many workers there are now."""
        return len(self._places)

    def process_ids(self) -> list[int]:
        """List the processes of workers on this machine that are alive."""
        ids = (place.hand.process_id() for place in self._places.values())
        return [each for each in ids if each is not None]

    # --- giving

    def _hand_out(self, source: Source) -> bool:
        """Give work to idle workers, starting new ones up to the count; returns whether any is left to wait for."""
        while True:
            free = [place for place in self._places.values() if place.job is None]
            if len(self._waiting) >= len(free) and len(self._places) >= self._count:
                break
            task = source.take()
            if task is None:
                break
            self._waiting.append(Job(task))
            if len(self._waiting) > len(free):
                self.start()
        while len(self._places) < min(len(self._waiting), self._count):
            self.start()
        for place in self._places.values():
            if self._waiting and place.job is None and place.has_spoken:
                self._give(place, self._waiting.popleft())
        return bool(self._waiting) or any(place.job is not None for place in self._places.values())

    def _give(self, place: Place, job: Job) -> None:
        place.job, job.started_s = job, time.monotonic()
        place.hand.give(job.task)

    # --- hearing

    def _hear(self, emit: Emit) -> Iterator[Ended]:
        """Take what workers have said, waiting up to a second for it, and look at the clocks."""
        try:
            number, message = self._inbox.get(timeout=1.0)
            yield from self._take(number, message, emit)
            while True:
                number, message = self._inbox.get_nowait()
                yield from self._take(number, message, emit)
        except queue.Empty:
            yield from self._look_at_clocks(emit)

    def _take(self, number: int, message: dict[str, Any], emit: Emit) -> Iterator[Ended]:
        place = self._places.get(number)
        if place is None:
            return
        job, say = place.job, message["say"]
        if say == "gone":
            yield from self._replace(number, "died", message["why"], emit)
            return
        place.heard_s, place.has_spoken, self._failed_starts = time.monotonic(), True, 0
        if say == "event":
            emit(decode_event(message["event"]))
        elif job is not None and say == "done":
            place.job = None
            yield Ended(job.task, time.monotonic() - job.started_s)
        elif job is not None and say == "failed":
            place.job = None
            if message["fatal"] or not job.task.may_be_lost:
                raise _failure(job.task, message)
            yield Ended(job.task, time.monotonic() - job.started_s, f"error: {message['message']}")

    def _look_at_clocks(self, emit: Emit) -> Iterator[Ended]:
        now = time.monotonic()
        self._excuse(now)
        for number, place in list(self._places.items()):
            silent_s = now - place.heard_s
            if place.job is not None and now - place.job.started_s > place.job.task.deadline_s:
                what = f"not done within its deadline of {place.job.task.deadline_s:g} s"
                yield from self._replace(number, "timeout", what, emit)
            elif place.job is not None and silent_s > SILENCE_LIMIT_S:
                yield from self._replace(number, "timeout", f"no sign of life for {SILENCE_LIMIT_S:g} s", emit)
            elif not place.has_spoken and silent_s > self._patience_s and not self._any_has_spoken():
                yield from self._replace(number, "timeout", f"it did not start within {self._patience_s:g} s", emit)

    def _any_has_spoken(self) -> bool:
        return any(place.has_spoken for place in self._places.values())

    def _excuse(self, now: float) -> None:
        """Take time in which the crew itself stood still off every clock."""
        pause_s, self._looked_s = now - self._looked_s, now
        if pause_s > STANDSTILL_S:
            for place in self._places.values():
                place.heard_s += pause_s
                if place.job is not None:
                    place.job.started_s += pause_s

    def _replace(self, number: int, code: str, what: str, emit: Emit) -> Iterator[Ended]:
        """End a worker; its task is tried again, lost, or fails the stage."""
        place = self._places.pop(number)
        place.hand.kill()
        job = place.job
        if not place.has_spoken:
            self._count_failed_start(what)
        if job is None:
            return
        task, again = job.task, code == "died" or job.task.may_be_lost
        if again and job.tries <= self._retries:
            emit(Warned(f"{what}; it is tried again", task.stage, task.item_id))
            self._waiting.appendleft(Job(task, job.tries + 1))
        elif task.may_be_lost:
            yield Ended(task, time.monotonic() - job.started_s, f"{code}: {what}{_times(job.tries)}")
        else:
            raise StageFailed(task.stage, what + _times(job.tries), item=task.item_id)

    def _count_failed_start(self, what: str) -> None:
        """Raise StageFailed when worker after worker ends before it says a word."""
        self._failed_starts += 1
        if self._failed_starts > self._retries and self._waiting:
            raise StageFailed(self._waiting[0].task.stage, f"no worker can be started: {what}; its log says more")


def _times(tries: int) -> str:
    return f", {tries} times" if tries > 1 else ""


def _failure(task: Task, message: dict[str, Any]) -> BlueprintError:
    if message["exit_code"] == InputError.exit_code:
        return FailedInput(message["message"])
    if message["kind"] == DiskFull.__name__:
        return DiskFull(Path(task.store).parent.name)
    return StageFailed(task.stage, message["message"], item=task.item_id)
