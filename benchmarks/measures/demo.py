"""The demo, as a new user runs it: caches cold, then again unchanged."""

import shutil
from pathlib import Path

from benchmarks.figures import Figure, Goal, Reference
from benchmarks.processes import Call, blueprint, computed_stages, events_of

COLD = Goal("demo, caches cold", "s", "<=", 240)
AGAIN = Goal("demo again, unchanged", "s", "<=", 5)
COMPUTED_AGAIN = Goal("demo again, stages computed anew", "stages", "<=", 0)
MEMORY = Goal("demo, peak memory of all processes", "GB", "<=", 3)
GOALS = (COLD, AGAIN, COMPUTED_AGAIN, MEMORY)
DEADLINE_S = 1200


def measure(workplace: Path) -> list[Figure]:
    """Run the demo into an empty folder with an empty kernel cache, and once more."""
    run, kernels = workplace / "demo", workplace / "kernels"
    for folder in (run, kernels):
        shutil.rmtree(folder, ignore_errors=True)
    first = _demo(workplace, "first", kernels)
    again = _demo(workplace, "again", kernels)
    computed = computed_stages(events_of(run))
    return [
        Figure(COLD, first.wall_s, f"{first.cpu_s:.0f} s of processor time"),
        Figure(AGAIN, again.wall_s, reference=Reference("the first run", first.wall_s)),
        Figure(COMPUTED_AGAIN, float(len(computed)), ", ".join(computed)),
        Figure(MEMORY, first.peak_bytes / 1e9, "proportional set size, sampled four times a second"),
    ]


def _demo(workplace: Path, name: str, kernels: Path) -> Call:
    call = blueprint(
        "demo",
        "--out",
        workplace / "demo",
        log=workplace / f"demo_{name}.log",
        deadline_s=DEADLINE_S,
        WARP_CACHE_PATH=str(kernels),
    )
    return call.must_succeed(f"the {name} run")
