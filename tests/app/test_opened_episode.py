"""Episodes are found by what people call them, with what they were made from, and refused with what there is."""

import json
import shutil
from pathlib import Path

import pytest
from tests.app.recorded import FRAMES, TASK, VARIANT, record_fall
from tests.app.small_run import SmallRun

from blueprint.pipeline.app.opened_episode import episode_names, open_episode, run_of
from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.errors import ScanError, UnknownName
from blueprint.pipeline.scene.records import Assembled


def test_a_record_comes_with_scene_variant_and_digests(assembled: Assembled) -> None:
    episode = record_fall(assembled)
    opened = open_episode(str(episode.folder))
    assert opened.summary.id == TASK.id
    assert opened.variant == VARIANT
    assert opened.scene is not None
    assert opened.scene.usd_path == assembled.usd_path
    assert opened.task == TASK
    assert opened.handled == ("box",)
    assert opened.states is not None
    assert opened.states.frame_count == FRAMES
    names = {path.name for path in opened.digests}
    assert {"states.h5", "outcome.json", "task.json", "model.xml", "model.json", "scene.json"} <= names
    assert run_of(opened) is None


@pytest.mark.parametrize("address", ["{}:episode_0001", "{}:1", "{}:0001"])
def test_an_episode_of_a_run_has_a_name_and_a_number(small_run: SmallRun, address: str) -> None:
    root = small_run.folder.root
    assert open_episode(address.format(root)).summary.id == "episode_0001"
    assert open_episode(str(root), 1).summary.id == "episode_0001"
    opened = open_episode(str(root), 1)
    assert run_of(opened) == root.resolve()
    assert episode_names(root) == ["episode_0000", "episode_0001", "episode_0002"]


def test_an_episode_that_there_is_not_names_those_that_are(small_run: SmallRun) -> None:
    with pytest.raises(UnknownName, match="Known: episode_0000, episode_0001, episode_0002"):
        open_episode(str(small_run.folder.root), 7)


def test_a_run_alone_is_no_episode(small_run: SmallRun) -> None:
    with pytest.raises(ScanError, match="--episode 0"):
        open_episode(str(small_run.folder.root))


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="does not exist"):
        open_episode(str(tmp_path / "nothing"))
    with pytest.raises(ScanError, match="neither a run nor a dataset"):
        open_episode(str(tmp_path), 3)
    with pytest.raises(ScanError, match="neither a run nor a dataset"):
        episode_names(tmp_path)


def test_a_run_without_episodes(tmp_path: Path) -> None:
    run = SmallRun(tmp_path, until="ingest")
    with pytest.raises(ScanError, match="no recorded episodes"):
        open_episode(str(run.folder.root), 0)


def test_a_lonely_folder_says_what_it_lacks(assembled: Assembled, tmp_path: Path) -> None:
    episode = record_fall(assembled)
    shutil.copy(episode.folder / Episode.OUTCOME_FILE, tmp_path / Episode.OUTCOME_FILE)
    opened = open_episode(str(tmp_path))
    assert opened.scene is None
    assert "neither in a run's store nor in a dataset" in opened.scene_missing
    assert opened.states is None
    assert opened.handled == ("box",)


def test_a_replay_whose_origin_has_moved_away(assembled: Assembled, tmp_path: Path) -> None:
    episode = record_fall(assembled)
    shutil.copy(episode.folder / Episode.OUTCOME_FILE, tmp_path / Episode.OUTCOME_FILE)
    said = {"format": "blueprint.replay", "version": 1, "of": "../gone", "changed": [], "from_frame": 0}
    (tmp_path / "replayed.json").write_text(json.dumps(said))
    assert "no longer where it was" in open_episode(str(tmp_path)).scene_missing


def test_a_record_whose_scene_is_gone(assembled: Assembled, tmp_path: Path) -> None:
    episode = record_fall(assembled)
    shutil.copytree(episode.folder, tmp_path / "records" / episode.key)
    assert "no longer in the store" in open_episode(str(tmp_path / "records" / episode.key)).scene_missing
