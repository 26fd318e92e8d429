"""Measure this machine: every benchmark in a process of its own, figures beside their goals, benchmarks/results.json.

benchmarks/run.py [--only NAME ...]
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from benchmarks.figures import (  # noqa: E402 - the line above makes the package importable for a script
    Figure,
    NotMeasured,
    complete,
    entries,
    figure_data,
    figure_from,
    load_entries,
    save_entries,
    unmeasured,
)
from benchmarks.machine import describe_commit, describe_machine, sentence  # noqa: E402

RESULTS = REPOSITORY / "benchmarks" / "results.json"
WORKPLACE = REPOSITORY / "build" / "benchmarks"
BENCHMARKS = (
    "demo",
    "episode",
    "images",
    "speed",
    "reconstruction",
    "scenes",
    "preview",
    "joints",
    "readers",
    "ycb_table",
    "success",
    "memory",
    "scaling",
    "resume",
    "replay",
)
"""Modules of `measures/`, in the order they run; later ones use the demo's run folder where it is there."""
DEADLINE_S = 3600


def main() -> int:
    """Measure what is asked for; 0 when every goal of it is met, 1 otherwise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, help="measure these alone; other figures are kept")
    parser.add_argument("--child", nargs=2, metavar=("NAME", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return _measure_here(options.child[0], Path(options.child[1]))
    if not options.only:
        shutil.rmtree(WORKPLACE, ignore_errors=True)
    WORKPLACE.mkdir(parents=True, exist_ok=True)
    machine, commit = describe_machine(), describe_commit()
    print(f"machine: {sentence(machine)}\ncommit: {commit}")
    unmet = 0
    for name in options.only or BENCHMARKS:
        print(f"\n{name}: {(_module(name).__doc__ or '').partition(chr(10))[0]}", flush=True)
        figures = _measure_apart(name)
        for figure in figures:
            print(f"  {figure.sentence()}", flush=True)
        unmet += sum(figure.goal.met_by(figure.value) is False for figure in figures)
        save_entries(RESULTS, BENCHMARKS, load_entries(RESULTS), entries(name, figures, machine, commit))
    print(f"\n{unmet} goals not met; figures are in {RESULTS.relative_to(REPOSITORY)}")
    return 1 if unmet else 0


def _module(name: str) -> ModuleType:
    return import_module(f"benchmarks.measures.{name}")


def _measure_apart(name: str) -> list[Figure]:
    """Run a benchmark in a child process, so that nothing it loads, breaks or leaves behind touches the others."""
    goals = _module(name).GOALS
    file = WORKPLACE / f"{name}.json"
    file.unlink(missing_ok=True)
    command = [sys.executable, str(Path(__file__)), "--child", name, str(file)]
    try:
        done = subprocess.run(command, check=False, timeout=DEADLINE_S)
    except subprocess.TimeoutExpired:
        return unmeasured(goals, f"took longer than {DEADLINE_S} s")
    if done.returncode or not file.is_file():
        return unmeasured(goals, f"the benchmark ended with {done.returncode}; its message is above")
    content: Mapping[str, Any] = json.loads(file.read_bytes())
    if content["reason"]:
        return unmeasured(goals, content["reason"])
    return complete(goals, map(figure_from, content["figures"]))


def _measure_here(name: str, file: Path) -> int:
    try:
        figures, reason = _module(name).measure(WORKPLACE), ""
    except NotMeasured as error:
        figures, reason = [], str(error)
    file.write_text(json.dumps({"figures": [figure_data(figure) for figure in figures], "reason": reason}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
