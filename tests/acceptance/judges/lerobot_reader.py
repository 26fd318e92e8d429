"""LeRobot's own reader against the bytes of a run's dataset. Argument: dataset root.

Rows are read by pyarrow. Frames are decoded by OpenCV from the clips that were written while rendering, which the
run keeps per episode and camera, so a picture of another episode, camera or instant does not pass.
"""

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pyarrow.parquet as pq
from lerobot import __version__ as lerobot_version  # noqa: TID251, TID253 - this judge is LeRobot
from lerobot.datasets.lerobot_dataset import LeRobotDataset  # noqa: TID251, TID253 - this judge is LeRobot
from verdict import Verdict

LEAST_PSNR_DB = 30.0
LEAST_CONTRAST = 2.5
"""A camera in the hand right before a door of one colour shows 5; a blank picture shows 0."""
TIMESTAMP_LIMIT_S = 1e-4
MEASURES = {"min", "max", "mean", "std", "count", "q01", "q10", "q50", "q90", "q99"}


def main(root: Path) -> int:
    """Read the whole dataset once per video decoder that works here."""
    verdict = Verdict()
    info = json.loads((root / "meta/info.json").read_bytes())
    rows = _rows(root)
    for backend in _backends():
        dataset = LeRobotDataset("blueprint/acceptance", root=root, video_backend=backend)
        name = f"lerobot {lerobot_version} ({backend})"
        if not verdict.comparisons:
            _compare_metadata(verdict, dataset, info, rows)
            _compare_statistics(verdict, dataset, info, rows)
        _compare_items(verdict, name, dataset, info, rows)
    return verdict.exit_code()


def _backends() -> list[str]:
    """torchcodec needs the system's FFmpeg libraries; PyAV brings its own."""
    try:
        importlib.import_module("torchcodec.decoders")
    except (ImportError, OSError, RuntimeError):
        sys.stderr.write("torchcodec does not load without FFmpeg's libraries (apt-get install ffmpeg): PyAV alone\n")
        return ["pyav"]
    return ["torchcodec", "pyav"]


def _rows(root: Path) -> dict[str, np.ndarray]:
    """Return every column of all data files in the order of the global index."""
    columns: dict[str, list[np.ndarray]] = {}
    for path in sorted((root / "data").rglob("*.parquet")):
        table = pq.read_table(path, page_checksum_verification=True)
        for name in table.column_names:
            columns.setdefault(name, []).append(np.array(table.column(name).to_pylist()))
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
    order = np.argsort(joined["index"])
    return {name: values[order] for name, values in joined.items()}


def _compare_metadata(verdict: Verdict, dataset: LeRobotDataset, info: dict, rows: dict[str, np.ndarray]) -> None:
    episodes = np.unique(rows["episode_index"])
    verdict.equal("number of episodes against the rows", dataset.num_episodes, len(episodes))
    verdict.equal("number of frames against the rows", len(dataset), len(rows["index"]))
    verdict.equal("frames per second", dataset.fps, info["fps"])
    verdict.equal("global index runs on", bool((rows["index"] == np.arange(len(rows["index"]))).all()), True)
    for episode in episodes:
        mine = rows["episode_index"] == episode
        entry = dataset.meta.episodes[int(episode)]
        found = (int(entry["dataset_from_index"]), int(entry["dataset_to_index"]), int(entry["length"]))
        index = rows["index"][mine]
        if found != (int(index[0]), int(index[-1]) + 1, int(mine.sum())):
            verdict.equal(f"range of episode {episode}", found, (int(index[0]), int(index[-1]) + 1, int(mine.sum())))


def _compare_statistics(verdict: Verdict, dataset: LeRobotDataset, info: dict, rows: dict[str, np.ndarray]) -> None:
    stats = dataset.meta.stats
    expected = {name for name, spec in info["features"].items() if spec["dtype"] != "string" and name in rows}
    expected |= set(dataset.meta.camera_keys)
    automatic = {"timestamp", "frame_index", "episode_index", "index", "task_index"}
    verdict.nothing("features without statistics", sorted(expected - automatic - set(stats)))
    verdict.nothing("incomplete statistics", sorted(name for name in stats if not set(stats[name]) >= MEASURES))
    shapes = {name: stats[name]["mean"].shape for name in dataset.meta.camera_keys}
    verdict.nothing(
        "image statistics of another shape than 3x1x1", sorted(k for k, v in shapes.items() if v != (3, 1, 1))
    )
    worst = 0.0
    for name in sorted(set(stats) & set(rows)):
        values = rows[name].astype(np.float64).reshape(len(rows[name]), -1)
        spread = np.maximum(np.abs(values).max(axis=0), 1e-9)
        for measure, value in (("mean", values.mean(axis=0)), ("std", values.std(axis=0)), ("max", values.max(axis=0))):
            worst = max(worst, float((np.abs(stats[name][measure].astype(np.float64) - value) / spread).max()))
    verdict.at_most("mean, std, max of columns against numpy, relative", worst, 1e-6)


