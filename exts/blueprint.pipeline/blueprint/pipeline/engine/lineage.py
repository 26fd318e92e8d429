"""The lineage of a record: the headers of every record it was made from."""

from typing import Any

from blueprint.pipeline.engine.store import INPUT_KEYS, Record

HEADER_FIELDS = ("stage", "stage_version", "settings", "item", "items", "tools", "foreign", "digest", "cpu", "checks")


def lineage(record: Record) -> list[dict[str, Any]]:
    """Return what each ancestor was made from, ancestors before descendants, without paths of a machine."""
    found: dict[str, Record] = {}
    _collect(record, found)
    return [_entry(ancestor) for ancestor in found.values()]


def ancestors(record: Record) -> list[Record]:
    """Return the records that a record was made from, and itself, ancestors first."""
    found: dict[str, Record] = {}
    _collect(record, found)
    return list(found.values())


def _collect(record: Record, found: dict[str, Record]) -> None:
    if record.key in found:
        return
    for key in record.header.get(INPUT_KEYS, ()):
        _collect(Record(record.sibling(key)), found)
    found[record.key] = record


def _entry(record: Record) -> dict[str, Any]:
    header = record.header
    kept = {name: header[name] for name in HEADER_FIELDS if header.get(name)}
    return {**kept, "key": record.key, "inputs": list(header.get(INPUT_KEYS, ()))}
