"""Workers are killed, hang, and see clocks jump; what is stored is what one quiet process stores."""

import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.engine.throws import STAGES, Score, Throws, throw_all

from blueprint.pipeline.app import crew as crew_module
from blueprint.pipeline.app import processes as processes_module
from blueprint.pipeline.app.crew import Crew, Inbox
from blueprint.pipeline.app.processes import ChildWorker, ProcessExecutor
from blueprint.pipeline.engine.digests import digest_files
from blueprint.pipeline.engine.events import Event, Progress, Tape, Warned
from blueprint.pipeline.engine.inline import InlineExecutor
from blueprint.pipeline.engine.perform import Ended, Task
from blueprint.pipeline.engine.store import Store
from blueprint.pipeline.errors import StageFailed

COMMAND = (sys.executable, "-m", "tests.app.throws_worker")


@pytest.fixture
def open_executor(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., ProcessExecutor]]:
    monkeypatch.setenv("PYTHONPATH", str(repository))
    made: list[ProcessExecutor] = []

    def open_one(count: int, **more: int) -> ProcessExecutor:
        made.append(ProcessExecutor(count, tmp_path / "logs", COMMAND, **more))  # type: ignore[arg-type]
        return made[-1]

    yield open_one
    for executor in made:
        executor.close()


def records_of(folder: Path) -> dict[str, str]:
    return digest_files(folder / "records")


def stage_records(folder: Path) -> dict[str, str]:
    """Digests of what the stages themselves wrote: which attempts are stored beyond the prefix may differ."""
    return {
        name: digest
        for name, digest in records_of(folder).items()
        if not (folder / "records" / name).with_name("throw.txt").exists()
    }


@pytest.mark.parametrize("count", [1, 2])
def test_workers_keep_the_same_attempts_as_one_process(
    tmp_path: Path, open_executor: Callable[..., ProcessExecutor], count: int
) -> None:
    throw_all(Store(tmp_path / "inline"), InlineExecutor(STAGES), Tape(), script="mhh", wanted=5)
    throw_all(Store(tmp_path / "workers"), open_executor(count), Tape(), script="mhh", wanted=5)
    assert stage_records(tmp_path / "workers") == stage_records(tmp_path / "inline")


def test_a_worker_killed_from_outside_loses_nothing(
    tmp_path: Path, open_executor: Callable[..., ProcessExecutor]
) -> None:
    executor, killed = open_executor(2, retries=3), []

    def kill_one(event: Event) -> None:
        if isinstance(event, Progress) and len(killed) < 2:
            killed.append(executor.child_ids()[0])
            os.kill(killed[-1], signal.SIGKILL)

    throw_all(Store(tmp_path / "workers"), executor, kill_one, script="mhh", wanted=12, most=40)
    throw_all(Store(tmp_path / "inline"), InlineExecutor(STAGES), Tape(), script="mhh", wanted=12, most=40)
    assert len(killed) == 2
    assert stage_records(tmp_path / "workers") == stage_records(tmp_path / "inline")


def test_a_death_in_the_middle_of_an_item_is_made_good(
    tmp_path: Path, open_executor: Callable[..., ProcessExecutor]
) -> None:
    tape = Tape()
    settings = {"script": "mKh", "wanted": 4, "died": str(tmp_path)}
    throw_all(Store(tmp_path / "workers"), open_executor(2), tape, **settings)
    throw_all(Store(tmp_path / "inline"), InlineExecutor(STAGES), Tape(), **settings)
    assert stage_records(tmp_path / "workers") == stage_records(tmp_path / "inline")
    warned = {event.item for event in tape.events if isinstance(event, Warned)}
    assert {"throw_001", "throw_004"} <= warned


def test_what_dies_each_time_or_hangs_is_lost_and_counted(
    tmp_path: Path, open_executor: Callable[..., ProcessExecutor]
) -> None:
    tape, store = Tape(), Store(tmp_path / "store")
    state = throw_all(store, open_executor(2), tape, script="ksehh", wanted=2, most=5, died=str(tmp_path))
    throws, score = state.records["throw"], state.records["score"]
    assert isinstance(throws, Throws)
    assert isinstance(score, Score)
    assert score.value == 2
    assert throws.items_left_out == {
        "throw_000": "died: its process died with status -9, 2 times",
        "throw_001": "timeout: not done within its deadline of 3 s, 2 times",
        "throw_002": "error: RuntimeError: the arm broke",
    }
    assert [entry["id"] for entry in throws.entries] == ["throw_003", "throw_004"]
    again = [event.item for event in tape.events if isinstance(event, Warned)]
    assert sorted(again) == ["throw_000", "throw_001"]


