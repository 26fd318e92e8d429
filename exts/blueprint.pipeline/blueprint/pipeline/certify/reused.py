"""Digest again what was reused: a certificate never rests on a record that nobody has looked at since it was stored."""

from blueprint.pipeline.engine.lineage import ancestors
from blueprint.pipeline.engine.store import Record, Store


def verify_ancestors(record: Record) -> int:
    """Digest every file of every record that one was made from; raises RecordDamaged, returns how many were checked."""
    store = Store(record.folder.parent.parent)
    found = ancestors(record)
    for ancestor in found:
        store.verify(ancestor)
    return len(found)
