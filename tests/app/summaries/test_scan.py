"""A scan says what it was recognised as, what it brings along, and what each lack costs."""

import shutil
from pathlib import Path

import pytest
from tests.formats.sam3d_dumps import write_dump
from tests.formats.tiny_scans import bracket, read_in_this_process, write_run, write_simple
from tests.formats.usd_scenes import add_thing, new_stage

from blueprint.pipeline.app.show import show
from blueprint.pipeline.formats import mesh_reader


@pytest.fixture(autouse=True)
def _meshes_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mesh_reader, "_run_child", read_in_this_process)


def evidence(folder: Path) -> dict[str, dict[str, object]]:
    return {item["name"]: item for item in show(folder).data["evidence"]}


def test_a_whole_run_lacks_little(tmp_path: Path) -> None:
    found = evidence(write_run(tmp_path / "run"))
    assert {name for name, item in found.items() if item["complete"]} == {
        "floor plane",
        "camera",
        "photo",
        "canonical meshes",
    }
    assert found["camera"]["found"] == "700 px focal length, 1000 x 750 px"
    assert found["unit"]["found"] == "not declared"
    assert "--ingest.measurements" in str(found["unit"]["cost"])
    assert found["predictions"]["found"] == "0 of 3"
    assert found["licence"]["found"] == "unknown"


def test_what_is_taken_away_is_missed(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    shutil.rmtree(run / "output/pointclouds")
    shutil.rmtree(run / "output/pre_3D")
    shutil.rmtree(run / "output/3D/mug__(520, 300)")
    shutil.rmtree(run / "tmp")
    found = evidence(run)
    assert not any(found[name]["complete"] for name in ("floor plane", "camera", "photo", "canonical meshes"))
    assert found["canonical meshes"]["found"] == "2 of 3"
    text = show(run).text()
    assert "missing: gravity may be off by degrees" in text
    assert "2 of 3: the upright side and heading of the rest are unknown" in text


def test_runners_up_are_named_with_their_scores(tmp_path: Path) -> None:
    summary = show(write_simple(write_run(tmp_path / "both")))
    assert summary.data["format"] == "regen3d"
    assert summary.data["runners_up"] == {"simple_layout": pytest.approx(0.8)}
    assert "as regen3d, score 0.90 of 1; also possible: simple_layout 0.80" in summary.text()


def test_declared_axes_and_units_are_said(tmp_path: Path) -> None:
    stage = new_stage(tmp_path / "scan/scene.usda", "Y", 0.01)
    add_thing(stage, "/World/Mug", bracket((1, 1, 1)))
    stage.Save()
    found = evidence(tmp_path / "scan")
    assert (found["up axis"]["found"], found["unit"]["found"]) == ("declared: +Y", "0.01 m")
    assert found["floor plane"]["cost"] == "gravity rests on the up axis"
    assert evidence(write_dump(tmp_path / "dump"))["up axis"]["found"] == "not declared"


def test_remarks_of_objects_are_listed_under_their_names(tmp_path: Path) -> None:
    write_dump(tmp_path, pose={"scale": [[0.6, 0.6, 0.9]]})
    assert "desk_lamp_2" in show(tmp_path).text()
    assert "stretches it unevenly" in show(tmp_path).text()
