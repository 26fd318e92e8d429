"""Plan and run recipes. This is the run boundary: every error is handled here, once, and leaves `failure.json`."""

import os
import traceback
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from blueprint.pipeline.app.corrections import heed_corrections
from blueprint.pipeline.app.eventlog import EventLog
from blueprint.pipeline.app.messages import public_message
from blueprint.pipeline.app.processes import ProcessExecutor
from blueprint.pipeline.app.robot_runs import RobotRuns, is_of_several, run_each
from blueprint.pipeline.app.runs import EVENTS_FILE, FAILURE_FILE, RUN_FILE, RunFolder, kept_keys, stage_entry
from blueprint.pipeline.app.slots import device_slots, worker_count
from blueprint.pipeline.engine.digests import canonical_json
from blueprint.pipeline.engine.events import Emit, Failed, RunFinished, RunStarted
from blueprint.pipeline.engine.inline import InlineExecutor
from blueprint.pipeline.engine.keys import settings_in_key
from blueprint.pipeline.engine.lock import locked
from blueprint.pipeline.engine.perform import Executor
from blueprint.pipeline.engine.plan import Pipeline, PlannedStage, plan_pipeline
from blueprint.pipeline.engine.run import RunState, run_pipeline
from blueprint.pipeline.engine.store import replace_file
from blueprint.pipeline.errors import BlueprintError, DiskFull, FolderUnusable, InputError, UnknownName
from blueprint.pipeline.pipeline import PIPELINES, STAGES
from blueprint.pipeline.recipe import Recipe, RunSettings


@dataclass(frozen=True)
class RunResult:
    """What became of a run; `message` is empty for a success, `told` whether the faces were shown it by an event."""

    folder: RunFolder
    succeeded: bool
    exit_code: int
    message: str = ""
    told: bool = False


def stages_until(recipe: Recipe, until: str | None) -> Pipeline:
    """Return a recipe's stages up to and including one; raises UnknownName."""
    stages = PIPELINES[recipe.pipeline]
    if until is None:
        return stages
    names = [stage.name for stage in stages]
    if until not in names:
        raise UnknownName("stage", until, names)
    return stages[: names.index(until) + 1]


def plan(recipe: Recipe, out: Path, until: str | None = None) -> list[PlannedStage]:
    """Say what a run would compute and what it would reuse; writes nothing.

    With several robots, the stages come once per robot and are named after it, such as `fetch/assemble`.
    """
    if recipe.robots:
        each = {name: plan(recipe.for_robot(name), out, until) for name in recipe.robots}
        return [replace(entry, name=f"{name}/{entry.name}") for name, planned in each.items() for entry in planned]
    sections = heed_corrections(recipe, out).sections()
    return plan_pipeline(stages_until(recipe, until), sections, RunFolder(out).store)


def run(recipe: Recipe, out: Path, *, faces: Sequence[Emit] = (), until: str | None = None) -> RunResult:
    """Run a recipe into a folder and report; raises FolderLocked and FolderUnusable, all else is in the result.

    With several robots, each has a run in a folder of its own name, and the report above them compares.
    """
    if recipe.robots:
        return _run_robots(recipe, out, faces, until)
    if is_of_several(out):
        raise FolderUnusable(out.name, "it holds the runs of several robots; give another folder")
    stages, folder = stages_until(recipe, until), RunFolder(out)
    recipe, state = heed_corrections(recipe, out), RunState()
    with locked(out):
        folder.refuse_foreign()
        with EventLog(out / EVENTS_FILE, faces) as log:
            (out / FAILURE_FILE).unlink(missing_ok=True)
            failure = None
            try:
                log(RunStarted(tuple(stage.name for stage in stages)))
                with _executor(recipe, out) as executor:
                    run_pipeline(stages, recipe.sections(), folder.store, executor, log, state)
                folder.publish(state.records)
            except Exception as error:  # noqa: BLE001 - the run boundary: recorded in failure.json and shown once
                failure = error
            return _conclude(folder, recipe, state, _stage_at_work(stages, state), failure, log)


def _run_robots(recipe: Recipe, out: Path, faces: Sequence[Emit], until: str | None) -> RunResult:
    from blueprint.pipeline.app.report.robots import write_robots_page

    codes: list[int] = []

    def run_one(for_robot: Recipe, folder: Path) -> str:
        result = run(for_robot, folder, faces=faces, until=until)
        codes.append(result.exit_code)
        return result.message

    faults = run_each(recipe, out, run_one)
    write_robots_page(out)
    said = [f"{name}: {message}" for name, message in faults.items() if message]
    return RunResult(RunFolder(out), not said, max(codes), "; ".join(said))


