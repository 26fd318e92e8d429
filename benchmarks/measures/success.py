"""What share of attempts succeeds, by task and scan: planning failures counted, claims held against the states."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure, Goal, NotMeasured
from benchmarks.machine import REPOSITORY, describe_commit
from benchmarks.processes import blueprint
from benchmarks.scenes import TABLETOP_RECIPE
from benchmarks.scenes import scan as shared_scan
from benchmarks.success_table import Cell, Scene, enter

from blueprint.pipeline.app.intervals import wilson_interval
from blueprint.pipeline.app.outcome_table import outcome_rows
from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.episode.outcomes import EpisodeSummary
from blueprint.pipeline.episode.records import Episode, Episodes, Offered

ROBOT, ATTEMPTS = "franka_panda", 100
"""Attempts per task and scan; a task whose parts a scan lacks is not tried there."""
SCANS = ("kitchen", "ycb_table", "kitchen_cabinet")
FAMILIES: Mapping[str, tuple[tuple[str, ...], float]] = {
    "pick and place": (("pick_place",), 95),
    "stack": (("stack",), 85),
    "drawer": (("open_drawer", "close_drawer"), 95),
    "door": (("open_door", "close_door"), 95),
    "push": (("push_to_region",), 90),
    "composites": (("open_drawer_place_in", "clear_table"), 80),
}
SUCCESS = {name: Goal(f"success, {name}", "%", ">=", limit) for name, (_, limit) in FAMILIES.items()}
PAIRS = Goal("pairs of graspable object and task that are feasible", "%", ">=", 80)
VARIANTS = Goal("variants in which a feasible task has a plan before anything moves", "%", ">=", 80)
DENIED = Goal("claims of success that the states deny", "episodes", "<=", 0)
GOALS = (*SUCCESS.values(), PAIRS, VARIANTS, DENIED)
DEADLINE_S = 3400


@dataclass(frozen=True)
class Tried:
    """What a robot's attempts in a scan came to: outcomes by task, pairs of object and task, claims denied."""

    scan: str
    robot: str
    summaries: tuple[EpisodeSummary, ...]
    pairs: int
    feasible: int
    denied: int


def measure(workplace: Path) -> list[Figure]:
    """Try every task of every scan."""
    folder = workplace / "success"
    shutil.rmtree(folder, ignore_errors=True)
    tried = [try_scan(name, folder / name, workplace) for name in SCANS]
    commit = describe_commit()
    enter([scene_of(each, commit) for each in tried], FAMILIES)
    figures = [_family(name, tasks, tried) for name, (tasks, _) in FAMILIES.items()]
    pairs, feasible = sum(each.pairs for each in tried), sum(each.feasible for each in tried)
    told = ", ".join(f"{each.scan} {each.feasible} of {each.pairs}" for each in tried)
    figures.append(Figure(PAIRS, 100 * feasible / pairs if pairs else None, told))
    figures.append(_variants(tried))
    figures.append(Figure(DENIED, float(sum(each.denied for each in tried)), "every success measured a second time"))
    return figures


def _family(name: str, tasks: Sequence[str], tried: Sequence[Tried]) -> Figure:
    chosen = [summary for each in tried for summary in each.summaries if summary.task in tasks]
    good = sum(summary.outcome.success for summary in chosen)
    interval = wilson_interval(good, len(chosen))
    if interval is None:
        return Figure(SUCCESS[name], None, f"no scan offers {' or '.join(tasks)}")
    by_scan = ", ".join(part for each in tried if (part := _scan_part(each, tasks)))
    between = f"{100 * interval[0]:.0f} to {100 * interval[1]:.0f} %"
    return Figure(SUCCESS[name], 100 * good / len(chosen), f"{good} of {len(chosen)} ({between}); {by_scan}")


