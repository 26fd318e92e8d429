"""Runs that several benchmarks start from, made once per session of `make bench`."""

from pathlib import Path

from benchmarks.figures import NotMeasured
from benchmarks.machine import REPOSITORY
from benchmarks.processes import blueprint

from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.episode.records import Episode, Episodes
from blueprint.pipeline.scene.records import Assembled, Variants

DEMO_RECIPE = REPOSITORY / "config" / "recipes" / "demo.yaml"
TABLETOP_RECIPE = REPOSITORY / "config" / "recipes" / "tabletop.yaml"
SHARED_SCANS = REPOSITORY.parent / "shared" / "data" / "scans"
DEADLINE_S = 1200


def demo_run(workplace: Path) -> RunFolder:
    """Return the demo's run folder, finished; it is made where the demo's benchmark has not left one."""
    run = workplace / "demo"
    if not (run / "dataset").is_dir():
        blueprint("demo", "--out", run, log=workplace / "demo_made.log", deadline_s=DEADLINE_S).must_succeed("the demo")
    return RunFolder(run)


def scan(name: str) -> Path:
    """Return a shared scan; raises NotMeasured where it is not beside the checkout."""
    folder = SHARED_SCANS / name
    if not folder.is_dir():
        raise NotMeasured(f"../shared/data/scans/{name} is not there")
    return folder


def assembled_of(run: RunFolder) -> Assembled:
    """Return the assembled scene of a run."""
    return Assembled(_record(run, "assemble"))


def variants_of(run: RunFolder) -> Variants:
    """Return the variants of a run."""
    return Variants(_record(run, "randomize"))


def episodes_of(run: RunFolder) -> dict[str, Episode]:
    """Return every attempted episode of a run."""
    return Episodes(_record(run, "generate")).episodes()


def _record(run: RunFolder, stage: str) -> Path:
    folder = run.record(stage)
    if folder is None:
        raise NotMeasured(f"the run has no record of {stage}")
    return folder
