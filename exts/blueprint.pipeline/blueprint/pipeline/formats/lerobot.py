"""Write and read LeRobot datasets, version 3.0: many episodes packed into few parquet and mp4 files.

Layout, columns and reader rules follow the reference implementation (huggingface/lerobot, `datasets/`). A dataset is
written data first, then video, then metadata; `meta/info.json` comes last and makes it readable.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from blueprint.pipeline.engine.digests import canonical_json
from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.formats.video import join_clips

VERSION = "v3.0"
CHUNK_SIZE = 1000
DATA_FILE_MB, VIDEO_FILE_MB = 100, 200
DATA_PATH = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
VIDEO_PATH = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
EPISODES_PATH = "meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
TASKS_PATH, STATS_PATH, INFO_PATH = "meta/tasks.parquet", "meta/stats.json", "meta/info.json"
EPISODES_FOLDER = "meta/episodes"
INDEX_COLUMNS = ("frame_index", "episode_index", "index", "task_index")

Stats = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Feature:
    """One column: a vector of `names`, or a scalar when there is one name; `dtype` is a numpy name."""

    name: str
    dtype: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class VideoFeature:
    """One camera's video as it is written."""

    name: str
    width: int
    height: int
    codec: str = "h264"
    pixel_format: str = "yuv420p"


@dataclass(frozen=True)
class EpisodeTable:
    """One episode: a column per feature with N rows, a clip with N frames per video, and its statistics."""

    task: str
    columns: Mapping[str, NDArray[Any]]
    clips: Mapping[str, Path]
    stats: Stats
    frame_count: int


@dataclass(frozen=True)
class DatasetTable:
    """What a dataset consists of."""

    fps: int
    robot_type: str
    features: tuple[Feature, ...]
    videos: tuple[VideoFeature, ...]
    episodes: tuple[EpisodeTable, ...]
    stats: Stats

    @property
    def tasks(self) -> list[str]:
        """The task texts in order of first use."""
        return list(dict.fromkeys(episode.task for episode in self.episodes))


@dataclass(frozen=True)
class Place:
    """Where an episode lies: chunk and file, and the offset inside it in rows or frames."""

    chunk: int
    file: int
    start: int

    def fill(self, template: str, **names: str) -> str:
        """Return the path of the file."""
        return template.format(chunk_index=self.chunk, file_index=self.file, **names)


def write_dataset(root: Path, dataset: DatasetTable) -> None:
    """Write a whole dataset into an empty folder."""
    data_places = _write_data(root, dataset)
    video_places = {video.name: _write_video(root, dataset, video.name) for video in dataset.videos}
    _write_tasks(root, dataset)
    _write_episodes(root, dataset, data_places, video_places)
    (root / STATS_PATH).write_bytes(canonical_json(_plain(dataset.stats)))
    (root / INFO_PATH).write_bytes(canonical_json(_info(dataset)))


def read_info(root: Path) -> dict[str, Any]:
    """Return `meta/info.json`; raises ScanError when the folder is no dataset of this version."""
    path = root / INFO_PATH
    if not path.is_file():
        found = ", ".join(sorted(entry.name for entry in root.iterdir())[:8]) if root.is_dir() else "no such folder"
        problem = f"is no dataset: it holds no {INFO_PATH}. Found {found or 'an empty folder'}."
        raise ScanError(root.name, problem, expected="the root of a LeRobot dataset")
    info = _read_json(root, INFO_PATH)
    if info.get("codebase_version") != VERSION:
        raise ScanError(INFO_PATH, f"codebase_version is {info.get('codebase_version')!r}", expected=VERSION)
    return info


def read_statistics(root: Path) -> dict[str, Any]:
    """Return `meta/stats.json`; raises ScanError where it is missing or damaged."""
    return _read_json(root, STATS_PATH)


def _read_json(root: Path, name: str) -> dict[str, Any]:
    try:
        content = json.loads((root / name).read_bytes())
    except (OSError, ValueError) as error:
        raise ScanError(name, f"cannot be read: {error}".replace(str(root / name), name)) from error
    if not isinstance(content, dict):
        raise ScanError(name, "is not a JSON object")
    return content


def read_episodes(root: Path) -> list[dict[str, Any]]:
    """Return the rows of the episodes table, in order; raises ScanError for a file that is damaged."""
    rows: list[dict[str, Any]] = []
    for path in sorted((root / "meta" / "episodes").rglob("*.parquet")):
        rows += _read_parquet(root, path).to_pylist()
    return sorted(rows, key=lambda row: row["episode_index"])