def test_without_retries_an_item_is_lost_at_once(tmp_path: Path, open_executor: Callable[..., ProcessExecutor]) -> None:
    executor = open_executor(1, retries=0)
    state = throw_all(Store(tmp_path / "s"), executor, Tape(), script="kh", wanted=1, most=2, died=str(tmp_path))
    throws = state.records["throw"]
    assert isinstance(throws, Throws)
    assert throws.items_left_out == {"throw_000": "died: its process died with status -9"}


def test_a_worker_that_cannot_start_fails_the_stage(tmp_path: Path) -> None:
    executor = ProcessExecutor(2, tmp_path / "logs", (sys.executable, "-c", "raise SystemExit(3)"))
    with pytest.raises(
        StageFailed, match="no worker can be started: its process died with status 3; its log says more"
    ):
        throw_all(Store(tmp_path / "store"), executor, Tape())
    assert executor.child_ids() == []


def test_the_time_of_day_may_jump(
    tmp_path: Path, open_executor: Callable[..., ProcessExecutor], monkeypatch: pytest.MonkeyPatch
) -> None:
    jumps = iter(range(10**9))
    monkeypatch.setattr(time, "time", lambda: (-1) ** next(jumps) * 1e9)
    throw_all(Store(tmp_path / "workers"), open_executor(2), Tape(), script="mhh", wanted=5)
    monkeypatch.undo()
    throw_all(Store(tmp_path / "inline"), InlineExecutor(STAGES), Tape(), script="mhh", wanted=5)
    assert stage_records(tmp_path / "workers") == stage_records(tmp_path / "inline")


class Puppet:
    """A worker that does as the test says."""

    def __init__(self, number: int, inbox: Inbox) -> None:
        self.number, self.inbox, self.killed, self.given = number, inbox, False, False
        self.say("beat")

    def give(self, task: Task) -> None:
        self.given = True

    def say(self, what: str, **content: object) -> None:
        self.inbox.put((self.number, {"say": what, **content}))

    def kill(self) -> None:
        self.killed = True

    def process_id(self) -> int | None:
        return None


class Once:
    """A source of one task."""

    def __init__(self, deadline_s: float) -> None:
        self.task: Task | None = Task("throw", "", {}, {}, {}, deadline_s, {"id": "throw_000"}, may_be_lost=True)

    def take(self) -> Task | None:
        task, self.task = self.task, None
        return task


