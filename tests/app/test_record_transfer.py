"""Records travel whole or not at all."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.engine.throws import STAGES, throw_all

from blueprint.pipeline.app.record_transfer import made_keys, needed_keys, pack_record, unpack_record
from blueprint.pipeline.engine.digests import digest_files
from blueprint.pipeline.engine.events import Tape
from blueprint.pipeline.engine.inline import InlineExecutor
from blueprint.pipeline.engine.remembered import remembered
from blueprint.pipeline.engine.stage import Work
from blueprint.pipeline.engine.store import INPUT_KEYS, Record, Store
from blueprint.pipeline.errors import RecordDamaged
from blueprint.pipeline.services.archives import ArchiveRefused


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with three throws, the record that names them, and a score."""
    made = Store(tmp_path / "here")
    throw_all(made, InlineExecutor(STAGES), Tape(), script="mh", wanted=2, most=3)
    return made


@pytest.fixture
def there(tmp_path: Path) -> Store:
    return Store(tmp_path / "there")


def throw_key(store: Store) -> str:
    return next(key for key in store.keys() if (store.records / key / "throw.txt").is_file())


def test_a_record_arrives_byte_for_byte(store: Store, there: Store) -> None:
    for key in store.keys():
        unpack_record(there, key, pack_record(store, key))
    assert digest_files(there.records) == digest_files(store.records)
    assert not list(there.unfinished.glob("*"))
    assert not (there.records / throw_key(store) / "throw.txt").stat().st_mode & 0o222


def test_packing_depends_on_the_record_alone(store: Store, there: Store) -> None:
    key = throw_key(store)
    packed = pack_record(store, key)
    unpack_record(there, key, packed)
    assert pack_record(there, key) == packed


def test_a_record_that_is_there_already_is_kept(store: Store, there: Store) -> None:
    key = throw_key(store)
    for _ in range(2):
        unpack_record(there, key, pack_record(store, key))
    assert there.keys() == [key]


def archive_of(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


Change = Callable[[dict[str, bytes]], None]


def flip(files: dict[str, bytes]) -> None:
    files["throw.txt"] = b"tih"


def drop(files: dict[str, bytes]) -> None:
    del files["throw.txt"]


def add(files: dict[str, bytes]) -> None:
    files["more.txt"] = b"more"


def headless(files: dict[str, bytes]) -> None:
    del files["record.json"]


def relabelled(files: dict[str, bytes]) -> None:
    files["record.json"] = json.dumps({**json.loads(files["record.json"]), "key": "0" * 40}).encode()


def other_digest(files: dict[str, bytes]) -> None:
    files["record.json"] = json.dumps({**json.loads(files["record.json"]), "digest": "0" * 64}).encode()


def no_json(files: dict[str, bytes]) -> None:
    files["record.json"] = b"{"


@pytest.mark.parametrize("change", [flip, drop, add, headless, relabelled, other_digest, no_json])
def test_a_record_that_was_changed_on_the_way_is_refused(store: Store, there: Store, change: Change) -> None:
    key = throw_key(store)
    folder = store.records / key
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    change(files)
    with pytest.raises(RecordDamaged):
        unpack_record(there, key, archive_of(files))
    assert there.keys() == []
    assert not list(there.unfinished.glob("*"))


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil"])
def test_nothing_is_written_outside(store: Store, there: Store, name: str) -> None:
    with pytest.raises(ArchiveRefused):
        unpack_record(there, throw_key(store), archive_of({name: b"x"}))
    assert not list(there.root.parent.glob("**/evil"))


def test_an_item_needs_its_inputs_and_the_items_of_mapped_ones(store: Store) -> None:
    mapped = next(key for key in store.keys() if (store.records / key / "items.json").is_file())
    throws = [key for key in store.keys() if (store.records / key / "throw.txt").is_file()]
    needed = needed_keys(store, [mapped, throws[0]])
    assert needed[0] == mapped
    assert sorted(needed[1:]) == sorted(throws)


def test_partial_results_are_sent_back_with_the_record_that_used_them(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    work = Work(store.begin("k" * 40), store=store.root)
    remembered(work, "sum", {"of": [1, 2]}, (), lambda: b"3")
    header = {"key": "k" * 40, "stage": "throw", "checks": [], INPUT_KEYS: ["input", *work.remembered]}
    store.commit(work.folder, header)
    keys = made_keys(store, "k" * 40, ["input"])
    assert keys == [*work.remembered, "k" * 40]
    assert all(store.find(key, Record) for key in keys)
