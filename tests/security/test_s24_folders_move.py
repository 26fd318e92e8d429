"""S24: a run and a dataset work wherever they are carried, and no file of theirs names the place they were made in."""

import shutil
from pathlib import Path

import pytest
from tests.datasets import make_dataset
from tests.formats.tiny_scans import write_run
from tests.workplaces import RECIPE, blueprint

from blueprint.pipeline.certify.verify import verify_dataset


def naming(folder: Path, place: Path) -> list[str]:
    """Return the files below a folder that name a place, except logs, which are for the machine's owner."""
    return [
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".log" and str(place).encode() in path.read_bytes()
    ]


def test_a_run_is_carried_away_with_its_scan_and_nothing_is_made_again(tmp_path: Path) -> None:
    scan = write_run(tmp_path / "here" / "tiny")
    arguments = ["--until", "articulate", "--face", "plain"]
    made = blueprint("run", RECIPE, "--ingest.source", scan, "--out", tmp_path / "here" / "run", *arguments)
    assert made.code == 0, made.errors
    assert naming(tmp_path / "here" / "run", tmp_path) == []
    shutil.move(tmp_path / "here", tmp_path / "there")
    scan, out = tmp_path / "there" / "tiny", tmp_path / "there" / "run"
    again = blueprint("run", RECIPE, "--ingest.source", scan, "--out", out, *arguments)
    assert again.code == 0
    assert [line for line in again.errors.splitlines() if line.endswith(": reused")] == [
        "reconstruct: reused",
        "ingest: reused",
        "articulate: reused",
    ]
    shown = blueprint("show", out)
    assert shown.code == 0
    assert str(tmp_path) not in shown.output


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root, _ = make_dataset(tmp_path_factory.mktemp("place_of_birth"))
    return root


def test_no_file_of_a_dataset_names_the_place_of_its_making(dataset: Path) -> None:
    assert naming(dataset.parent, dataset.parent) == []


def test_a_dataset_keeps_every_promise_elsewhere(dataset: Path, tmp_path: Path) -> None:
    root = shutil.copytree(dataset, tmp_path / "a folder with spaces" / "bought")
    assert verify_dataset(root).passed
    assert blueprint("show", root).code == 0
    assert blueprint("verify", root, "--bytes", folder=root.parent).code == 0
