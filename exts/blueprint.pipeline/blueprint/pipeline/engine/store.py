"""The content-addressed store: finished records, and the hidden folders of unfinished ones.

A record is a folder `records/<key>/` with payload files and `record.json`, which names every file with its digest.
It is written under `unfinished/` and renamed into place after its bytes are on disk, so a reader never sees a part.
"""

import errno
import json
import os
import shutil
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from blueprint.pipeline.engine.checks import Check
from blueprint.pipeline.engine.digests import canonical_json, digest_file, digest_files, digest_value, files_below
from blueprint.pipeline.errors import DiskFull, RecordDamaged, RunError

RECORD_FILE = "record.json"
LEFT_OUT = "left_out"
INPUT_KEYS = "input_keys"
FORMAT = "blueprint.record"
FORMAT_VERSION = 1
_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Record:
    """A finished, immutable folder of the store; subclasses add typed readers of its files."""

    folder: Path

    @property
    def key(self) -> str:
        """What the record was made from, as a digest; also its folder's name."""
        return self.folder.name

    @cached_property
    def header(self) -> dict[str, Any]:
        """The content of `record.json`."""
        content = (self.folder / RECORD_FILE).read_bytes()
        try:
            return json.loads(content)
        except ValueError as error:
            raise RecordDamaged(f"{self.key}/{RECORD_FILE}", "JSON", f"not readable ({error})") from error

    @property
    def digest(self) -> str:
        """Digest of the payload: file names and contents."""
        return self.header["digest"]

    @property
    def left_out(self) -> str:
        """Why the item that this record stands for is unusable; empty for every sound record."""
        return self.header.get(LEFT_OUT, "")

    @property
    def checks(self) -> tuple[Check, ...]:
        """What the stage measured about this record."""
        return tuple(Check(**entry) for entry in self.header["checks"])

    def sibling(self, key: str) -> Path:
        """Return the folder of another record of the same store."""
        return self.folder.parent / key


class MappedRecord(Record):
    """The record of a mapped stage: its items in order, by key and digest, and those left out with a reason."""

    ITEMS_FILE = "items.json"

    @cached_property
    def entries(self) -> list[dict[str, str]]:
        """Item id, key and payload digest, in order."""
        return json.loads((self.folder / self.ITEMS_FILE).read_bytes())["items"]

    @cached_property
    def items_left_out(self) -> dict[str, str]:
        """Item id to the reason why it is missing."""
        return json.loads((self.folder / self.ITEMS_FILE).read_bytes())["left_out"]

    def item_folders(self) -> dict[str, Path]:
        """Item id to the folder of its record, in order."""
        return {entry["id"]: self.sibling(entry["key"]) for entry in self.entries}


