"""Try every robot in every scan: benchmarks/success.json and docs/success.md.

benchmarks/try_robots.py [--robots NAME ...] [--scans NAME ...] [--attempts N]

On two cores a robot takes two to three minutes a scan until its tasks are known, and about 2 s an attempt then: 20
attempts at each task, the default, take five robots about an hour and a half. The files are written after every scan,
and what was measured before stays where it is not measured again, so that a session may try as many as it has time for.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from benchmarks.figures import NotMeasured  # noqa: E402 - the line above makes the package importable for a script
from benchmarks.machine import describe_commit  # noqa: E402
from benchmarks.measures.success import FAMILIES, SCANS, scene_of, source_of, try_scan  # noqa: E402
from benchmarks.processes import blueprint  # noqa: E402
from benchmarks.scenes import TABLETOP_RECIPE  # noqa: E402
from benchmarks.success_table import Scene, enter  # noqa: E402

from blueprint.pipeline.scene.robots import robot_names  # noqa: E402

WORKPLACE = REPOSITORY / "build" / "success"
DEADLINE_S = 3600


def main() -> int:
    """Try what is asked for; 0 when every robot found something to do in every scan."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--robots", nargs="+", choices=robot_names(), default=robot_names(), help="robots that are tried"
    )
    parser.add_argument("--scans", nargs="+", choices=SCANS, default=SCANS, help="scans in which they are tried")
    parser.add_argument("--attempts", type=int, default=20, help="attempts at each task of each robot and scan")
    options = parser.parse_args()
    idle = 0
    for scene in try_all(options.scans, options.robots, options.attempts):
        enter([scene], FAMILIES)
        told = ", ".join(f"{cell.task} {cell.succeeded}/{cell.attempts}" for cell in scene.cells)
        print(f"{scene.scan} {scene.robot}: {told or scene.message}", flush=True)
        idle += not scene.cells
    return 1 if idle else 0


def try_all(scans: Sequence[str], robots: Sequence[str], attempts: int) -> Iterator[Scene]:
    """Yield what each robot comes to in each scan; a scan's own stages are made once for all robots."""
    commit = describe_commit()
    for scan in scans:
        folder = WORKPLACE / scan
        flags = ("--ingest.source", source_of(scan), "--robots", *robots, "--until", "offer", "--out", folder)
        # A robot that finds nothing to do fails, and keeps the others from nothing.
        blueprint("run", TABLETOP_RECIPE, *flags, log=WORKPLACE / f"{scan}.log", deadline_s=DEADLINE_S)
        for robot in robots:
            try:
                yield scene_of(try_scan(scan, folder / robot, WORKPLACE, robot, attempts), commit)
            except NotMeasured as error:
                yield Scene(robot, scan, commit, message=str(error))


if __name__ == "__main__":
    sys.exit(main())
