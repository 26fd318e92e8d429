"""What a node may make: episodes are, whatever else their score depends on that comes with the package."""

from dataclasses import replace
from pathlib import Path

import pytest

from blueprint.pipeline.app.portable import (
    ABSENT,
    is_portable,
    lay_out,
    own_files,
    shipped_digests,
    shipped_files,
)
from blueprint.pipeline.engine.keys import describe_item, foreign_digests
from blueprint.pipeline.engine.perform import Task, make_task
from blueprint.pipeline.engine.stage import Item, Settings
from blueprint.pipeline.engine.store import Store
from blueprint.pipeline.pipeline import STAGES


def task_of(name: str, settings: Settings | None = None, item: Item | None = None) -> Task:
    stage = STAGES[name]
    chosen, made = settings or stage.settings_type(), item or Item("thing")
    header = describe_item(stage, chosen, made, foreign_digests(stage, chosen))
    return make_task(stage, store=Store(Path("store")), header=header, settings=chosen, inputs={}, item=made)


@pytest.mark.parametrize("name", sorted(name for name, stage in STAGES.items() if stage.mapped))
def test_items_of_every_mapped_stage_can_be_made_elsewhere(name: str) -> None:
    assert is_portable(task_of(name), STAGES)


def test_a_stage_that_is_not_mapped_is_made_here() -> None:
    assert not is_portable(replace(task_of("generate"), item={}), STAGES)


def test_a_file_of_this_machine_keeps_the_work_here(tmp_path: Path) -> None:
    rows = tmp_path / "materials.yaml"
    rows.write_text("{}")
    settings = STAGES["simready"].settings_type.model_validate({"materials": rows})
    assert not is_portable(task_of("simready", settings), STAGES)


def test_files_of_the_package_are_compared_by_content() -> None:
    task = task_of("generate")
    names = shipped_files(task, STAGES)
    assert names == {"quality": "quality.yaml"}
    assert shipped_digests(names) == task.header["foreign"]
    assert shipped_digests({"quality": "no_such.yaml"}) == {"quality": ABSENT}


def test_one_s_own_robots_travel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "robots" / "mine").mkdir(parents=True)
    (tmp_path / "robots" / "mine" / "mine.yaml").write_text("name: mine")
    (tmp_path / "robots" / "mine" / "mine.usd").write_text("heavy")
    monkeypatch.chdir(tmp_path)
    files = own_files()
    assert files == {"robots/mine/mine.yaml": b"name: mine"}
    lay_out(files, tmp_path / "home")
    assert (tmp_path / "home/robots/mine/mine.yaml").read_bytes() == b"name: mine"
