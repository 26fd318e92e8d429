from pathlib import Path

import pytest

from blueprint.pipeline.engine.remembered import remembered
from blueprint.pipeline.engine.stage import Work
from blueprint.pipeline.engine.store import INPUT_KEYS, Record, Store
from blueprint.pipeline.errors import ItemRejected


def work_in(store: Store, item: str) -> Work:
    return Work(store.begin(item), store=store.root)


def never() -> bytes:
    raise AssertionError("made again")


def test_a_result_is_made_once_and_named_by_who_uses_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    first, second = work_in(store, "first"), work_in(store, "second")
    assert remembered(first, "cut", {"mesh": "a"}, ("numpy",), lambda: b"pieces") == b"pieces"
    assert remembered(second, "cut", {"mesh": "a"}, ("numpy",), never) == b"pieces"
    assert first.remembered == second.remembered == store.keys()
    (key,) = store.keys()
    store.verify(Record(store.records / key))


@pytest.mark.parametrize(
    ("name", "made_from", "tools"),
    [("cut", {"mesh": "b"}, ("numpy",)), ("cut", {"mesh": "a"}, ("numpy", "scipy")), ("rib", {"mesh": "a"}, ())],
)
def test_other_input_or_tools_give_another_result(
    tmp_path: Path, name: str, made_from: dict[str, str], tools: tuple[str, ...]
) -> None:
    store = Store(tmp_path / "store")
    work = work_in(store, "item")
    remembered(work, "cut", {"mesh": "a"}, ("numpy",), lambda: b"old")
    assert remembered(work, name, made_from, tools, lambda: b"new") == b"new"
    assert len(set(work.remembered)) == 2


def test_what_fails_is_not_remembered(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    work = work_in(store, "item")

    def fails() -> bytes:
        raise ItemRejected("item", "hangs")

    with pytest.raises(ItemRejected):
        remembered(work, "cut", {}, (), fails)
    assert (work.remembered, store.keys()) == ([], [])
    assert remembered(work, "cut", {}, (), lambda: b"pieces") == b"pieces"


def test_work_outside_a_store_only_makes_it(tmp_path: Path) -> None:
    assert remembered(Work(tmp_path), "cut", {}, (), lambda: b"pieces") == b"pieces"
    assert list(tmp_path.iterdir()) == []


def test_it_is_kept_as_long_as_a_record_that_used_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    used, lost = work_in(store, "used"), work_in(store, "lost")
    remembered(used, "cut", {"mesh": "a"}, (), lambda: b"kept")
    remembered(lost, "cut", {"mesh": "b"}, (), lambda: b"dropped")
    store.commit(used.folder, {"key": "item", INPUT_KEYS: used.remembered})
    store.collect_garbage(["item"])
    assert store.keys() == sorted(["item", *used.remembered])


def test_two_items_may_store_the_same_result_at_once(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    outer, inner = work_in(store, "outer"), work_in(store, "inner")

    def while_another_stores() -> bytes:
        return remembered(inner, "cut", {}, (), lambda: b"pieces")

    assert remembered(outer, "cut", {}, (), while_another_stores) == b"pieces"
    assert len(store.keys()) == 1
