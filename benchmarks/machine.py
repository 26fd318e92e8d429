"""What the figures were measured on: processor, memory and kernel, without names or paths of the machine."""

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
WRITTEN = ("benchmarks/results.json", "benchmarks/success.json", "docs/success.md", "README.md")
"""Files that measuring writes: that they differ from the commit says nothing about what was measured."""


def describe_machine() -> dict[str, Any]:
    """Return processor model, cores available to this process, memory and kernel."""
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "kernel": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
        "python": platform.python_version(),
    }


def describe_commit() -> str:
    """Return the commit, marked where tracked files differ from it."""
    commit = _git("rev-parse", "--short=12", "HEAD")
    dirty = _git("status", "--porcelain", "--untracked-files=no", "--", ".", *(f":!{name}" for name in WRITTEN))
    return commit + ("-modified" if dirty else "")


def sentence(machine: dict[str, Any]) -> str:
    """Describe a machine in one sentence."""
    return (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']:g} GB of memory, "
        f"{machine['kernel']} on {machine['architecture']}, Python {machine['python']}"
    )


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout.strip() if done.returncode == 0 else ""