def _compare_items(
    verdict: Verdict, name: str, dataset: LeRobotDataset, info: dict, rows: dict[str, np.ndarray]
) -> None:
    cameras = dataset.meta.camera_keys
    columns = [feature for feature in info["features"] if feature in rows]
    tasks = dict(_tasks(dataset.root))
    psnr, contrast, time_error_s = np.inf, np.inf, 0.0
    different, wrong_tasks, unread = [], [], []
    count = 0
    for episode in range(dataset.num_episodes):
        clips = {camera: _decode(_rendered_clip(dataset.root, episode, camera)) for camera in cameras}
        for row in np.flatnonzero(rows["episode_index"] == episode):
            item = dataset[int(row)]
            time_error_s = max(time_error_s, abs(float(item["timestamp"]) - rows["frame_index"][row] / info["fps"]))
            if item["task"] != tasks[int(rows["task_index"][row])]:
                wrong_tasks.append(f"row {row}: {item['task']!r}")
            for column in columns:
                read = np.asarray(item[column]).reshape(-1)
                if not np.array_equal(read, np.atleast_1d(rows[column][row]).astype(read.dtype)):
                    different.append(f"{column}, row {row}")
            for camera in cameras:
                read = np.moveaxis(np.asarray(item[camera], dtype=np.float64), 0, 2) * 255
                psnr = min(psnr, _psnr_db(read, next(clips[camera], None)))
                contrast = min(contrast, float(read.std()))
            count += 1
        for camera in cameras:
            if next(clips[camera], None) is not None:
                unread.append(f"{camera}, episode {episode}")
    verdict.equal(f"{name}: items read", count, len(rows["index"]))
    verdict.nothing(f"{name}: {len(columns)} columns that differ from the parquet rows", different)
    verdict.nothing(f"{name}: task texts that differ", wrong_tasks)
    verdict.nothing(f"{name}: clips with more frames than rows", unread)
    verdict.at_most(f"{name}: time stamp against frame number", time_error_s, TIMESTAMP_LIMIT_S, "s")
    frames = count * len(cameras)
    verdict.at_least(f"{name}: worst of {frames} frames against those rendered", psnr, LEAST_PSNR_DB, "dB PSNR")
    verdict.at_least(f"{name}: lowest contrast of a frame", contrast, LEAST_CONTRAST, "of 255")


def _tasks(root: Path) -> Iterator[tuple[int, str]]:
    table = pq.read_table(root / "meta/tasks.parquet")
    texts = next(name for name in table.column_names if name != "task_index")
    return zip(table.column("task_index").to_pylist(), table.column(texts).to_pylist(), strict=True)


def _rendered_clip(root: Path, episode: int, camera: str) -> Path:
    """Return the clip that an exported episode's pictures were first written to, in the record of its attempt.

    The dataset's own lineage names the record: the run's last one may have made other attempts since.
    """
    name = json.loads((root / f"sources/episodes/episode_{episode:06d}/outcome.json").read_bytes())["id"]
    lineage = json.loads((root / "sources/lineage.json").read_bytes())["records"]
    key = next(e["key"] for e in lineage if e["stage"] == "generate" and e.get("item", {}).get("id") == name)
    return root.parent / "store/records" / key / f"{camera.removeprefix('observation.images.')}.mp4"


def _decode(path: Path) -> Iterator[np.ndarray]:
    """Yield the RGB frames of a clip in order."""
    capture = cv2.VideoCapture(str(path))
    while True:
        found, frame = capture.read()
        if not found:
            return
        yield frame[..., ::-1]


def _psnr_db(first: np.ndarray, second: np.ndarray | None) -> float:
    """Return the peak signal-to-noise ratio; 0 where the other frame is missing, 99 where both are the same."""
    if second is None:
        return 0.0
    error = float(np.mean((first - second.astype(np.float64)) ** 2))
    return min(99.0, 10 * np.log10(255**2 / max(error, 1e-9)))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
