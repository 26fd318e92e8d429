"""Which records a pipeline needs, which of them exist, and why the others must be made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from blueprint.pipeline.engine.keys import describe, describe_item, foreign_digests, key_of
from blueprint.pipeline.engine.perform import Task, make_task
from blueprint.pipeline.engine.stage import Item, Settings, Stage
from blueprint.pipeline.engine.store import Record, Store
from blueprint.pipeline.engine.worklist import Listed, Member, Numbered, WorkList
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
    """The work that makes a stage's record; `plain_header` is that of a stage that is not mapped."""

    stage: Stage
    work: WorkList
    plain_header: dict[str, Any] | None = None

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks whose records are missing, as far as they are known beforehand."""
        return self.work.tasks if isinstance(self.work, Listed) else ()

    @property
    def header(self) -> dict[str, Any]:
        """All that the key of the stage's record is made of, once its work is settled."""
        if self.plain_header is not None:
            return self.plain_header
        lost = {"lost": self.lost} if self.lost else {}
        keys = [member.key for member in self.made]
        return {
            "stage": self.stage.name,
            "stage_version": self.stage.version,
            "items": keys,
            **lost,
            **self.work.facts(),
        }

    @property
    def made(self) -> tuple[Member, ...]:
        """The members of the stage's record that have records of their own."""
        return tuple(member for member in self.work.members() if member.item_id not in self.work.lost)

    @property
    def lost(self) -> dict[str, str]:
        """Why the other members have none."""
        names = [member.item_id for member in self.work.members()]
        return {name: self.work.lost[name] for name in names if name in self.work.lost}

    def finished(self, store: Store) -> Record | None:
        """Return the stage's record where nothing needs to be made for it."""
        return store.find(key_of(self.header), self.stage.output) if self.work.is_settled else None


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
    """Describe the work of one stage, as far as its records are not in the store."""
    keys = {name: record.key for name, record in inputs.items()}
    if stage.items is None:
        header = describe(stage, settings, inputs)
        task = make_task(stage, store=store, header=header, settings=settings, inputs=keys)
        return StagePlan(stage, Listed(stage, [task], store), header)
    items: Sequence[Item] = stage.items(**inputs, settings=settings)
    foreign = foreign_digests(stage, settings)

    def task_of(item: Item) -> Task:
        header = describe_item(stage, settings, item, foreign)
        return make_task(stage, store=store, header=header, settings=settings, inputs=keys, item=item)

    if stage.attempts is None:
        return StagePlan(stage, Listed(stage, [task_of(item) for item in items], store))
    aim = stage.attempts.aim(settings)
    return StagePlan(stage, Numbered(stage, stage.attempts, aim, items, task_of, store))


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
        record, count = plan.finished(store), plan.work.wanted if stage.mapped else 0
        if record is None:
            missing = count - plan.work.succeeded if stage.mapped else 0
            planned.append(PlannedStage(stage.name, stage.label, "runs", count, missing, _why(plan)))
            waits_for = stage.name
        else:
            planned.append(PlannedStage(stage.name, stage.label, "reused", count))
            produced[stage.output] = record
    return planned


def _why(plan: StagePlan) -> str:
    """Say why a stage must run."""
    work = plan.work
    if isinstance(work, Numbered):
        return f"{work.succeeded} of {work.wanted} wanted successes are there, from {work.tried} attempts"
    if plan.stage.mapped:
        return f"{len(work.tasks)} of {work.wanted} items are new"
    return "no record under its key"