class Store:
    """A folder of records; any number of processes may read and add at once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.records = root / "records"
        self.unfinished = root / "unfinished"

    def find[R: Record](self, key: str, kind: type[R]) -> R | None:
        """Return the finished record under a key, or None."""
        folder = self.records / key
        return kind(folder) if (folder / RECORD_FILE).is_file() else None

    def begin(self, key: str) -> Path:
        """Make the empty hidden folder in which a record is written; what an earlier attempt left is removed."""
        folder = self.unfinished / f"{key}.{os.getpid()}"
        with disk_full_named(self.root):
            for stale in self.unfinished.glob(f"{key}.*"):
                shutil.rmtree(stale)
            folder.mkdir(parents=True)
        return folder

    def commit(self, folder: Path, header: dict[str, Any]) -> Path:
        """Seal a hidden folder and rename it into place; returns the record's folder.

        A record that another process stored meanwhile under the same key is kept and returned.
        """
        with disk_full_named(self.root):
            files = digest_files(folder)
            sealed = {**header, "format": FORMAT, "version": FORMAT_VERSION, "files": files}
            sealed["digest"] = digest_value(files)
            (folder / RECORD_FILE).write_bytes(canonical_json(sealed))
            return self._place(folder, header["key"])

    def adopt(self, folder: Path, key: str) -> Path:
        """Rename a record that was made in another store into place; raises RecordDamaged where it is not whole."""
        record = Record(folder)
        header = record.header if (folder / RECORD_FILE).is_file() else {}
        found = digest_files(folder, leave_out=(RECORD_FILE,))
        for what, expected, seen in (
            ("key", key, header.get("key")),
            ("files", header.get("files"), found),
            ("digest", header.get("digest"), digest_value(found)),
        ):
            if expected != seen:
                raise RecordDamaged(f"{key} ({what} of a record from another machine)", str(expected), str(seen))
        with disk_full_named(self.root):
            return self._place(folder, key)

    def _place(self, folder: Path, key: str) -> Path:
        _protect_tree(folder)
        _flush_tree(folder)
        target = self.records / key
        self.records.mkdir(parents=True, exist_ok=True)
        try:
            folder.rename(target)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
            shutil.rmtree(folder)
        _flush_folder(self.records)
        return target

    def verify(self, record: Record) -> None:
        """Digest a record's files again, and its items' files; raises RecordDamaged naming the first that differs."""
        for name, expected in record.header["files"].items():
            path = record.folder / name
            found = digest_file(path) if path.is_file() else "missing"
            if found != expected:
                place = path.relative_to(self.root.parent).as_posix()
                raise RecordDamaged(f"{place} ({record.header['stage']})", expected, found)
        if isinstance(record, MappedRecord):
            for folder in record.item_folders().values():
                self.verify(Record(folder))

    def keys(self) -> list[str]:
        """List the keys of all finished records."""
        return sorted(path.name for path in self.records.glob("*") if (path / RECORD_FILE).is_file())

    def collect_garbage(self, keep: Iterable[str]) -> int:
        """Remove unfinished work and every record that neither is kept nor went into one; returns the bytes freed."""
        kept = self._with_inputs(keep)
        doomed = [path for path in self.records.glob("*") if path.name not in kept]
        doomed += list(self.unfinished.glob("*"))
        freed = sum(
            file.stat().st_size for folder in doomed for file in files_below(folder) if file.stat().st_nlink < 2
        )
        for folder in doomed:
            shutil.rmtree(folder)
        return freed

    def _with_inputs(self, keys: Iterable[str]) -> set[str]:
        """Return keys with those of all records that they were made from."""
        found, waiting = set[str](), [*keys]
        while waiting:
            key = waiting.pop()
            record = self.find(key, Record)
            if key not in found and record is not None:
                waiting += record.header.get(INPUT_KEYS, ())
            found.add(key)
        return found


@contextmanager
def disk_full_named(folder: Path) -> Generator[None]:
    """Turn every way of saying that no space is left into DiskFull, which names the folder."""
    try:
        yield
    except (OSError, RuntimeError, RunError) as error:
        if _says_full(error):
            raise DiskFull(folder.name) from error
        raise


def _says_full(error: Exception) -> bool:
    """USD, encoders and copying of folders lose the number; the system's words are all that is left of the cause."""
    return getattr(error, "errno", None) in _FULL or any(os.strerror(code) in str(error) for code in _FULL)


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old or the new bytes, never a part."""
    with disk_full_named(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with draft.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        _flush_folder(path.parent)


def link_file(source: Path, target: Path) -> None:
    """Give a file a second place by hard link, or by copy where links cannot cross."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP):
            raise
        shutil.copy2(source, target)


def link_tree(source: Path, target: Path, *, leave_out: Iterable[str] = (RECORD_FILE,)) -> None:
    """Build a folder from another, file by file, with `link_file`."""
    skipped = frozenset(leave_out)
    for path in files_below(source):
        relative = path.relative_to(source)
        if relative.as_posix() not in skipped:
            link_file(path, target / relative)


def _protect_tree(folder: Path) -> None:
    """Make files read-only: scene and dataset folders share them by hard link, an edit there would alter a record."""
    for path in files_below(folder):
        path.chmod(0o444)


def _flush_tree(folder: Path) -> None:
    for path in files_below(folder):
        _flush(path, os.O_RDONLY)
    for root, _, _ in os.walk(folder):
        _flush_folder(Path(root))


def _flush_folder(folder: Path) -> None:
    _flush(folder, os.O_RDONLY | os.O_DIRECTORY)


def _flush(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
