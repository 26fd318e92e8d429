"""Run a pipeline: make the records that are missing, in order, and stop at the first failure."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from blueprint.pipeline.engine.digests import canonical_json
from blueprint.pipeline.engine.events import (
    CheckMeasured,
    Emit,
    Finished,
    ItemFinished,
    Pace,
    Reused,
    StageStarted,
)
from blueprint.pipeline.engine.keys import key_of
from blueprint.pipeline.engine.pace import Stopwatch
from blueprint.pipeline.engine.perform import Ended, Executor
from blueprint.pipeline.engine.plan import Pipeline, Sections, StagePlan, check_pipeline, inputs_of, plan_stage
from blueprint.pipeline.engine.stage import Stage
from blueprint.pipeline.engine.store import INPUT_KEYS, MappedRecord, Record, Store, disk_full_named
from blueprint.pipeline.engine.worklist import Numbered, WorkList
from blueprint.pipeline.errors import CheckFailed


@dataclass
class RunState:
    """The records made or reused so far, by stage name and by type."""

    records: dict[str, Record] = field(default_factory=dict[str, Record])
    by_type: dict[type[Record], Record] = field(default_factory=dict[type[Record], Record])

    def add(self, stage: Stage, record: Record) -> None:
        """Note a stage's record."""
        self.records[stage.name] = record
        self.by_type[stage.output] = record


def run_pipeline(
    pipeline: Pipeline, sections: Sections, store: Store, executor: Executor, emit: Emit, state: RunState
) -> None:
    """Make every record of a pipeline that the store lacks.

    `state` is filled as stages finish, so that a caller still knows what was done when this raises StageFailed,
    CheckFailed or DiskFull. What a stage reads is digested first, unless this run has made it; RecordDamaged names it.
    """
    check_pipeline(pipeline)
    unchecked: set[str] = set()
    prepared = False
    for position, stage in enumerate(pipeline):
        inputs = inputs_of(stage, state.by_type)
        plan = plan_stage(stage, sections[stage.name], inputs, store)
        record = plan.finished(store)
        if record is not None:
            emit(Reused(stage.name, stage.label))
            unchecked.add(record.key)
        else:
            for needed in inputs.values():
                if needed.key in unchecked:
                    store.verify(needed)
                    unchecked.remove(needed.key)
            if not prepared:
                executor.prepare([later.name for later in pipeline[position:] if later.warms_up])
                prepared = True
            record = _compute(plan, store, executor, emit)
        state.add(stage, record)
        _judge(stage, record, emit)


def _compute(plan: StagePlan, store: Store, executor: Executor, emit: Emit) -> Record:
    stage, work, started_s = plan.stage, plan.work, time.monotonic()
    emit(StageStarted(stage.name, stage.label, work.wanted if stage.mapped else 0))
    watch = Stopwatch()
    _tell_reused(work, emit)
    for ended in executor.run(work, emit):
        watch.add(ended.duration_s, work.running)
        failure = work.end(ended)
        if stage.mapped:
            reason = ended.lost or Record(store.records / ended.task.key).left_out
            emit(_finished(ended, work, reason, failure))
            _tell_pace(work, watch, emit)
    record = seal_items(plan, store) if stage.mapped else store.find(key_of(plan.header), stage.output)
    assert record is not None, "an executor reported success without a record"
    emit(Finished(stage.name, stage.label, time.monotonic() - started_s))
    return record


def _tell_reused(work: WorkList, emit: Emit) -> None:
    """Report the items whose records were found in the store; a stage that is not mapped has none."""
    if work.stage.mapped:
        for name in work.reused():
            emit(ItemFinished(work.stage.name, name, work.succeeded, work.wanted, reused=True))


def _finished(ended: Ended, work: WorkList, reason: str, failure: str) -> ItemFinished:
    """Say what became of an item that was made or lost; what is left out needs no second word for it."""
    failure = "" if reason else failure
    name, done = ended.task.item_id, work.succeeded
    return ItemFinished(work.stage.name, name, done, work.wanted, left_out=reason, failure=failure)


def _tell_pace(work: WorkList, watch: Stopwatch, emit: Emit) -> None:
    """Report what was found in the store behind an item, and how the stage gets on."""
    if isinstance(work, Numbered):
        _tell_reused(work, emit)
    share = work.succeeded / work.tried
    rate, still = watch.items_per_minute(), work.wanted - work.succeeded
    per_minute = None if rate is None else rate * share
    left_s = watch.left_s(still / share) if share else None
    emit(Pace(work.stage.name, work.tried, work.succeeded, work.wanted, per_minute, left_s))


def seal_items(plan: StagePlan, store: Store) -> Record:
    """Write the record that names a mapped stage's items in order, with the checks of the list itself."""
    items = {member.item_id: Record(store.records / member.key) for member in plan.made}
    sound = {name: item for name, item in items.items() if not item.left_out}
    entries = [{"id": name, "key": item.key, "digest": item.digest} for name, item in sound.items()]
    left_out = {name: item.left_out for name, item in items.items() if item.left_out} | plan.lost
    checks = [asdict(check) for check in plan.work.checks()]
    header: dict[str, Any] = {**plan.header, "key": key_of(plan.header), "checks": checks}
    header[INPUT_KEYS] = [item.key for item in items.values()]
    with disk_full_named(store.root):
        folder = store.begin(key_of(plan.header))
        (folder / MappedRecord.ITEMS_FILE).write_bytes(canonical_json({"items": entries, "left_out": left_out}))
        return plan.stage.output(store.commit(folder, header))


def _judge(stage: Stage, record: Record, emit: Emit) -> None:
    """Report a record's checks and stop the run at a failing blocking one, reused or new."""
    findings: list[str] = []
    for check in _all_checks(record):
        emit(CheckMeasured(stage.name, check.name, check.passed, check.sentence()))
        if check.blocking and not check.passed:
            findings.append(check.sentence())
    if findings:
        raise CheckFailed(stage.name, findings)


def _all_checks(record: Record) -> Sequence[Any]:
    if not isinstance(record, MappedRecord):
        return record.checks
    of_items = [check for folder in record.item_folders().values() for check in Record(folder).checks]
    return [*of_items, *record.checks]
