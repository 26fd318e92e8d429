"""Look at processes of this machine."""

import os
import time
from collections.abc import Iterable
from pathlib import Path


def alive(process: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        os.kill(process, 0)
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def wait_until_gone(processes: Iterable[int], deadline_s: float = 20) -> bool:
    """Wait until none of the processes runs; returns False where one still does at the deadline."""
    end = time.monotonic() + deadline_s
    waiting = [process for process in processes if alive(process)]
    while waiting and time.monotonic() < end:
        time.sleep(0.05)
        waiting = [process for process in waiting if alive(process)]
    return not waiting


def descendants(process: int) -> set[int]:
    """Return the children of a process, and theirs."""
    found: set[int] = set()
    for thread in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found |= {int(name) for name in thread.read_text().split()}
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found.union(*(descendants(child) for child in found))
