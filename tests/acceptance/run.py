"""Let foreign readers judge the results of a run, each in an environment of its own below `.acceptance/`."""

import argparse
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from tests.acceptance.oracles import ORACLES, Judgement, Oracle, consult  # noqa: E402 - found by the line above

ENVIRONMENTS = REPOSITORY / ".acceptance"


def main() -> int:
    """Consult the oracles; 0 when at least one ran and none disagrees, 2 when there is nothing to judge."""
    names = [oracle.name for oracle in ORACLES]
    parser = argparse.ArgumentParser(description=__doc__)
    demo = REPOSITORY / "runs" / "demo"
    parser.add_argument("--run", type=Path, nargs="+", default=[demo], help="folders of finished runs")
    parser.add_argument("--only", nargs="+", choices=names, help="consult these alone")
    parser.add_argument("--also", nargs="+", choices=names, default=[], help="consult these too, opt-in by name")
    options = parser.parse_args()
    for run in options.run:
        if not (run / "run.json").is_file():
            sys.stderr.write(f"error: {run.name} holds no run.json; make one first: make demo\n")
            return 2
    asked = [oracle for oracle in ORACLES if not options.only or oracle.name in options.only]
    judgements = [_consult(oracle, run, options) for run in options.run for oracle in asked]
    heard = [judgement for judgement in judgements if not judgement.not_run]
    ran = {judgement.oracle.name for judgement in heard}
    disagree = sorted({judgement.oracle.name for judgement in heard if not judgement.agrees})
    if disagree:
        print(f"disagree: {', '.join(disagree)}")
    print(f"{len(ran)} oracles ran, {len(ORACLES) - len(ran)} not run")
    return 0 if ran and not disagree else 1


def _consult(oracle: Oracle, run: Path, options: argparse.Namespace) -> Judgement:
    print(f"{oracle.name}, run {run.name}: {oracle.asks}", flush=True)
    if oracle.opt_in and oracle.name not in [*(options.only or []), *options.also]:
        judgement = Judgement(oracle, False, f"opt-in, name it with --also {oracle.name}; {oracle.terms}")
    else:
        judgement = consult(oracle, run, ENVIRONMENTS, lambda line: print(f"  {line}", flush=True))
    print(
        f"  {'not run: ' + judgement.not_run if judgement.not_run else 'agrees' if judgement.agrees else 'DISAGREES'}"
    )
    return judgement


if __name__ == "__main__":
    sys.exit(main())
