"""Folders are recognised by what they contain, and summarised truthfully."""

import json
from pathlib import Path

import pytest
from tests.app.small_run import MASS_WHY, MUG, STAGES, SmallRun

from blueprint.pipeline.app.show import show
from blueprint.pipeline.errors import InputError, ScanError


def test_a_run_says_what_it_measured(small_run: SmallRun) -> None:
    data = show(small_run.folder.root).data
    assert (data["kind"], data["episodes_attempted"], data["episodes_succeeded"]) == ("run", 4, 2)
    # One attempt was lost: it has no record, and counts.
    assert data["episodes_lost"] == 1
    assert data["success_interval_95"] == pytest.approx([0.15, 0.85], abs=1e-3)
    assert "2 of 4 succeeded, 1 lost without a record" in show(small_run.folder.root).text()
    assert data["scale"]["metres_per_unit"] == 0.5
    assert (data["scale"]["method"], data["scale"]["spread"], data["scale"]["sample_count"]) == ("usual sizes", 0.05, 2)
    assert list(data["stages"]) == list(STAGES)
    assert data["stages"]["ingest"]["state"] == "made"
    assert data["stages"]["ingest"]["digest"] == small_run.records["ingest"].digest
    assert data["stages"]["simready"]["duration_s"] == 3.5
    assert data["report"] == "report.html"
    assert data["grade"] == "not certified"
    assert [gate["figure"] for gate in data["gates"]] == ["task_success_share", "kinematic_error_m"]
    mug = next(entry for entry in data["objects"] if entry["id"] == MUG)
    assert mug["mass_kg"] == 0.31
    assert mug["mass_why"] == [MASS_WHY]
    assert len(data["left_out"]) == 2
    json.dumps(data, allow_nan=False)


def test_a_partial_run_has_nulls_and_no_defaults(tmp_path: Path) -> None:
    data = show(SmallRun(tmp_path, until="ingest").folder.root).data
    assert data["episodes_attempted"] is None
    assert data["episodes_succeeded"] is None
    assert data["grade"] is None
    assert data["dataset"] is None
    assert data["objects"][0]["mass_kg"] is None
    assert data["stages"]["certify"] == {
        "state": "not run",
        "label": "certify",
        "duration_s": None,
        "item_count": 0,
        "left_out_count": 0,
        "key": None,
        "digest": None,
    }


def test_a_failed_run_says_where_it_stopped(tmp_path: Path) -> None:
    summary = show(SmallRun(tmp_path, until="ingest", failure="the arm diverged").folder.root)
    assert summary.data["failure"]["cause"] == "the arm diverged"
    assert "stopped at generate" in summary.text()


def test_a_scene_an_episode_and_a_dataset(small_run: SmallRun) -> None:
    scene = show(small_run.records["assemble"].folder / "scene")
    assert (scene.kind, scene.data["robot"]["name"]) == ("scene", "franka_panda")
    assert "reaches" in scene.text()
    episode = show(small_run.folder.store.records / "episode_0001")
    assert (episode.kind, episode.data["cameras"]) == ("episode", ["side"])
    assert "Failed, slipped (frame 5, 0.17 s)" in episode.text()
    assert "lift height 10 cm" in episode.text()
    dataset = show(small_run.records["export"].folder / "dataset")
    assert (dataset.kind, dataset.data["episodes"], dataset.data["grade"]) == ("dataset", 2, None)


def test_a_published_dataset_shows_its_certificate(other_run: SmallRun) -> None:
    other_run.folder.publish(other_run.records)
    summary = show(other_run.folder.dataset)
    assert summary.data["grade"] == "not certified"
    assert "kinematic_error_m: not measured (<= 0.0001) FAILED" in summary.text()


def test_a_file_of_a_known_folder_stands_for_it(small_run: SmallRun) -> None:
    assert show(small_run.folder.root / "run.json").kind == "run"


def test_a_scan_is_read(repository: Path) -> None:
    summary = show(repository / "data" / "scans" / "kitchen")
    assert (summary.kind, summary.data["format"]) == ("scan", "regen3d")
    assert "mug" in [entry["label"] for entry in summary.data["objects"]]
    assert "plant" in [entry["label"] for entry in summary.data["unusable"]]


def test_what_is_unknown_says_what_was_looked_for_and_found(tmp_path: Path) -> None:
    (tmp_path / "holiday.txt").touch()
    with pytest.raises(ScanError) as raised:
        show(tmp_path)
    message = str(raised.value)
    assert raised.value.exit_code == InputError.exit_code == 2
    for name in (
        "run.json",
        "meta/info.json",
        "scene.json",
        "outcome.json",
        "3D-RE-GEN",
        "scene_info.json",
        "holiday.txt",
    ):
        assert name in message
    assert str(tmp_path.parent) not in message


@pytest.mark.parametrize(("name", "problem"), [("nowhere", "does not exist"), ("file.txt", "is a file")])
def test_no_folder(tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "file.txt").touch()
    with pytest.raises(ScanError, match=problem):
        show(tmp_path / name)


@pytest.mark.parametrize(("stage", "file"), [("assemble", "scene/scene.json"), ("generate", "outcome.json")])
def test_a_newer_version_is_refused(other_run: SmallRun, stage: str, file: str) -> None:
    folder = other_run.records[stage].folder if stage == "assemble" else other_run.folder.store.records / "episode_0000"
    path = folder / file
    path.chmod(0o644)
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": 9}))
    with pytest.raises(ScanError, match="version 9 is newer than this program"):
        show(path.parent)


def test_control_characters_do_not_steer_the_terminal(tmp_path: Path) -> None:
    run = SmallRun(tmp_path, until="ingest", failure="red \x1b[31m alert \x07")
    assert "\x1b" not in show(run.folder.root).text()
    assert "\x07" not in show(run.folder.root).text()