def _variants(tried: Sequence[Tried]) -> Figure:
    """Return the share of attempts, each of one variant, that had a plan; told by task, the least share first."""
    rows = [row for each in tried for row in outcome_rows(each.summaries)]
    attempted, planned = sum(row.attempted for row in rows), sum(row.planned for row in rows)
    by_task: dict[str, tuple[int, int]] = {}
    for row in rows:
        had, of = by_task.get(row.task, (0, 0))
        by_task[row.task] = (had + row.planned, of + row.attempted)
    ordered = sorted(by_task.items(), key=lambda entry: entry[1][0] / entry[1][1])
    told = ", ".join(f"{task} {had}/{of}" for task, (had, of) in ordered)
    return Figure(VARIANTS, 100 * planned / attempted if attempted else None, told)


def _scan_part(each: Tried, tasks: Sequence[str]) -> str:
    chosen = [summary for summary in each.summaries if summary.task in tasks]
    if not chosen:
        return ""
    return f"{each.scan} {sum(summary.outcome.success for summary in chosen)}/{len(chosen)}"


def try_scan(scan: str, out: Path, workplace: Path, robot: str = ROBOT, attempts: int = ATTEMPTS) -> Tried:
    """Try every task that is offered to a robot in a scan; raises NotMeasured where nothing can be."""
    call = Call(out, ("--ingest.source", source_of(scan), "--assemble.robot.name", robot), workplace)
    call.run("--until", "offer")
    offers = Offered(_record(out, "offer")).offers
    pairs = offers.pairs()
    feasible = sorted({offer.template for offer in offers.feasible()})
    summaries: list[EpisodeSummary] = []
    denied = 0
    for task in (task for tasks, _ in FAMILIES.values() for task in tasks if task in feasible):
        counts = ("--generate.episodes", "--generate.max-attempts", "--randomize.count")
        flags = (part for flag in counts for part in (flag, str(attempts)))
        least = ("--generate.least-success-share", "0", "--generate.render", "none", "--until", "generate")
        call.run("--generate.tasks", task, *flags, *least)
        episodes = Episodes(_record(out, "generate")).episodes()
        summaries += [episode.summary for episode in episodes.values()]
        denied += sum(episode.summary.outcome.success and not confirmed(episode) for episode in episodes.values())
    return Tried(scan, robot, tuple(summaries), len(pairs), sum(pair.feasible for pair in pairs), denied)


def scene_of(tried: Tried, commit: str) -> Scene:
    """Return what was tried as counts."""
    rows = outcome_rows(tried.summaries)
    cells = tuple(Cell(row.task, row.attempted, row.succeeded, row.failures) for row in rows)
    why = "" if cells else "nothing that was to be tried is offered"
    return Scene(tried.robot, tried.scan, commit, cells, tried.pairs, tried.feasible, tried.denied, why)


def source_of(scan: str) -> Path:
    """Return a scan's folder, the repository's own or a shared one; raises NotMeasured where it is not there."""
    own = REPOSITORY / "data" / "scans" / scan
    return own if own.is_dir() else shared_scan(scan)


@dataclass(frozen=True)
class Call:
    """The command that tries a robot in a scan, with what every call of it has in common."""

    out: Path
    flags: tuple[str | Path, ...]
    workplace: Path

    def run(self, *flags: str) -> None:
        """Run it to its end; raises NotMeasured where it fails."""
        what = f"{self.out.name} {' '.join(flags[:2])}"
        log = self.workplace / f"success_{self.out.name}.log"
        arguments = ("run", TABLETOP_RECIPE, *self.flags, "--out", self.out, *flags)
        blueprint(*arguments, log=log, deadline_s=DEADLINE_S).must_succeed(what)


def confirmed(episode: Episode) -> bool:
    """Measure a success again from its recorded states, by other numbers and other geometry than the first time."""
    from blueprint.pipeline.certify.recheck import recheck
    from blueprint.pipeline.episode.states import States

    return recheck(States(episode.states_path), episode.task).confirmed


def _record(out: Path, stage: str) -> Path:
    folder = RunFolder(out).record(stage)
    if folder is None:
        raise NotMeasured(f"the run of {out.name} has no record of {stage}")
    return folder
