"""Small recordings for tests: moving pictures, clips encoded by PyAV, and a LeRobot dataset made of them."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.formats.lerobot import DatasetTable, EpisodeTable, Feature, VideoFeature
from blueprint.pipeline.formats.lerobot_statistics import (
    column_statistics,
    image_histogram,
    image_statistics,
    table_statistics,
)

FPS = 30
WIDTH, HEIGHT = 96, 64
CAMERAS = ("observation.images.side", "observation.images.wrist")
TASKS = ("put the mug on the tray", "put the apple on the tray", "put the mug on the tray")
LENGTHS = (17, 40, 23)
STATE_NAMES = ("joint1.position", "joint2.position", "joint3.position")
FEATURES = (
    Feature("observation.state", "float32", STATE_NAMES),
    Feature("action", "float32", ("gripper.target", "wrist.target")),
    Feature("next.reward", "float32", ("reward",)),
    Feature("next.done", "bool", ("done",)),
)


def moving_picture(episode: int, camera: int, frame: int) -> NDArray[np.uint8]:
    """Draw an RGB frame that no other episode, camera or time shares: a square before a slanted ramp."""
    row, column = np.mgrid[0:HEIGHT, 0:WIDTH]
    ramp = (column * (1 + camera) + 2 * row + 40 * episode) % 160
    picture = np.stack([ramp + 40, 200 - ramp, np.full_like(ramp, 60 + 50 * camera)], axis=2)
    left, top = (5 + 2 * frame) % (WIDTH - 16), 8 + 12 * episode
    picture[top : top + 16, left : left + 16] = (230, 40 + 60 * episode, 30 + 90 * camera)
    return picture.astype(np.uint8)


def write_clip(
    path: Path, frames: Sequence[NDArray[np.uint8]], *, fps: int = FPS, options: Mapping[str, str] | None = None
) -> None:
    """Encode RGB frames as the product does: x264, a key frame every ten, no B-frames, one thread."""
    usual = {"preset": "veryfast", "tune": "fastdecode", "crf": "18", "g": "10", "bf": "0", "threads": "1"}
    chosen = {name: value for name, value in {**usual, **(options or {})}.items() if value}
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options=chosen)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt, stream.time_base = "yuv420p", Fraction(1, fps)
        for number, pixels in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            picture.pts, picture.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def columns_of_episode(episode: int, length: int) -> dict[str, NDArray[Any]]:
    """Return smooth, distinct columns: joints that swing, an action, a reward at the end."""
    time_s = np.arange(length) / FPS
    state = np.stack([np.sin(time_s * (joint + 1) + episode) for joint in range(len(STATE_NAMES))], axis=1)
    last = np.arange(length) == length - 1
    return {
        "observation.state": state.astype(np.float32),
        "action": np.stack([time_s, -time_s + episode], axis=1).astype(np.float32),
        "next.reward": last.astype(np.float32),
        "next.done": last,
    }


def draw_frames(episode: int, camera: int, length: int) -> list[NDArray[np.uint8]]:
    """Return the pictures of one clip."""
    return [moving_picture(episode, camera, frame) for frame in range(length)]


def make_tables(clips: Path, lengths: Sequence[int] = LENGTHS) -> DatasetTable:
    """Encode the clips of all episodes below a folder and return the tables of the dataset."""
    episodes: list[EpisodeTable] = []
    histograms = {camera: np.zeros((3, 256), dtype=np.int64) for camera in CAMERAS}
    for episode, length in enumerate(lengths):
        columns = columns_of_episode(episode, length)
        stats = table_statistics(columns)
        paths = {camera: clips / f"{episode}_{at}.mp4" for at, camera in enumerate(CAMERAS)}
        for at, camera in enumerate(CAMERAS):
            frames = draw_frames(episode, at, length)
            write_clip(paths[camera], frames)
            histogram = image_histogram(frames)
            histograms[camera] += histogram
            stats[camera] = image_statistics(histogram, length)
        episodes.append(EpisodeTable(TASKS[episode % len(TASKS)], columns, paths, stats, length))
    total = {
        name: column_statistics(np.concatenate([episode.columns[name] for episode in episodes]))
        for name in episodes[0].columns
    }
    total |= {camera: image_statistics(histogram, sum(lengths)) for camera, histogram in histograms.items()}
    videos = tuple(VideoFeature(camera, WIDTH, HEIGHT) for camera in CAMERAS)
    return DatasetTable(FPS, "toy_arm", FEATURES, videos, tuple(episodes), total)
