"""A replay is refused, with every reason, where a seed, a file or a version is not what it was."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.app.recorded import HEADER, SEED, VARIANT, record_fall

from blueprint.pipeline.app.opened_episode import OpenedEpisode, open_episode
from blueprint.pipeline.app.replay.exact import replay_exactly
from blueprint.pipeline.app.replay.proof import ReplayRefused, changes_since, check_unchanged
from blueprint.pipeline.engine.store import RECORD_FILE
from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.scene.variants import Variant


@pytest.fixture
def copied(fall: Episode, assembled: Assembled, tmp_path: Path) -> Path:
    """A store of its own with the scene and the episode, which a test may change."""
    records = tmp_path / "records"
    shutil.copytree(assembled.folder, records / assembled.key)
    shutil.copytree(fall.folder, records / fall.key)
    for path in records.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return records / fall.key


def test_what_is_as_it_was_is_replayed(copied: Path) -> None:
    check_unchanged(open_episode(str(copied)))
    assert replay_exactly(open_episode(str(copied))).passed


@pytest.mark.parametrize("name", ["states.h5", "outcome.json", "task.json"])
def test_a_changed_file(copied: Path, name: str) -> None:
    content = bytearray((copied / name).read_bytes())
    content[-10] ^= 1 if name == "states.h5" else 0
    (copied / name).write_bytes(bytes(content) + (b" " if name != "states.h5" else b""))
    assert f"{name} has digest" in _refusal(copied)


@pytest.mark.parametrize("name", ["model/model.xml", "model/model.json", "scene/scene.json"])
def test_a_changed_scene(copied: Path, assembled: Assembled, name: str) -> None:
    path = copied.parent / assembled.key / name
    path.write_bytes(path.read_bytes() + b" ")
    assert f"{name} has digest" in _refusal(copied)


def test_a_missing_file(copied: Path) -> None:
    (copied / "task.json").unlink()
    assert "task.json is missing" in _refusal(copied)


def test_a_missing_scene(copied: Path, assembled: Assembled) -> None:
    shutil.rmtree(copied.parent / assembled.key)
    assert "no longer in the store" in _refusal(copied)


def _seed(header: dict[str, Any]) -> None:
    header["settings"]["seed"] += 1


def _variant_seed(header: dict[str, Any]) -> None:
    header["item"]["values"]["variant"]["seed"] += 1


def _version(header: dict[str, Any]) -> None:
    header["tools"]["mujoco"] = "2.0.0"


@pytest.mark.parametrize("edit", [_seed, _variant_seed, _version])
def test_an_edited_record(copied: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    header = json.loads((copied / RECORD_FILE).read_bytes())
    edit(header)
    (copied / RECORD_FILE).write_text(json.dumps(header))
    assert "they no longer give the key" in _refusal(copied)


def test_a_list_of_files_that_was_edited(copied: Path) -> None:
    header = json.loads((copied / RECORD_FILE).read_bytes())
    header["files"]["states.h5"] = "0" * 64
    (copied / RECORD_FILE).write_text(json.dumps(header))
    assert "no longer gives the record's digest" in _refusal(copied)


def test_another_version_of_a_tool(assembled: Assembled) -> None:
    episode = record_fall(assembled, tools={**HEADER["tools"], "mujoco": "3.16.0"})
    said = _refusal(episode.folder)
    assert "mujoco is" in said
    assert "pip install mujoco==3.16.0" in said


def test_another_seed(fall: Episode) -> None:
    opened = open_episode(str(fall.folder))
    header = {**opened.header, "settings": {"seed": SEED + 1}}
    assert f"seed: the outcome says {SEED}" in _reasons(replace(opened, header=header))


@pytest.mark.parametrize(
    ("variant", "said"),
    [
        (Variant(2, 8, VARIANT.edits), "variant 2 says 8"),
        (Variant(2, 9, ()), "its numbers differ"),
        (None, "its numbers are missing"),
    ],
)
def test_another_variant(fall: Episode, variant: Variant | None, said: str) -> None:
    assert said in _reasons(replace(open_episode(str(fall.folder)), variant=variant))


def test_an_episode_that_lies_alone(fall: Episode, tmp_path: Path) -> None:
    for name in ("states.h5", "task.json", "outcome.json"):
        shutil.copy(fall.folder / name, tmp_path / name)
    assert "nothing to hold it against" in _refusal(tmp_path)


def test_all_reasons_are_told_at_once(copied: Path) -> None:
    (copied / "task.json").unlink()
    (copied / "outcome.json").write_bytes((copied / "outcome.json").read_bytes() + b" ")
    with pytest.raises(ReplayRefused) as caught:
        check_unchanged(open_episode(str(copied)))
    assert len(caught.value.reasons) == 2
    assert caught.value.exit_code == 2


def _refusal(folder: Path) -> str:
    with pytest.raises(ReplayRefused) as caught:
        replay_exactly(open_episode(str(folder)))
    return str(caught.value)


def _reasons(opened: OpenedEpisode) -> str:
    return "\n".join(changes_since(opened))
