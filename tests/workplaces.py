"""Places to run the real command line in: a child process, a small disk, faults injected at system calls."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
RECIPE = REPOSITORY / "config" / "recipes" / "tabletop.yaml"
DEADLINE_S = 120


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    output: str
    errors: str


def environment(**more: str) -> dict[str, str]:
    """Return the variables of this process, with the checkout on the path of a child's modules."""
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), "NO_COLOR": "1", "COLUMNS": "200", **more}


def command_line(*arguments: str | Path) -> list[str]:
    """Return the command that starts the program in a process of its own."""
    program = "import sys; from blueprint.pipeline.cli import main; sys.exit(main())"
    return [sys.executable, "-c", program, *map(str, arguments)]


def finish(command: Sequence[str], *, folder: Path | None = None, more: Mapping[str, str] | None = None) -> Done:
    """Run a command to its end."""
    done = subprocess.run(
        command, cwd=folder, env=environment(**(more or {})), capture_output=True, text=True, timeout=DEADLINE_S
    )
    return Done(done.returncode, done.stdout, done.stderr)


def blueprint(*arguments: str | Path, folder: Path | None = None, **more: str) -> Done:
    """Run the program."""
    return finish(command_line(*arguments), folder=folder, more=more)


def injected(fault: str, command: Sequence[str], *, folder: Path | None = None) -> Done:
    """Run a command and its children with a fault injected at a system call, such as `rename:signal=SIGKILL:when=2`."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed: apt-get install strace")
    done = finish([strace, "-f", "-qq", "-o", "/dev/null", "-e", f"inject={fault}", *command], folder=folder)
    if "ptrace" in done.errors and "Operation not permitted" in done.errors:
        pytest.skip("strace may not trace here")
    return done


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Mount a file system of a few kilobytes in memory; only the administrator can."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, timeout=DEADLINE_S
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted without administrator's rights")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True, timeout=DEADLINE_S)
