"""Damage small scans of every format at random and let the readers read them; prints the counts as JSON.

python tools/fuzz_readers.py [--cases 10000] [--workers 2] [--seed 1] [--case N] [--keep FOLDER]

Exit code 1 when a reading crashed the product, took longer than 10 s or needed more than 2 GB.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from time import monotonic

sys.path.insert(0, str(Path(__file__).parent))

from fuzzing.campaign import plan, run


def main() -> int:
    """Parse the arguments, run, print."""
    parser = argparse.ArgumentParser(description="Let the readers read damaged scans.")
    parser.add_argument("--cases", type=int, default=10_000, help="how many damaged scans are read")
    parser.add_argument("--workers", type=int, default=2, help="how many processes read them")
    parser.add_argument("--seed", type=int, default=1, help="seed of the damage; the same seed, the same cases")
    parser.add_argument("--case", type=int, help="the number of one case, to try it alone")
    parser.add_argument("--keep", type=Path, help="folder for the scans of cases that should not have ended so")
    given = parser.parse_args()
    cases = range(given.cases) if given.case is None else range(given.case, given.case + 1)
    started = monotonic()
    with tempfile.TemporaryDirectory(prefix="blueprint-fuzz-") as scratch:
        tally = run(plan(Path(scratch), given.seed), cases, given.workers, given.keep)
    summary = {"seed": given.seed, "seconds": round(monotonic() - started, 1), **tally.summary()}
    print(json.dumps(summary, indent=1))
    return 1 if tally.findings else 0


if __name__ == "__main__":
    sys.exit(main())