class Clock:
    """The monotonic clock of the crew, which the test moves on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 1000.0
        monkeypatch.setattr(crew_module.time, "monotonic", lambda: self.now_s)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def follow(crew: Crew, source: Once, emit: Tape) -> tuple[list[Ended], threading.Thread]:
    ended: list[Ended] = []
    thread = threading.Thread(target=lambda: ended.extend(crew.run(source, emit)), daemon=True)
    thread.start()
    return ended, thread


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.perf_counter() + 20
    while not condition():
        assert time.perf_counter() < deadline, "it did not happen"
        time.sleep(0.01)


def test_a_crew_that_was_suspended_excuses_its_workers(clock: Clock) -> None:
    puppets: list[Puppet] = []

    def start(number: int, inbox: Inbox, _: tuple[str, ...]) -> Puppet:
        puppets.append(Puppet(number, inbox))
        return puppets[-1]

    ended, thread = follow(Crew(1, start, retries=0), Once(deadline_s=30), Tape())
    wait_for(lambda: puppets and puppets[0].given)
    clock.now_s += 7200
    puppets[0].say("beat")
    time.sleep(1.5)
    assert not puppets[0].killed
    puppets[0].say("done")
    thread.join(timeout=20)
    assert [entry.lost for entry in ended] == [""]


def test_deadlines_count_time_in_which_the_crew_was_awake(clock: Clock) -> None:
    puppets: list[Puppet] = []

    def start(number: int, inbox: Inbox, _: tuple[str, ...]) -> Puppet:
        puppets.append(Puppet(number, inbox))
        return puppets[-1]

    ended, thread = follow(Crew(1, start, retries=0), Once(deadline_s=30), Tape())
    wait_for(lambda: puppets and puppets[0].given)
    for _ in range(5):
        time.sleep(1.1)
        clock.now_s += 9
        puppets[0].say("beat")
    thread.join(timeout=20)
    assert [entry.lost for entry in ended] == ["timeout: not done within its deadline of 30 s"]
    assert puppets[0].killed


def test_an_idle_worker_that_dies_is_not_given_work(
    tmp_path: Path, open_executor: Callable[..., ProcessExecutor]
) -> None:
    executor = open_executor(1)
    throw_all(Store(tmp_path / "a"), executor, Tape(), wanted=1)
    os.kill(executor.child_ids()[0], signal.SIGKILL)
    state = throw_all(Store(tmp_path / "b"), executor, Tape(), wanted=2)
    score = state.records["score"]
    assert isinstance(score, Score)
    assert score.value == 2


def test_what_nobody_expected_of_a_worker_is_said_and_its_item_made_again(
    tmp_path: Path, open_executor: Callable[..., ProcessExecutor], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken: list[str] = []

    def read(line: bytes) -> object:
        message = json.loads(line)
        if message["say"] == "done" and len(broken) < 1:
            broken.append(message["key"])
            raise RuntimeError("the reader broke")
        return message

    tape, executor = Tape(), open_executor(2)
    monkeypatch.setattr(processes_module, "json", SimpleNamespace(loads=read, dumps=json.dumps))
    throw_all(Store(tmp_path / "workers"), executor, tape, script="mhh", wanted=5)
    throw_all(Store(tmp_path / "inline"), InlineExecutor(STAGES), Tape(), script="mhh", wanted=5)
    assert stage_records(tmp_path / "workers") == stage_records(tmp_path / "inline")
    said = [event.message for event in tape.events if isinstance(event, Warned)]
    assert said == ["listening to it failed (RuntimeError: the reader broke); it is tried again"]
    logs = "".join(path.read_text() for path in (tmp_path / "logs").glob("*.log"))
    assert "RuntimeError: the reader broke" in logs


def test_a_worker_that_speaks_nonsense_fails_the_stage_and_what_was_finished_stays(
    tmp_path: Path, open_executor: Callable[..., ProcessExecutor], monkeypatch: pytest.MonkeyPatch
) -> None:
    throw_all(Store(tmp_path / "store"), open_executor(1), Tape(), script="hhh", wanted=2)
    before = records_of(tmp_path / "store")
    nonsense = "import sys, time; print('hello', flush=True); time.sleep(60)"
    executor = ProcessExecutor(1, tmp_path / "logs", (sys.executable, "-c", nonsense))
    with pytest.raises(StageFailed, match="no worker can be started: listening to it failed"):
        throw_all(Store(tmp_path / "store"), executor, Tape(), script="hhh", wanted=4)
    assert executor.child_ids() == []
    assert before.items() <= records_of(tmp_path / "store").items()


def test_a_log_that_cannot_be_written_does_not_stop_the_work(tmp_path: Path, repository: Path) -> None:
    # A folder where the log should be: opening it fails each time.
    (tmp_path / "logs" / "worker-1.log").mkdir(parents=True)
    talk = "import sys; sys.stderr.write('x' * 1_000_000); print('{\"say\": \"beat\"}', flush=True)"
    inbox: Inbox = queue.Queue()
    child = ChildWorker(1, inbox, (sys.executable, "-c", talk), tmp_path / "logs" / "worker-1.log")
    assert [inbox.get(timeout=20)[1]["say"] for _ in range(2)] == ["beat", "gone"]
    child.kill()


def test_an_executor_in_a_jumping_clock_still_ends_what_hangs(
    tmp_path: Path, open_executor: Callable[..., ProcessExecutor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 0.0)
    state = throw_all(Store(tmp_path / "s"), open_executor(1, retries=0), Tape(), script="sh", wanted=1, most=2)
    throws = state.records["throw"]
    assert isinstance(throws, Throws)
    assert throws.items_left_out == {"throw_000": "timeout: not done within its deadline of 3 s"}
