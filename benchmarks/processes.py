"""Run the command line as a user would: wall time, processor time, and peak memory of its tree of processes."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from benchmarks.figures import NotMeasured

from blueprint.pipeline.app.messages import without_folders

BLUEPRINT = Path(sys.executable).with_name("blueprint")
SAMPLE_PERIOD_S = 0.25


@dataclass(frozen=True)
class Call:
    """What a finished command took; `cpu_s` counts the processes it waited for, `peak_bytes` all its descendants."""

    exit_code: int
    wall_s: float
    cpu_s: float
    peak_bytes: int
    last_words: str

    def must_succeed(self, what: str) -> "Call":
        """Return itself; raises NotMeasured with the command's last words when it failed."""
        if self.exit_code:
            raise NotMeasured(f"{what} ended with {self.exit_code}: {self.last_words}")
        return self


def blueprint(*arguments: str | Path, log: Path, deadline_s: float, **environment: str) -> Call:
    """Run `blueprint` to its end; raises NotMeasured when it takes longer than its deadline."""
    process, stream = start_blueprint(*arguments, log=log, **environment)
    peak = _PeakMemory(process.pid)
    started = time.monotonic()
    try:
        status, usage = _wait(process, started + deadline_s)
    except TimeoutError as error:
        kill_all(descendants(process.pid))
        process.wait()
        raise NotMeasured(f"took longer than {deadline_s:.0f} s") from error
    finally:
        wall_s = time.monotonic() - started
        peak.stop()
        stream.close()
    lines = log.read_text(errors="replace").strip().splitlines()
    words = next((line for line in reversed(lines) if line.startswith(("error", "failed"))), lines[-1] if lines else "")
    cpu_s = usage.ru_utime + usage.ru_stime
    return Call(os.waitstatus_to_exitcode(status), wall_s, cpu_s, peak.bytes, without_folders(words))


def start_blueprint(*arguments: str | Path, log: Path, **environment: str) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
    """Start `blueprint`; its output goes to a log file."""
    log.parent.mkdir(parents=True, exist_ok=True)
    stream = log.open("wb")
    process = subprocess.Popen(
        [str(BLUEPRINT), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=stream,
        stderr=subprocess.STDOUT,
        env={**os.environ, **environment},
    )
    return process, stream


def descendants(ancestor: int) -> list[int]:
    """List a process and all that were started by it or by those; workers are in sessions of their own."""
    parents = _parents()
    found = [ancestor] if ancestor in parents else []
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def kill_all(pids: Sequence[int]) -> None:
    """Kill processes, those that have gone meanwhile excepted."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def alive(pids: Sequence[int]) -> list[int]:
    """List those of some processes that have not ended."""
    running = _parents()
    return [pid for pid in pids if pid in running]


def _parents() -> dict[int, int]:
    """Map every process that has not ended to its parent."""
    found: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state not in "ZX":
            found[int(entry.name)] = int(parent)
    return found


def events_of(run: Path) -> list[Mapping[str, Any]]:
    """Return the events of a folder's last run."""
    return [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]


def computed_stages(events: Sequence[Mapping[str, Any]]) -> list[str]:
    """List the stages that a run did not find in the store."""
    return [event["stage"] for event in events if event["event"] == "StageStarted"]


def computed_items(events: Sequence[Mapping[str, Any]]) -> list[str]:
    """List the items of mapped stages that a run did not find in the store, each once."""
    made = {event["item"] for event in events if event["event"] == "ItemFinished" and not event["reused"]}
    return sorted(made)


def _wait(process: subprocess.Popen[bytes], until_s: float) -> tuple[int, Any]:
    while time.monotonic() < until_s:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return status, usage
        time.sleep(0.02)
    raise TimeoutError


class _PeakMemory:
    """Samples the proportional set size of a tree of processes: memory that they share counts once."""

    def __init__(self, root: int) -> None:
        self.bytes = 0
        self._root, self._done = root, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(SAMPLE_PERIOD_S):
            self.bytes = max(self.bytes, sum(map(proportional_bytes, descendants(self._root))))


def proportional_bytes(pid: int) -> int:
    """Return the memory of a process, shared pages divided by those who share them; 0 once it has gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
