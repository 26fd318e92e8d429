"""Partial results that outlive what made them: records of their own, found again by what they were made from.

A result that depends on less than its item does, such as the convex pieces of a mesh when a mass is corrected, is not
made twice. The item's record names it among its inputs, so that it is kept, verified and listed in the lineage with it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from blueprint.pipeline.engine.keys import cpu_class, installed_versions, key_of
from blueprint.pipeline.engine.stage import Work
from blueprint.pipeline.engine.store import INPUT_KEYS, LEFT_OUT, Record, Store

RESULT_FILE = "result"


def remembered(
    work: Work, name: str, made_from: Mapping[str, Any], tools: Sequence[str], make: Callable[[], bytes]
) -> bytes:
    """Return a partial result: from the store where it is there, else made now and stored.

    `made_from` is plain data that decides every byte together with the versions of `tools`; raises what `make` raises.
    Work without a store only makes it.
    """
    if work.store is None:
        return make()
    header = {"stage": name, "settings": dict(made_from), "tools": installed_versions(tools)}
    key, store = key_of(header), Store(work.store)
    if (found := store.find(key, Record)) is None:
        result = make()
        # The draft is the item's own: another item may be storing the same result at this moment.
        draft = store.begin(f"{key}-{work.folder.name}")
        (draft / RESULT_FILE).write_bytes(result)
        found = Record(
            store.commit(draft, {**header, "key": key, "checks": [], "cpu": cpu_class(), LEFT_OUT: "", INPUT_KEYS: []})
        )
    work.remembered.append(key)
    return (found.folder / RESULT_FILE).read_bytes()
