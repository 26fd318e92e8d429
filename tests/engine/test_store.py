"""The store holds whole records or none, and notices changed bytes."""

import errno
import json
import os
import shutil
from pathlib import Path

import pytest

from blueprint.pipeline.engine.store import MappedRecord, Record, Store, disk_full_named, link_tree, replace_file
from blueprint.pipeline.errors import DiskFull, RecordDamaged, RunError

HEADER = {"stage": "toy", "key": "k1", "checks": []}


def make(store: Store, key: str = "k1", text: str = "payload") -> Record:
    folder = store.begin(key)
    (folder / "deep").mkdir()
    (folder / "deep" / "file.txt").write_text(text)
    return Record(store.commit(folder, {**HEADER, "key": key}))


def test_unfinished_work_is_no_record(tmp_path: Path) -> None:
    store = Store(tmp_path)
    (store.begin("k1") / "file.txt").write_text("half")
    assert store.find("k1", Record) is None
    assert store.keys() == []


def test_beginning_again_removes_what_an_interrupted_attempt_left(tmp_path: Path) -> None:
    store = Store(tmp_path)
    (store.begin("k1") / "file.txt").write_text("half")
    assert list(store.begin("k1").iterdir()) == []
    assert len(list(store.unfinished.iterdir())) == 1


def test_a_commit_is_read_only_and_digested(tmp_path: Path) -> None:
    record = make(Store(tmp_path))
    assert set(record.header["files"]) == {"deep/file.txt"}
    assert (record.folder / "deep" / "file.txt").stat().st_mode & 0o222 == 0


def test_two_commits_of_one_key_keep_one_record(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = make(store)
    second = make(store)
    assert first.folder == second.folder
    assert store.keys() == ["k1"]


def test_a_changed_byte_is_named(tmp_path: Path) -> None:
    store = Store(tmp_path)
    record = make(store)
    store.verify(record)
    path = record.folder / "deep" / "file.txt"
    path.chmod(0o644)
    path.write_text("Payload")
    with pytest.raises(RecordDamaged, match=r"deep/file\.txt"):
        store.verify(record)


def test_garbage_is_collected_and_what_is_kept_stays(tmp_path: Path) -> None:
    store = Store(tmp_path)
    make(store, "k1")
    make(store, "k2")
    store.begin("k3")
    assert store.collect_garbage(["k2"]) > 0
    assert store.keys() == ["k2"]
    assert list(store.unfinished.iterdir()) == []


@pytest.mark.parametrize("kind", [RuntimeError, RunError, shutil.Error])
def test_a_full_disk_is_named_whatever_library_says_it(tmp_path: Path, kind: type[Exception]) -> None:
    with pytest.raises(DiskFull, match="no space left"), disk_full_named(tmp_path):
        raise kind(f"layer.usda could not be written: {os.strerror(errno.ENOSPC)}")
    with pytest.raises(kind, match="another reason"), disk_full_named(tmp_path):
        raise kind("another reason")


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    with pytest.raises(DiskFull, match="no space left"), disk_full_named(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(PermissionError), disk_full_named(tmp_path):
        raise PermissionError(errno.EACCES, "no")


def test_replacing_a_file_leaves_no_draft(tmp_path: Path) -> None:
    replace_file(tmp_path / "a" / "file.json", b"1")
    replace_file(tmp_path / "a" / "file.json", b"2")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["file.json"]
    assert (tmp_path / "a" / "file.json").read_bytes() == b"2"


def test_a_linked_tree_shares_bytes_and_leaves_the_header_out(tmp_path: Path) -> None:
    record = make(Store(tmp_path / "store"))
    link_tree(record.folder, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").rglob("*") if path.is_file()] == ["file.txt"]
    assert (tmp_path / "out/deep/file.txt").stat().st_ino == (record.folder / "deep/file.txt").stat().st_ino


def test_a_mapped_record_finds_its_items_by_key(tmp_path: Path) -> None:
    store = Store(tmp_path)
    item = make(store, "k1")
    folder = store.begin("all")
    entry = {"id": "one", "key": "k1", "digest": item.digest}
    (folder / MappedRecord.ITEMS_FILE).write_text(json.dumps({"items": [entry], "left_out": {"two": "bad"}}))
    mapped = MappedRecord(store.commit(folder, {**HEADER, "key": "all"}))
    assert mapped.item_folders() == {"one": item.folder}
    assert mapped.items_left_out == {"two": "bad"}
