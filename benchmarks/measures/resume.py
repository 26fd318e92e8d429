"""A run that is killed again and again ends with the same bytes as one that nobody disturbed."""

import shutil
import time
from pathlib import Path

import numpy as np
from benchmarks.figures import Figure, Goal, NotMeasured
from benchmarks.processes import alive, blueprint, descendants, kill_all, start_blueprint
from benchmarks.scenes import demo_run

from blueprint.pipeline.app.workbench import collect_garbage
from blueprint.pipeline.engine.digests import digest_files
from blueprint.pipeline.engine.store import RECORD_FILE

DIFFERENT = Goal("resume, files that differ after kills", "files", "<=", 0)
KILLS = Goal("resume, kills survived", "kills", ">=", 4)
GOALS = (DIFFERENT, KILLS)
MOST_KILLS = 6
LEAST_LIFE_S = 4.0
END_DEADLINE_S = 20.0
DEADLINE_S = 1200
SEED = 0


def measure(workplace: Path) -> list[Figure]:
    """Kill runs of the demo at random moments, let the last one finish, and compare it file by file."""
    undisturbed = demo_run(workplace)
    whole_s = _duration_s(undisturbed.root)
    out = workplace / "resumed"
    shutil.rmtree(out, ignore_errors=True)
    rng = np.random.default_rng(SEED)
    kills: list[float] = []
    for number in range(MOST_KILLS):
        # Spread over a run that gets shorter each time, because finished work is kept.
        life_s = float(rng.uniform(LEAST_LIFE_S, max(2 * LEAST_LIFE_S, whole_s / 3)))
        if not _run_and_kill(workplace, out, life_s, whole_tree=number % 2 == 0):
            break
        kills.append(life_s)
    blueprint("demo", "--out", out, log=workplace / "resumed_end.log", deadline_s=DEADLINE_S).must_succeed(
        "the last run"
    )
    # Attempts beyond those that were needed depend on who was killed when; they are in no record.
    for run in (undisturbed.root, out):
        collect_garbage(run)
    different = differing_files(undisturbed.root, out)
    moments = ", ".join(f"{life_s:.1f} s" for life_s in kills)
    return [
        Figure(DIFFERENT, float(len(different)), "; ".join(different[:5]) or "records, scene and dataset compared"),
        Figure(KILLS, float(len(kills)), f"SIGKILL after {moments}, to all processes and to the first in turn"),
    ]


def differing_files(first: Path, second: Path) -> list[str]:
    """List what differs between the records, scenes and datasets of two runs, by the bytes on disk."""
    one, two = _digests(first), _digests(second)
    return sorted(name for name in one.keys() | two.keys() if one.get(name) != two.get(name))


def _digests(run: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in ("store/records", "scene", "dataset"):
        digests = digest_files(run / part)
        found |= {f"{part}/{name}": digest for name, digest in digests.items()}
    if not found:
        raise NotMeasured(f"{run.name} holds no records to compare")
    # Records say on which CPU they were made and nothing of time, so they are compared too.
    return found


def _run_and_kill(workplace: Path, out: Path, life_s: float, *, whole_tree: bool) -> bool:
    """Start the demo and kill it after a while; returns False when it had finished by then."""
    process, stream = start_blueprint("demo", "--out", out, log=workplace / "resumed.log")
    with stream:
        time.sleep(life_s)
        if process.poll() is not None:
            return False
        tree = descendants(process.pid)
        kill_all(tree if whole_tree else tree[:1])
        process.wait(timeout=END_DEADLINE_S)
        _wait_for_orphans(tree[1:])
    return True


def _wait_for_orphans(workers: list[int]) -> None:
    """Workers whose parent was killed must end by themselves; one that stays would write into the next run."""
    until_s = time.monotonic() + END_DEADLINE_S
    while left := alive(workers):
        if time.monotonic() > until_s:
            kill_all(left)
            raise NotMeasured(f"workers outlived the killed run by more than {END_DEADLINE_S:.0f} s")
        time.sleep(0.1)


def _duration_s(run: Path) -> float:
    """Return how long the demo takes: by the events of the run, or of the first one where it was run again."""
    records = (run / "store" / "records").glob(f"*/{RECORD_FILE}")
    times = sorted(path.stat().st_mtime for path in records)
    return times[-1] - times[0] if len(times) > 1 else 60.0