def collect_garbage(out: Path) -> int:
    """Remove unfinished work and every record that the last run does not need; returns the bytes freed.

    Where the disk was too full even for `run.json`, every finished record is kept.
    """
    folder = RunFolder(out)
    if (out / "store").is_symlink():
        return collect_garbage(out.resolve().parent)
    if is_of_several(out):
        with locked(out):
            return folder.store.collect_garbage(RobotRuns(out).kept_keys())
    if not folder.store.unfinished.is_dir():
        folder.load()
    with locked(out):
        known = (out / RUN_FILE).is_file()
        return folder.store.collect_garbage(kept_keys(folder.load()) if known else folder.store.keys())


@contextmanager
def _executor(recipe: Recipe, out: Path) -> Generator[Executor]:
    executor = open_executor(recipe.run, out / "logs")
    try:
        yield executor
    finally:
        executor.close()


def open_executor(settings: RunSettings, logs: Path) -> Executor:
    """Return what carries out a recipe's work; raises NoDevices, and MissingTool without Ray."""
    match settings.executor:
        case "inline":
            return InlineExecutor(STAGES, logs / "inline.log")
        case "processes":
            devices = device_slots(settings, os.environ)
            return ProcessExecutor(worker_count(settings), logs, retries=settings.retries, devices=devices)
        case "ray":
            from blueprint.pipeline.app.ray_cluster import open_ray

            return open_ray(settings, logs)


def _save_run(folder: RunFolder, recipe: Recipe, state: RunState, run_id: str, failure: BaseException | None) -> None:
    folder.save(
        {
            "run_id": run_id,
            "pipeline": recipe.pipeline,
            "production": recipe.production,
            "recipe": {name: settings_in_key(section) for name, section in recipe.sections().items()},
            "stages": {name: stage_entry(record) for name, record in state.records.items()},
            "succeeded": failure is None,
            "message": public_message(failure) if failure else "",
        }
    )


def _stage_at_work(stages: Pipeline, state: RunState) -> str:
    """Return the first stage without a record, which is the one that an unexpected error belongs to."""
    return next((stage.name for stage in stages if stage.name not in state.records), "")


def _conclude(
    folder: RunFolder, recipe: Recipe, state: RunState, stage: str, failure: BaseException | None, log: EventLog
) -> RunResult:
    """Write down how the run ended; a disk that is full loses lines of that, never the verdict."""
    stage = getattr(failure, "stage", stage)
    message = public_message(failure) if failure else ""
    writings: list[Callable[[], None]] = [lambda: _save_run(folder, recipe, state, log.run_id, failure)]
    if failure is not None:
        writings.append(lambda: log(Failed(stage, message, getattr(failure, "item", ""))))
        writings.append(lambda: _save_failure(folder, state, stage, failure))
    writings.append(lambda: log(RunFinished(failure is None, message)))
    writings.append(lambda: _write_report(folder))
    refusals = [refusal for writing in writings if (refusal := _refusal(writing)) is not None]
    cause = failure or next(iter(refusals), None)
    if cause is None:
        return RunResult(folder, True, 0)
    code = cause.exit_code if isinstance(cause, BlueprintError) else 1
    return RunResult(folder, False, code, public_message(cause), told=failure is not None)


def _refusal(writing: Callable[[], None]) -> DiskFull | None:
    """Carry out one writing; returns what stopped it where the disk is full."""
    try:
        writing()
    except DiskFull as error:
        return error
    return None


def _save_failure(folder: RunFolder, state: RunState, stage: str, failure: BaseException) -> None:
    """Write the trace into the log, and `failure.json` without it."""
    logs = folder.root / "logs"
    replace_file(logs / "failure.log", "".join(traceback.format_exception(failure)).encode())
    replace_file(folder.root / FAILURE_FILE, canonical_json(_failure_data(folder, state, stage, failure)))


def _failure_data(folder: RunFolder, state: RunState, stage: str, failure: BaseException) -> Mapping[str, Any]:
    logs = sorted(path.relative_to(folder.root).as_posix() for path in (folder.root / "logs").glob("*.log"))
    return {
        "format": "blueprint.failure",
        "version": 1,
        "stage": stage,
        "item": getattr(failure, "item", ""),
        "cause": public_message(failure),
        "kind": type(failure).__name__,
        "is_input_error": isinstance(failure, InputError),
        "finished_stages": {name: stage_entry(record) for name, record in state.records.items()},
        "unfinished": sorted(path.name for path in folder.store.unfinished.glob("*")),
        "logs": logs,
        "process": os.getpid(),
    }


def _write_report(folder: RunFolder) -> None:
    """Write the report, which is made from what `run.json` names; a disk may have been too full for that file."""
    from blueprint.pipeline.app.report.page import write_report

    if (folder.root / RUN_FILE).is_file():
        write_report(folder)


def describe_plan(planned: Sequence[PlannedStage]) -> list[dict[str, Any]]:
    """Return a plan as plain JSON data."""
    return [asdict(entry) for entry in planned]
