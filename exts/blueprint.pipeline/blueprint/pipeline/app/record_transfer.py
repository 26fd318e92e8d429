"""Records on their way to a machine that does not see the store, and back: packed, and checked where they arrive."""

import io
import shutil
import tarfile
import uuid
from collections.abc import Iterable

from blueprint.pipeline.engine.digests import files_below
from blueprint.pipeline.engine.store import INPUT_KEYS, MappedRecord, Record, Store
from blueprint.pipeline.services.archives import ArchiveLimits, extract_archive

LIMITS = ArchiveLimits(max_bytes=32 << 30, max_members=200_000)
"""A scene with textures or an episode with videos stays far below; what is larger is no record of ours."""


def pack_record(store: Store, key: str) -> bytes:
    """Return a finished record as a TAR archive that is the same wherever it is packed."""
    folder, stream = store.records / key, io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in files_below(folder):
            entry = tarfile.TarInfo(path.relative_to(folder).as_posix())
            entry.size = path.stat().st_size
            with path.open("rb") as content:
                archive.addfile(entry, content)
    return stream.getvalue()


def unpack_record(store: Store, key: str, archive: bytes) -> None:
    """Put a packed record into a store; raises ArchiveRefused, and RecordDamaged where its bytes are not its own."""
    draft = store.unfinished / f"arriving-{uuid.uuid4().hex}"
    packed = draft.with_suffix(".tar")
    store.unfinished.mkdir(parents=True, exist_ok=True)
    try:
        packed.write_bytes(archive)
        draft.mkdir()
        extract_archive(packed, draft, LIMITS)
        store.adopt(draft, key)
    finally:
        packed.unlink(missing_ok=True)
        shutil.rmtree(draft, ignore_errors=True)


def needed_keys(store: Store, inputs: Iterable[str]) -> list[str]:
    """List the records that making an item may read: its inputs, and the items of those that are mapped."""
    keys: dict[str, None] = {}
    for key in inputs:
        keys[key] = None
        if (store.records / key / MappedRecord.ITEMS_FILE).is_file():
            keys.update(dict.fromkeys(entry["key"] for entry in MappedRecord(store.records / key).entries))
    return list(keys)


def made_keys(store: Store, key: str, inputs: Iterable[str]) -> list[str]:
    """List a record that was made and the partial results made beside it, which it names among what it read."""
    given = set(inputs)
    beside = [each for each in Record(store.records / key).header[INPUT_KEYS] if each not in given]
    return [*beside, key]
