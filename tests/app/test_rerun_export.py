"""A Rerun recording holds what was recorded, read back with Rerun's own reader."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.app.recorded import CAMERAS, FPS, FRAMES, record_fall
from tests.app.small_run import SmallRun

from blueprint.pipeline.app import rerun_export
from blueprint.pipeline.app.opened_episode import open_episode
from blueprint.pipeline.app.rerun_export import NothingToRecord, write_recording
from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.episode.states import States
from blueprint.pipeline.errors import MissingTool
from blueprint.pipeline.scene.records import Assembled

NOT_HERE = "Rerun is not installed: pip install 'blueprint-pipeline[viewer]'"


@pytest.fixture(scope="session")
def fall(assembled: Assembled) -> Episode:
    """A box that falls onto a table, recorded."""
    return record_fall(assembled)


@pytest.fixture(scope="module")
def recording(fall: Episode, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[Any]]]:
    """Every entity with its columns, as Rerun's reader returns them."""
    reader = pytest.importorskip("rerun.chunk", reason=NOT_HERE)
    target = tmp_path_factory.mktemp("rerun") / "fall.rrd"
    write_recording(open_episode(str(fall.folder)), target)
    found: dict[str, dict[str, list[Any]]] = {}
    for chunk in reader.RrdReader(target).stream():
        columns = found.setdefault(chunk.entity_path.lstrip("/"), {})
        batch = chunk.to_record_batch()
        for name in batch.schema.names:
            column = batch.column(name)
            # Whole nanoseconds have no place in Python's durations.
            values = column.cast("int64").to_pylist() if name == "time_s" else column.to_pylist()
            columns.setdefault(name, []).extend(values)
    return found


def test_links_are_where_they_were_recorded(recording: dict[str, dict[str, list[Any]]], fall: Episode) -> None:
    states = States(fall.states_path)
    position = states.channel("body_position_m")
    for row, name in enumerate(states.names("body_names")[: position.shape[1]]):
        columns = recording[f"world/bodies/{name}"]
        assert columns["frame"] == list(range(FRAMES))
        placed = np.array(columns["Transform3D:translation"])[:, 0]
        np.testing.assert_allclose(placed, position[:, row], atol=1e-6)
    x, y, z, w = recording["world/bodies/box/body"]["Transform3D:quaternion"][-1][0]
    recorded = states.channel("body_quat_wxyz")[-1, states.names("body_names").index("box/body")]
    np.testing.assert_allclose([w, x, y, z], recorded, atol=1e-6)


def test_links_have_shapes(recording: dict[str, dict[str, list[Any]]]) -> None:
    hull = recording["world/bodies/box/body/hull_0"]
    corners = np.array(hull["Mesh3D:vertex_positions"][0])
    np.testing.assert_allclose(np.ptp(corners, axis=0), [0.06, 0.04, 0.08], atol=1e-5)


def test_time_is_told_in_frames_and_seconds(recording: dict[str, dict[str, list[Any]]]) -> None:
    nanoseconds = np.array(recording["world/bodies/box/body"]["time_s"])
    np.testing.assert_allclose(1e-9 * nanoseconds, np.arange(FRAMES) / FPS, atol=1e-8)


def test_cameras_have_lenses_and_pictures(recording: dict[str, dict[str, list[Any]]]) -> None:
    for camera in CAMERAS:
        assert recording[f"world/cameras/{camera}"]["Pinhole:image_from_camera"]
        shown = recording[f"world/cameras/{camera}/rgb"]
        assert len(shown["VideoFrameReference:timestamp"]) == FRAMES
        assert shown["AssetVideo:blob"]


def test_plots_and_events(recording: dict[str, dict[str, list[Any]]], fall: Episode) -> None:
    states = States(fall.states_path)
    height = recording["plots/tool_and_gripper/height_of_tool_and_object/box"]["Scalars:scalars"]
    recorded = states.channel("prop_position_m")[:, states.names("prop_names").index("box"), 2]
    np.testing.assert_allclose(np.array(height)[:, 0], recorded)
    events = recording["events"]
    assert events["TextLog:text"][-1][0].startswith("succeeded")
    assert "Let the box come to rest." in recording["episode"]["TextDocument:text"][0][0]


def test_without_rerun_the_install_line_is_told(fall: Episode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(rerun_export, "import_module", missing)
    with pytest.raises(MissingTool, match=r"blueprint-pipeline\[viewer\]"):
        write_recording(open_episode(str(fall.folder)), tmp_path / "fall.rrd")
    assert not (tmp_path / "fall.rrd").exists()


def test_what_did_not_move_has_no_recording(small_run: SmallRun, tmp_path: Path) -> None:
    pytest.importorskip("rerun", reason=NOT_HERE)
    source = open_episode(f"{small_run.folder.root}:episode_0000").episode.folder
    (tmp_path / "outcome.json").write_bytes((source / "outcome.json").read_bytes())
    with pytest.raises(NothingToRecord, match="nothing moved"):
        write_recording(open_episode(str(tmp_path)), tmp_path / "still.rrd")
