"""Readers on damaged files: ten thousand scans of every format, none of which may crash, hang or swallow memory."""

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.figures import Figure, Goal, NotMeasured
from benchmarks.machine import REPOSITORY

CASES = 10_000
READ = Goal("damaged scans read", "scans", ">=", CASES)
CRASHES = Goal("damaged scans that crash the product", "scans", "<=", 0)
HANGS = Goal("damaged scans that take over 10 s", "scans", "<=", 0)
MEMORY = Goal("damaged scans that take over 2 GB", "scans", "<=", 0)
GOALS = (READ, CRASHES, HANGS, MEMORY)
DEADLINE_S = 3000


def measure(workplace: Path) -> list[Figure]:
    """Run the fuzzer and take its counts."""
    command = [sys.executable, str(REPOSITORY / "tools" / "fuzz_readers.py"), "--cases", str(CASES), "--workers", "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=DEADLINE_S)
    if not done.stdout.startswith("{"):
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise NotMeasured(f"the fuzzer ended with {done.returncode}: {last}")
    (workplace / "readers.json").write_text(done.stdout)
    counts = json.loads(done.stdout)
    ended = f"{counts['read']} read, {counts['typed_errors']} typed errors, {counts['seconds']:.0f} s"
    below = f"{counts['child_crashes_below_python']} crashes below Python stayed in the reader's child process"
    return [
        Figure(READ, float(counts["cases"]), ended),
        Figure(CRASHES, float(counts["product_crashes"]), below),
        Figure(HANGS, float(counts["hangs"]), f"longest {counts['longest_s']} s"),
        Figure(MEMORY, float(counts["over_memory"]), f"peak {counts['peak_memory_mib']} MiB"),
    ]
