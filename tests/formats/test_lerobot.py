"""LeRobot datasets: what is written is read back, file by file, and damage is noticed."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.formats.recordings import CAMERAS, FPS, LENGTHS, TASKS, columns_of_episode, draw_frames, make_tables

from blueprint.pipeline.engine.digests import digest_files
from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.formats import lerobot
from blueprint.pipeline.formats.lerobot import DatasetTable, read_data, read_episodes, read_info, video_file
from blueprint.pipeline.formats.video import VideoFailed, read_frames

EPISODES = range(len(LENGTHS))
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> DatasetTable:
    return make_tables(tmp_path_factory.mktemp("clips"))


@pytest.fixture(scope="module")
def written(tables: DatasetTable, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("dataset")
    lerobot.write_dataset(root, tables)
    return root


@pytest.fixture
def copy(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "copy"))


def _write_split(
    tables: DatasetTable, root: Path, monkeypatch: pytest.MonkeyPatch, *, data_bytes: int, video_bytes: int, chunk: int
) -> list[dict[str, Any]]:
    monkeypatch.setattr(lerobot, "DATA_FILE_MB", data_bytes / MEGABYTE)
    monkeypatch.setattr(lerobot, "VIDEO_FILE_MB", video_bytes / MEGABYTE)
    monkeypatch.setattr(lerobot, "CHUNK_SIZE", chunk)
    lerobot.write_dataset(root, tables)
    return read_episodes(root)


def _assert_pictures_are_those_drawn(root: Path, episode: int, camera: str) -> None:
    path, start_s = video_file(root, read_episodes(root)[episode], camera)
    frames = list(read_frames(path, start=round(start_s * FPS), count=LENGTHS[episode]))
    drawn = draw_frames(episode, CAMERAS.index(camera), LENGTHS[episode])
    assert len(frames) == LENGTHS[episode]
    worst = max(np.abs(read.astype(float) - made).mean() for read, made in zip(frames, drawn, strict=True))
    assert worst < 6.0


@pytest.mark.parametrize("episode", EPISODES)
def test_columns_come_back_as_they_were(written: Path, episode: int) -> None:
    read = read_data(written, read_episodes(written)[episode])
    for name, values in columns_of_episode(episode, LENGTHS[episode]).items():
        assert read[name].dtype == values.dtype
        assert np.array_equal(read[name], values)


@pytest.mark.parametrize("camera", CAMERAS)
@pytest.mark.parametrize("episode", EPISODES)
def test_pictures_come_back_as_they_were(written: Path, episode: int, camera: str) -> None:
    _assert_pictures_are_those_drawn(written, episode, camera)


def test_indices_and_time_stamps_run_on(written: Path) -> None:
    first = 0
    for episode, row in zip(EPISODES, read_episodes(written), strict=True):
        read, rows = read_data(written, row), np.arange(LENGTHS[episode])
        assert np.array_equal(read["frame_index"], rows)
        assert np.array_equal(read["index"], rows + first)
        assert (read["episode_index"] == episode).all()
        assert read["timestamp"].dtype == np.float32
        assert np.abs(read["timestamp"].astype(np.float64) - rows / FPS).max() < 1e-6
        assert (row["dataset_from_index"], row["dataset_to_index"]) == (first, first + LENGTHS[episode])
        first += LENGTHS[episode]


def test_totals_are_counted(written: Path) -> None:
    info = read_info(written)
    totals = {name: info[name] for name in ("total_episodes", "total_frames", "total_tasks", "fps", "splits")}
    assert totals == {
        "total_episodes": 3,
        "total_frames": sum(LENGTHS),
        "total_tasks": 2,
        "fps": FPS,
        "splits": {"train": "0:3"},
    }


def test_every_column_is_declared_as_it_is_stored(written: Path) -> None:
    declared = read_info(written)["features"]
    read = read_data(written, read_episodes(written)[0])
    assert {name for name, entry in declared.items() if entry["dtype"] != "video"} == set(read)
    for name, values in read.items():
        width = values.shape[1] if values.ndim == 2 else 1
        assert (declared[name]["dtype"], declared[name]["shape"]) == (str(values.dtype), [width])


def test_pandas_takes_the_task_texts_as_index(written: Path) -> None:
    schema = pq.read_schema(written / "meta/tasks.parquet")
    note = json.loads(schema.metadata[b"pandas"])
    table = pq.read_table(written / "meta/tasks.parquet")
    assert note["index_columns"] == ["__index_level_0__"]
    assert table.column("__index_level_0__").to_pylist() == [TASKS[0], TASKS[1]]
    assert table.column("task_index").to_pylist() == [0, 1]


def test_a_repeated_task_keeps_its_number(written: Path) -> None:
    rows = read_episodes(written)
    assert [row["tasks"] for row in rows] == [[task] for task in TASKS]
    assert [int(read_data(written, row)["task_index"][0]) for row in rows] == [0, 1, 0]


def test_each_episode_carries_its_own_statistics(written: Path) -> None:
    for episode, row in enumerate(read_episodes(written)):
        values = columns_of_episode(episode, LENGTHS[episode])["action"].astype(np.float64)
        assert row["stats/action/mean"] == pytest.approx(values.mean(axis=0).tolist())
        assert row["stats/action/count"] == [LENGTHS[episode]]
        assert np.shape(row[f"stats/{CAMERAS[0]}/q50"]) == (3, 1, 1)


def test_small_limits_spread_episodes_over_files_and_chunks(
    tables: DatasetTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = _write_split(tables, tmp_path, monkeypatch, data_bytes=1, video_bytes=1, chunk=2)
    places = [(row["data/chunk_index"], row["data/file_index"]) for row in rows]
    assert places == [(0, 0), (0, 1), (1, 0)]
    key = f"videos/{CAMERAS[0]}"
    assert [(row[f"{key}/chunk_index"], row[f"{key}/file_index"]) for row in rows] == places
    assert [row[f"{key}/from_timestamp"] for row in rows] == [0.0, 0.0, 0.0]
    for episode, row in enumerate(rows):
        assert np.array_equal(
            read_data(tmp_path, row)["action"], columns_of_episode(episode, LENGTHS[episode])["action"]
        )
        for camera in CAMERAS:
            _assert_pictures_are_those_drawn(tmp_path, episode, camera)


def test_a_file_takes_what_fits_and_rolls_over(
    tables: DatasetTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip_sizes = [tables.episodes[episode].clips[CAMERAS[0]].stat().st_size for episode in EPISODES]
    rows = _write_split(
        tables, tmp_path, monkeypatch, data_bytes=MEGABYTE, video_bytes=sum(clip_sizes[:2]) + 20, chunk=1000
    )
    key = f"videos/{CAMERAS[0]}"
    assert [row["data/file_index"] for row in rows] == [0, 0, 0]
    assert [row[f"{key}/file_index"] for row in rows] == [0, 0, 1]
    assert [row[f"{key}/from_timestamp"] for row in rows] == [0.0, LENGTHS[0] / FPS, 0.0]
    assert rows[1][f"{key}/to_timestamp"] == (LENGTHS[0] + LENGTHS[1]) / FPS
    _assert_pictures_are_those_drawn(tmp_path, 2, CAMERAS[0])


def test_start_times_do_not_drift() -> None:
    lengths = np.random.default_rng(3).integers(1, 900, size=4000)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    for fps in (15, 24, 30, 50, 60):
        columns = [lerobot._video_columns("cam", lerobot.Place(0, 0, int(start)), 1, fps) for start in starts]
        times = np.array([entry["videos/cam/from_timestamp"] for entry in columns])
        assert np.abs(times * fps - starts).max() < 1e-4 * fps


def test_the_same_tables_give_the_same_bytes(tables: DatasetTable, written: Path, tmp_path: Path) -> None:
    lerobot.write_dataset(tmp_path / "again", tables)
    assert digest_files(tmp_path / "again") == digest_files(written)


def test_nothing_is_readable_until_everything_is_written(
    tables: DatasetTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise VideoFailed(tmp_path / "file-000.mp4", "the encoder died")

    monkeypatch.setattr(lerobot, "join_clips", fail)
    with pytest.raises(VideoFailed):
        lerobot.write_dataset(tmp_path, tables)
    with pytest.raises(ScanError, match=r"holds no meta/info\.json"):
        read_info(tmp_path)


def test_another_version_is_refused(copy: Path) -> None:
    info = json.loads((copy / "meta/info.json").read_bytes())
    (copy / "meta/info.json").write_text(json.dumps({**info, "codebase_version": "v2.1"}))
    with pytest.raises(ScanError, match=r"codebase_version is 'v2\.1'.*v3\.0"):
        read_info(copy)


def test_a_flipped_bit_is_never_read_in_silence(copy: Path, written: Path) -> None:
    """The footer has no checksum of its own; the certificate's digests cover it."""
    row = read_episodes(written)[1]
    path = copy / "data/chunk-000/file-000.parquet"
    sound, content = read_data(written, row), path.read_bytes()
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    positions = np.random.default_rng(7).integers(4, footer, size=120)
    messages: list[str] = []
    for position in positions:
        damaged = bytearray(content)
        damaged[position] ^= 1 << int(position % 8)
        path.write_bytes(damaged)
        try:
            read = read_data(copy, row)
        except ScanError as error:
            messages.append(str(error))
            continue
        assert read.keys() == sound.keys()
        assert all(np.array_equal(read[name], sound[name]) for name in sound), f"byte {position} changed the data"
    assert len(messages) > len(positions) // 4
    assert all(message.startswith("data/chunk-000/file-000.parquet: cannot be read") for message in messages)
    assert not [message for message in messages if str(copy) in message]


def test_a_missing_file_is_named(copy: Path) -> None:
    row = read_episodes(copy)[0]
    (copy / "data/chunk-000/file-000.parquet").unlink()
    with pytest.raises(ScanError, match=r"data/chunk-000/file-000\.parquet"):
        read_data(copy, row)