def read_data(root: Path, episode: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Return the columns of one episode, given its row of the episodes table.

    Raises ScanError for a file that is missing or damaged: page checksums catch a flipped bit.
    """
    place = Place(episode["data/chunk_index"], episode["data/file_index"], 0)
    table = _read_parquet(root, root / place.fill(DATA_PATH), episode=episode["episode_index"])
    return {name: _to_array(table.column(name)) for name in table.column_names}


def video_file(root: Path, episode: Mapping[str, Any], video: str) -> tuple[Path, float]:
    """Return the mp4 that holds an episode's frames of one camera, and the second at which they begin."""
    key = f"videos/{video}"
    place = Place(episode[f"{key}/chunk_index"], episode[f"{key}/file_index"], 0)
    return root / place.fill(VIDEO_PATH, video_key=video), float(episode[f"{key}/from_timestamp"])


def _write_data(root: Path, dataset: DatasetTable) -> list[Place]:
    places = _pack([_row_bytes(dataset) * episode.frame_count for episode in dataset.episodes], DATA_FILE_MB)
    tasks, first = dataset.tasks, 0
    writers: dict[str, pq.ParquetWriter] = {}
    for index, (episode, place) in enumerate(zip(dataset.episodes, places, strict=True)):
        table = _data_table(dataset, episode, index, first, tasks.index(episode.task))
        name = place.fill(DATA_PATH)
        if name not in writers:
            writers[name] = _open_parquet(root / name, table.schema)
        writers[name].write_table(table)
        first += episode.frame_count
    for writer in writers.values():
        writer.close()
    return places


def _data_table(dataset: DatasetTable, episode: EpisodeTable, index: int, first: int, task: int) -> pa.Table:
    rows = np.arange(episode.frame_count, dtype=np.int64)
    columns = {feature.name: _to_arrow(episode.columns[feature.name], feature) for feature in dataset.features}
    columns["timestamp"] = pa.array((rows / dataset.fps).astype(np.float32))
    columns["frame_index"] = pa.array(rows)
    columns["episode_index"] = pa.array(np.full_like(rows, index))
    columns["index"] = pa.array(rows + first)
    columns["task_index"] = pa.array(np.full_like(rows, task))
    return pa.table(columns)


def _write_video(root: Path, dataset: DatasetTable, video: str) -> list[Place]:
    clips = [episode.clips[video] for episode in dataset.episodes]
    files = _pack([clip.stat().st_size for clip in clips], VIDEO_FILE_MB)
    places: list[Place] = []
    frames: dict[tuple[int, int], int] = {}
    for episode, place in zip(dataset.episodes, files, strict=True):
        slot = (place.chunk, place.file)
        places.append(Place(*slot, frames.get(slot, 0)))
        frames[slot] = frames.get(slot, 0) + episode.frame_count
    for chunk, file in sorted(frames):
        members = [clip for clip, place in zip(clips, files, strict=True) if (place.chunk, place.file) == (chunk, file)]
        target = root / Place(chunk, file, 0).fill(VIDEO_PATH, video_key=video)
        join_clips(members, target, fps=dataset.fps)
    return places


def _write_tasks(root: Path, dataset: DatasetTable) -> None:
    """Write the task table whose text column is, for pandas, the index of the frame."""
    tasks = dataset.tasks
    columns = {
        "task_index": pa.array(range(len(tasks)), pa.int64()),
        "__index_level_0__": pa.array(tasks, pa.large_string()),
    }
    column_notes = [
        {"name": name, "field_name": field, "pandas_type": kind, "numpy_type": numpy_kind, "metadata": None}
        for name, field, kind, numpy_kind in (
            ("task_index", "task_index", "int64", "int64"),
            (None, "__index_level_0__", "unicode", "object"),
        )
    ]
    note = {
        "index_columns": ["__index_level_0__"],
        "column_indexes": [
            {"name": None, "field_name": None, "pandas_type": "unicode", "numpy_type": "object", "metadata": None}
        ],
        "columns": column_notes,
        "creator": {"library": "pyarrow", "version": pa.__version__},
    }
    table = pa.table(columns).replace_schema_metadata({"pandas": json.dumps(note)})
    _write_parquet(root / TASKS_PATH, table)


def _write_episodes(
    root: Path, dataset: DatasetTable, data_places: Sequence[Place], video_places: Mapping[str, Sequence[Place]]
) -> None:
    rows: list[dict[str, Any]] = []
    first = 0
    for index, episode in enumerate(dataset.episodes):
        row: dict[str, Any] = {"episode_index": index, "tasks": [episode.task], "length": episode.frame_count}
        row |= {"data/chunk_index": data_places[index].chunk, "data/file_index": data_places[index].file}
        row |= {"dataset_from_index": first, "dataset_to_index": first + episode.frame_count}
        for video, places in video_places.items():
            row |= _video_columns(video, places[index], episode.frame_count, dataset.fps)
        for feature, measures in _plain(episode.stats).items():
            row |= {f"stats/{feature}/{measure}": value for measure, value in measures.items()}
        row |= {"meta/episodes/chunk_index": 0, "meta/episodes/file_index": 0}
        rows.append(row)
        first += episode.frame_count
    _write_parquet(root / Place(0, 0, 0).fill(EPISODES_PATH), pa.Table.from_pylist(rows))


def _video_columns(video: str, place: Place, frame_count: int, fps: int) -> dict[str, Any]:
    """Times come from whole frame numbers: adding up measured clip lengths drifts."""
    return {
        f"videos/{video}/chunk_index": place.chunk,
        f"videos/{video}/file_index": place.file,
        f"videos/{video}/from_timestamp": place.start / fps,
        f"videos/{video}/to_timestamp": (place.start + frame_count) / fps,
    }


def _info(dataset: DatasetTable) -> dict[str, Any]:
    features: dict[str, Any] = {
        feature.name: {"dtype": feature.dtype, "shape": [len(feature.names)], "names": list(feature.names)}
        for feature in dataset.features
    }
    for video in dataset.videos:
        features[video.name] = _video_info(video, dataset.fps)
    features["timestamp"] = {"dtype": "float32", "shape": [1], "names": None}
    for name in INDEX_COLUMNS:
        features[name] = {"dtype": "int64", "shape": [1], "names": None}
    return {
        "codebase_version": VERSION,
        "robot_type": dataset.robot_type,
        "total_episodes": len(dataset.episodes),
        "total_frames": sum(episode.frame_count for episode in dataset.episodes),
        "total_tasks": len(dataset.tasks),
        "chunks_size": CHUNK_SIZE,
        "data_files_size_in_mb": DATA_FILE_MB,
        "video_files_size_in_mb": VIDEO_FILE_MB,
        "fps": dataset.fps,
        "splits": {"train": f"0:{len(dataset.episodes)}"},
        "data_path": DATA_PATH,
        "video_path": VIDEO_PATH,
        "features": features,
    }


def _video_info(video: VideoFeature, fps: int) -> dict[str, Any]:
    return {
        "dtype": "video",
        "shape": [video.height, video.width, 3],
        "names": ["height", "width", "channels"],
        "info": {
            "video.height": video.height,
            "video.width": video.width,
            "video.codec": video.codec,
            "video.pix_fmt": video.pixel_format,
            "video.is_depth_map": False,
            "video.fps": fps,
            "video.channels": 3,
            "has_audio": False,
        },
    }


def _pack(sizes_bytes: Sequence[int], limit_mb: int) -> list[Place]:
    """Assign things to files in order; a file is closed when the next thing would pass the limit."""
    places: list[Place] = []
    number, filled = 0, 0
    for size in sizes_bytes:
        if filled and filled + size > limit_mb * 1_000_000:
            number, filled = number + 1, 0
        places.append(Place(number // CHUNK_SIZE, number % CHUNK_SIZE, 0))
        filled += size
    return places


def _row_bytes(dataset: DatasetTable) -> int:
    widths = (np.dtype(feature.dtype).itemsize * len(feature.names) for feature in dataset.features)
    return sum(widths) + 4 + 8 * len(INDEX_COLUMNS)


def _to_arrow(values: NDArray[Any], feature: Feature) -> pa.Array:
    flat = np.ascontiguousarray(values, dtype=feature.dtype).reshape(-1)
    if len(feature.names) == 1:
        return pa.array(flat)
    return pa.FixedSizeListArray.from_arrays(pa.array(flat), len(feature.names))


def _to_array(column: pa.ChunkedArray) -> NDArray[Any]:
    if pa.types.is_fixed_size_list(column.type):
        width = column.type.list_size
        flat = column.combine_chunks()
        chunk = flat.chunk(0) if isinstance(flat, pa.ChunkedArray) else flat
        return chunk.flatten().to_numpy(zero_copy_only=False).reshape(-1, width)
    return column.to_numpy()


def _read_parquet(root: Path, path: Path, *, episode: int | None = None) -> pa.Table:
    filters = None if episode is None else [("episode_index", "=", episode)]
    try:
        return pq.read_table(path, filters=filters, page_checksum_verification=True)
    except (OSError, pa.ArrowException) as error:
        name = path.relative_to(root).as_posix()
        # Arrow's messages carry the path of this machine.
        raise ScanError(name, f"cannot be read: {str(error).replace(str(path), path.name)}") from error


def _open_parquet(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    path.parent.mkdir(parents=True, exist_ok=True)
    return pq.ParquetWriter(path, schema, compression="snappy", write_page_checksum=True)


def _write_parquet(path: Path, table: pa.Table) -> None:
    with _open_parquet(path, table.schema) as writer:
        writer.write_table(table)


def _plain(value: Any) -> Any:
    """Return nested mappings of arrays as nested mappings of lists."""
    if isinstance(value, Mapping):
        return {name: _plain(entry) for name, entry in value.items()}
    return value.tolist() if isinstance(value, np.ndarray) else value
