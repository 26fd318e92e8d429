"""Peak memory of a whole run, and whether a worker's memory stays as it is over many episodes."""

import os
import shutil
from pathlib import Path

import numpy as np
from benchmarks.attempts import attempts
from benchmarks.cube_scan import write_cube_scan
from benchmarks.figures import Figure, Goal
from benchmarks.processes import blueprint, descendants, proportional_bytes
from benchmarks.scenes import DEMO_RECIPE, TABLETOP_RECIPE, demo_run

from blueprint.pipeline.app.runs import RunFolder

STATES_ATTEMPTS, CAMERA_ATTEMPTS = 1000, 24
"""With cameras fewer: what leaks there leaks by the megabyte."""
WARM_UP = 100
WHOLE = Goal("memory, peak of a whole run", "GB", "<=", 3)
WORKER = Goal("memory, peak of a worker with two cameras", "GB", "<=", 1.5)
GROWTH = Goal(f"memory, growth of a worker over {STATES_ATTEMPTS} state-only attempts", "MB", "<=", 20)
STATES_WORKER = Goal("memory, peak of a worker state-only", "GB", "<=", 1.5)
CAMERA_GROWTH = Goal("memory, growth of a worker per 100 attempts with cameras", "MB", "<=", 50)
GOALS = (WHOLE, WORKER, STATES_WORKER, GROWTH, CAMERA_GROWTH)
DEADLINE_S = 1800


def measure(workplace: Path) -> list[Figure]:
    """Watch all processes of a run, then one process that makes attempt after attempt.

    The thousand state-only attempts are made on the bare table with a cube, where each takes a tenth of a second;
    those with cameras in the demo's kitchen.
    """
    out = workplace / "memory"
    shutil.rmtree(out, ignore_errors=True)
    log = workplace / "memory_whole.log"
    whole = blueprint("run", DEMO_RECIPE, "--out", out, log=log, deadline_s=DEADLINE_S).must_succeed("the run")
    run = demo_run(workplace)
    states = _sizes_mb(cube_table(workplace), workplace / "memory_states", STATES_ATTEMPTS, render="none")
    cameras = _sizes_mb(run, workplace / "memory_cameras", CAMERA_ATTEMPTS, render="all")
    settled = cameras[CAMERA_ATTEMPTS // 4 :]
    return [
        Figure(WHOLE, whole.peak_bytes / 1e9),
        Figure(WORKER, max(cameras) / 1e3, "encoders included, shared pages divided among those who share them"),
        Figure(STATES_WORKER, max(states) / 1e3, "bare table with a cube"),
        Figure(GROWTH, grown_mb(states[WARM_UP:], STATES_ATTEMPTS), _told(states[WARM_UP:])),
        Figure(CAMERA_GROWTH, grown_mb(settled, 100), _told(settled)),
    ]


def cube_table(workplace: Path) -> RunFolder:
    """Return a run of the bare table with a cube, made up to its variants."""
    out, scan = workplace / "memory_cube", workplace / "memory_cube_scan"
    for folder in (out, scan):
        shutil.rmtree(folder, ignore_errors=True)
    source = write_cube_scan(scan)
    arguments = ("run", TABLETOP_RECIPE, "--ingest.source", source, "--until", "randomize", "--out", out)
    blueprint(*arguments, log=workplace / "memory_cube.log", deadline_s=DEADLINE_S).must_succeed("the cube's table")
    return RunFolder(out)


def grown_mb(sizes_mb: list[float], attempts_made: int) -> float:
    """Return how much memory so many attempts add: the slope that fits all sizes best, times their number."""
    slope = np.polyfit(np.arange(len(sizes_mb)), np.array(sizes_mb), 1)[0]
    return float(slope) * attempts_made


def _sizes_mb(run: RunFolder, folder: Path, count: int, **settings: str) -> list[float]:
    """Return the memory of this process and its children after each of so many attempts, all of the task pick_place."""
    me, wanted = os.getpid(), {"tasks": ("pick_place",), **settings}
    sizes = [sum(map(proportional_bytes, descendants(me))) / 1e6 for _ in attempts(run, folder, count, wanted)]
    shutil.rmtree(folder)
    return sizes


def _told(sizes_mb: list[float]) -> str:
    first, last = np.median(sizes_mb[:10]), np.median(sizes_mb[-10:])
    return f"medians of the first and the last ten of {len(sizes_mb)}: from {first:.0f} to {last:.0f} MB"
