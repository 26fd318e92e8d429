"""Peak memory of a whole run, and whether it grows with the number of episodes."""

import shutil
from pathlib import Path

from benchmarks.figures import Figure, Goal
from benchmarks.processes import Call, blueprint
from benchmarks.scenes import DEMO_RECIPE

FEW, MANY = 8, 16
"""Enough that the robot handles every object of the kitchen in both; what one object needs is no growth."""
WHOLE = Goal("memory, peak of a whole run", "GB", "<=", 3)
GROWTH = Goal(f"memory, {MANY} episodes over {FEW}", "times", "<=", 1.05)
GOALS = (WHOLE, GROWTH)
DEADLINE_S = 1200


def measure(workplace: Path) -> list[Figure]:
    """Build the scene, then make N and twice as many episodes of it, and watch all processes of each run."""
    out = workplace / "memory"
    shutil.rmtree(out, ignore_errors=True)
    scene = _run(workplace, out, "scene", "--until", "randomize")
    few = _run(workplace, out, "few", "--generate.episodes", str(FEW))
    many = _run(workplace, out, "many", "--generate.episodes", str(MANY))
    peaks = {"scene": scene.peak_bytes, f"{FEW} episodes": few.peak_bytes, f"{MANY} episodes": many.peak_bytes}
    note = ", ".join(f"{name} {peak / 1e9:.2f} GB" for name, peak in peaks.items())
    return [
        Figure(WHOLE, max(peaks.values()) / 1e9, note),
        Figure(GROWTH, many.peak_bytes / few.peak_bytes),
    ]


def _run(workplace: Path, out: Path, name: str, *flags: str) -> Call:
    log = workplace / f"memory_{name}.log"
    call = blueprint("run", DEMO_RECIPE, *flags, "--out", out, log=log, deadline_s=DEADLINE_S)
    return call.must_succeed(f"the run of {name}")
