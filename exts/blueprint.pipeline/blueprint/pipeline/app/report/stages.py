"""What every stage did and how long it took, what stopped the run, and the versions of the tools behind the records."""

from dataclasses import dataclass
from typing import Any

from blueprint.pipeline.app.figures import count_text, duration_text
from blueprint.pipeline.app.run_records import RunRecords
from blueprint.pipeline.app.timings import StageTime
from blueprint.pipeline.engine.store import MappedRecord, Record


@dataclass(frozen=True, slots=True)
class StageRow:
    """One stage; `share` is its part of the whole time, in percent."""

    name: str
    label: str
    state: str
    items: str
    duration: str
    share: float
    digest: str


@dataclass(frozen=True, slots=True)
class FailureSection:
    """What stopped the run."""

    stage: str
    item: str
    kind: str
    cause: str
    logs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VersionsSection:
    """The program, tools and processors behind the records."""

    tools: tuple[tuple[str, str], ...]
    cpus: tuple[str, ...]


def describe_stages(records: RunRecords) -> tuple[StageRow, ...]:
    """Return the stages in order."""
    total = sum(time.duration_s or 0.0 for time in records.times.values())
    return tuple(_stage_row(time, records.by_stage.get(name), total) for name, time in records.times.items())


def describe_failure(failure: dict[str, Any] | None) -> FailureSection | None:
    """Return what stopped the run, or None."""
    if failure is None:
        return None
    return FailureSection(
        failure["stage"], failure["item"], failure["kind"], failure["cause"], tuple(failure["logs"][:20])
    )


def describe_versions(records: RunRecords) -> VersionsSection:
    """Return the versions that entered the records' keys."""
    tools: dict[str, set[str]] = {}
    cpus: set[str] = set()
    for record in _every_record(records):
        for name, version in record.header.get("tools", {}).items():
            tools.setdefault(name, set()).add(version)
        cpus |= {record.header["cpu"]} if record.header.get("cpu") else set()
    return VersionsSection(
        tuple((name, ", ".join(sorted(found))) for name, found in sorted(tools.items())), tuple(sorted(cpus))
    )


def _stage_row(time: StageTime, record: Record | None, total_s: float) -> StageRow:
    used = time.item_count - time.left_out_items
    items = count_text(used, "item") if time.item_count else ""
    if time.left_out_items:
        items += f", {time.left_out_items} left out"
    return StageRow(
        time.stage,
        time.label,
        # Whether the last run made a record or found it there changes nothing about it.
        "done" if time.state in ("made", "reused") else time.state,
        items,
        duration_text(time.duration_s) if record is not None or time.duration_s is not None else "",
        100 * (time.duration_s or 0.0) / total_s if total_s else 0.0,
        record.digest[:12] if record is not None else "",
    )


def _every_record(records: RunRecords) -> list[Record]:
    found: list[Record] = []
    for record in records.by_stage.values():
        found.append(record)
        if isinstance(record, MappedRecord):
            # One item stands for all: they were made by one stage with one set of tools.
            found += [Record(folder) for folder in list(record.item_folders().values())[:1]]
    return found
