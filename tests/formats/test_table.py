"""A folder is recognised by its content; one that is no scan is told what was looked for and what it holds."""

from pathlib import Path
from typing import get_args

import pytest
from tests.formats.tiny_scans import write_run, write_simple

from blueprint.pipeline.errors import ScanError, UnknownName
from blueprint.pipeline.formats import mesh_limits
from blueprint.pipeline.formats.table import FORMATS, recognise
from blueprint.pipeline.ingest.stage import IngestSettings
from fuzzing.seeds import write_seeds


def test_runs_and_simple_layouts_are_recognised(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    assert recognise(run).name == "regen3d"
    assert recognise(run / "output").name == "regen3d"
    assert recognise(write_simple(tmp_path / "simple")).name == "simple_layout"


def test_the_fuller_format_wins(tmp_path: Path) -> None:
    both = write_simple(write_run(tmp_path / "both"))
    scores = {name: entry.score(both) for name, entry in FORMATS.items()}
    assert recognise(both).name == max(scores, key=lambda name: scores[name])


def test_a_folder_that_is_no_scan_is_described(tmp_path: Path) -> None:
    folder = tmp_path / "holiday"
    folder.mkdir()
    with pytest.raises(ScanError, match=r"holiday: is no scan.*3D-RE-GEN run.*scene_info.json.*Found an empty folder"):
        recognise(folder)
    for number in range(20):
        (folder / f"photo_{number:02}.jpg").touch()
    with pytest.raises(ScanError, match=r"Found photo_00.jpg, .* and 8 more"):
        recognise(folder)


def test_missing_folders_files_and_formats_are_refused(tmp_path: Path) -> None:
    (tmp_path / "scan.zip").touch()
    with pytest.raises(ScanError, match="absent: does not exist"):
        recognise(tmp_path / "absent")
    with pytest.raises(ScanError, match=r"scan\.zip: is not a folder"):
        recognise(tmp_path / "scan.zip")
    with pytest.raises(UnknownName, match="did you mean 'regen3d'"):
        recognise(tmp_path, "regen")


def test_only_files_that_are_read_decide_the_result(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    (run / "checkpoint.bin").write_bytes(b"0" * 100)
    found = recognise(run).files(run)
    assert set(found) == {"output/glb", "output/3D", "output/pre_3D/camera.npz", "output/pointclouds/PLANE_SAMPLED.ply",
                          "tmp/converted_from_webp.png"}  # fmt: skip


def test_every_format_is_on_the_page(repository: Path) -> None:
    page = (repository / "docs/scans.md").read_text()
    assert [name for name in FORMATS if f"\n## `{name}`" not in page] == []


def test_every_format_can_be_named_in_the_recipe() -> None:
    literal, _ = get_args(IngestSettings.model_fields["format"].annotation)
    assert set(get_args(literal)) == set(FORMATS)


def test_the_five_formats_do_not_take_each_other_for_their_own(tmp_path: Path) -> None:
    for name, folder in write_seeds(tmp_path).items():
        assert recognise(folder).name == name.partition("/")[0], name


def test_a_scan_of_too_many_objects_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mesh_limits, "MAX_OBJECTS", 0)
    # USD is read in a child process, whose limit stays.
    folders = {name: path for name, path in write_seeds(tmp_path).items() if not name.startswith("usd_scene")}
    assert {name.partition("/")[0] for name in folders} == set(FORMATS) - {"usd_scene"}
    for folder in folders.values():
        with pytest.raises(ScanError, match=r"holds \d objects\. Expected: at most 0"):
            recognise(folder).read(folder)
