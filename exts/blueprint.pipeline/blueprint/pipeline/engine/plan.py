"""Which records a pipeline needs, which of them exist, and why the others must be made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from blueprint.pipeline.engine.keys import describe, describe_item, foreign_digests, key_of
from blueprint.pipeline.engine.perform import Task, make_task
from blueprint.pipeline.engine.stage import Item, Settings, Stage
from blueprint.pipeline.engine.store import Record, Store
from blueprint.pipeline.errors import BlueprintError

Pipeline = Sequence[Stage]
Sections = Mapping[str, Settings]
State = Literal["reused", "runs", "waits"]


class PipelineError(BlueprintError):
    """A pipeline whose stages do not fit together."""


@dataclass(frozen=True)
class PlannedStage:
    """What a run would do with one stage; counts are of items and 0 for a stage that is not mapped or must wait."""

    name: str
    label: str
    state: State
    item_count: int = 0
    missing_count: int = 0
    why: str = ""


@dataclass(frozen=True)
class StagePlan:
    """The tasks that make a stage's record; `tasks` holds only those that are missing."""

    stage: Stage
    header: dict[str, Any]
    tasks: tuple[Task, ...]
    item_ids: tuple[str, ...] = ()
    item_keys: tuple[str, ...] = ()


def check_pipeline(pipeline: Pipeline) -> None:
    """Refuse a pipeline in which a stage reads what no earlier one writes, or two stages share a name or output."""
    produced: set[type[Record]] = set()
    for stage in pipeline:
        for name, kind in stage.inputs.items():
            if kind not in produced:
                made = ", ".join(sorted(entry.__name__ for entry in produced)) or "nothing"
                raise PipelineError(
                    f"stage {stage.name!r} reads {name}: {kind.__name__}, which no earlier stage writes "
                    f"(written so far: {made})"
                )
        if stage.output in produced:
            raise PipelineError(f"stage {stage.name!r} writes {stage.output.__name__}, which an earlier stage writes")
        produced.add(stage.output)


def inputs_of(stage: Stage, produced: Mapping[type[Record], Record]) -> dict[str, Record]:
    """Find a stage's input records by type."""
    return {name: produced[kind] for name, kind in stage.inputs.items()}


def plan_stage(stage: Stage, settings: Settings, inputs: Mapping[str, Record], store: Store) -> StagePlan:
    """List the tasks of one stage whose records are not in the store."""
    keys = {name: record.key for name, record in inputs.items()}
    if stage.items is None:
        header = describe(stage, settings, inputs)
        task = make_task(stage, store=store, header=header, settings=settings, inputs=keys)
        missing = () if store.find(task.key, stage.output) else (task,)
        return StagePlan(stage, header, missing)
    items: Sequence[Item] = stage.items(**inputs, settings=settings)
    foreign = foreign_digests(stage, settings)
    tasks = [
        make_task(
            stage,
            store=store,
            header=describe_item(stage, settings, item, foreign),
            settings=settings,
            inputs=keys,
            item=item,
        )
        for item in items
    ]
    kind = stage.item_output or stage.output
    missing = tuple(task for task in tasks if store.find(task.key, kind) is None)
    header = {"stage": stage.name, "stage_version": stage.version, "items": [task.key for task in tasks]}
    return StagePlan(stage, header, missing, tuple(item.id for item in items), tuple(task.key for task in tasks))


def plan_pipeline(pipeline: Pipeline, sections: Sections, store: Store) -> list[PlannedStage]:
    """Say what a run would do with each stage, as far as the records that exist allow."""
    check_pipeline(pipeline)
    produced: dict[type[Record], Record] = {}
    planned: list[PlannedStage] = []
    waits_for = ""
    for stage in pipeline:
        if waits_for:
            planned.append(PlannedStage(stage.name, stage.label, "waits", why=f"depends on {waits_for}"))
            continue
        plan = plan_stage(stage, sections[stage.name], inputs_of(stage, produced), store)
        record = store.find(key_of(plan.header), stage.output)
        if record is None or plan.tasks:
            why = (
                f"{len(plan.tasks)} of {len(plan.item_ids)} items are new"
                if stage.mapped
                else "no record under its key"
            )
            entry = PlannedStage(stage.name, stage.label, "runs", len(plan.item_ids), len(plan.tasks), why)
            waits_for = stage.name
        else:
            entry = PlannedStage(stage.name, stage.label, "reused", len(plan.item_ids))
            produced[stage.output] = record
        planned.append(entry)
    return planned
