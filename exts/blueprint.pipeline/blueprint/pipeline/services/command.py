"""Let a program of this machine make a folder from a file: its own process group, a deadline, bounded output."""

import contextlib
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from blueprint.pipeline.engine.events import Progress

from .failures import ServiceFailed, ServiceRefused
from .patience import Budget
from .secrets import Secret

LOG_LIMIT_BYTES = 4 << 20
CREDENTIAL_VARIABLE = "MODEL_TOKEN"
_LOOK_EVERY_S = 1.0
_LINE_LIMIT = 160
# A model's program finds its GPU and caches through these; nothing else of this process's surroundings is for it.
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_HOME")


@dataclass(frozen=True)
class Program:
    """What is run: arguments without a shell, and limits on time and on what it writes."""

    service: str
    arguments: tuple[str, ...]
    output: Path
    log: Path
    deadline_s: float
    max_output_bytes: int
    token: Secret | None = None


def run_program(program: Program, surroundings: Mapping[str, str] = os.environ) -> Generator[Progress]:
    """Run a program to its end, yielding its last line now and then; raises ServiceFailed with the end of its log."""
    environment = {name: surroundings[name] for name in _PASSED_ON if name in surroundings}
    if program.token is not None:
        environment[CREDENTIAL_VARIABLE] = program.token.reveal()
    process = _start(program, environment)
    lines: queue.Queue[str] = queue.Queue(maxsize=1000)
    reader = threading.Thread(target=_keep_log, args=(process, program, lines), daemon=True)
    reader.start()
    budget = Budget(program.service, program.deadline_s)
    try:
        while process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=budget.spend(_LOOK_EVERY_S))
            yield Progress(0.0, _latest(lines))
            _check_size(program)
    finally:
        _end(process)
        reader.join(timeout=5)
        if process.stdout is not None:
            process.stdout.close()
    _check_size(program)
    if process.returncode != 0:
        raise ServiceFailed(program.service, f"ended with status {process.returncode}: {_last_words(program.log)}")


def _start(program: Program, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            list(program.arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=program.output,
            env=dict(environment),
            start_new_session=True,
        )
    except OSError as error:
        name = Path(program.arguments[0]).name
        raise ServiceRefused(program.service, f"the program {name!r} cannot be started: {error.strerror}") from error


def _keep_log(process: "subprocess.Popen[bytes]", program: Program, lines: "queue.Queue[str]") -> None:
    """Keep the first megabytes of what it prints, without the secret it was given."""
    assert process.stdout is not None
    left, hidden = LOG_LIMIT_BYTES, program.token.reveal() if program.token else ""
    with program.log.open("w", encoding="utf-8", errors="replace") as stream:
        for raw in iter(lambda: process.stdout.readline(1 << 16), b""):  # type: ignore[union-attr]
            line = raw.decode("utf-8", "replace")
            line = line.replace(hidden, "***") if hidden else line
            if left > 0:
                stream.write(line)
                stream.flush()
            left -= len(raw)
            with contextlib.suppress(queue.Full):
                lines.put_nowait(line.strip())


def _latest(lines: "queue.Queue[str]") -> str:
    latest = ""
    with contextlib.suppress(queue.Empty):
        while True:
            latest = lines.get_nowait() or latest
    return latest[:_LINE_LIMIT]


def _check_size(program: Program) -> None:
    size = folder_bytes(program.output)
    if size > program.max_output_bytes:
        raise ServiceFailed(
            program.service, f"wrote {size >> 20} MB; at most {program.max_output_bytes >> 20} are taken"
        )


def folder_bytes(folder: Path) -> int:
    """Return how many bytes the files of a folder take."""
    total = 0
    for path in folder.rglob("*"):
        # What a running program has just removed does not count.
        with contextlib.suppress(FileNotFoundError):
            total += path.lstat().st_size if path.is_file() else 0
    return total


def _end(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last_words(log: Path) -> str:
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.is_file() else []
    return (said or ["it printed nothing"])[-1][:_LINE_LIMIT]


def filled_in(command: Sequence[str], places: Mapping[str, str]) -> tuple[str, ...]:
    """Return a command with `{input}`, `{output}` and the like replaced in each argument; no shell sees it."""
    filled: list[str] = []
    for argument in command:
        for name, value in places.items():
            argument = argument.replace("{" + name + "}", value)
        filled.append(argument)
    return tuple(filled)
