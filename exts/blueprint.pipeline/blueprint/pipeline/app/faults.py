"""Where the trace of an unexpected error goes when there is no run whose log could take it."""

import traceback
from pathlib import Path

FAULT_LOG = Path(".local", "state", "blueprint", "fault.log")
"""Below the person's home folder; only the last one is kept."""


def keep_trace(error: BaseException) -> str:
    """Write an error's trace where only its owner reads it; returns how to name the file, or that it was lost."""
    path = Path.home() / FAULT_LOG
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        path.chmod(0o600)
    except OSError as refused:
        return f"its trace could not be kept: {refused.strerror}"
    return f"its trace is in ~/{FAULT_LOG.as_posix()}"
