"""Gather episodes into the tables of a LeRobot dataset."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.episode.states import States
from blueprint.pipeline.export.features import Columns, columns_of
from blueprint.pipeline.formats.lerobot import DatasetTable, EpisodeTable, VideoFeature
from blueprint.pipeline.formats.lerobot_statistics import (
    Measures,
    column_statistics,
    image_histogram,
    image_statistics,
    table_statistics,
)
from blueprint.pipeline.formats.video import read_frames
from blueprint.pipeline.scene.manifests import Camera, SceneManifest

IMAGE_PREFIX = "observation.images."


def recorded_cameras(episodes: Sequence[Episode], manifest: SceneManifest) -> tuple[Camera, ...]:
    """Return the scene's cameras that were recorded, which all episodes of a run have in common."""
    return tuple(camera for camera in manifest.cameras if camera.name in episodes[0].cameras)


def build_dataset(episodes: Sequence[Episode], manifest: SceneManifest) -> DatasetTable:
    """Read episodes into tables with statistics; image statistics are of the decoded video, as readers see it."""
    states = [States(episode.states_path) for episode in episodes]
    columns = columns_of(states[0])
    videos = tuple(
        VideoFeature(IMAGE_PREFIX + camera.name, camera.width_px, camera.height_px)
        for camera in recorded_cameras(episodes, manifest)
    )
    histograms = {video.name: np.zeros((3, 256), dtype=np.int64) for video in videos}
    tables: list[EpisodeTable] = []
    for episode, recorded in zip(episodes, states, strict=True):
        tables.append(_episode_table(episode, recorded, columns, videos, histograms))
    stats = _dataset_statistics(tables, histograms)
    return DatasetTable(states[0].fps, manifest.robot.name, columns.features, videos, tuple(tables), stats)


def _episode_table(
    episode: Episode,
    states: States,
    columns: Columns,
    videos: Sequence[VideoFeature],
    histograms: dict[str, Any],
) -> EpisodeTable:
    table = columns.read(states, episode.summary.outcome.success)
    clips = {video.name: episode.folder / f"{video.name.removeprefix(IMAGE_PREFIX)}.mp4" for video in videos}
    stats: dict[str, Measures] = table_statistics(table)
    for name, clip in clips.items():
        histogram = image_histogram(read_frames(clip))
        histograms[name] += histogram
        stats[name] = image_statistics(histogram, states.frame_count)
    return EpisodeTable(episode.task.instruction, table, clips, stats, states.frame_count)


def _dataset_statistics(tables: Sequence[EpisodeTable], histograms: dict[str, Any]) -> dict[str, Measures]:
    """Measure each column over all rows, one column at a time so that memory holds only one."""
    stats: dict[str, Measures] = {}
    for name in tables[0].columns:
        stats[name] = column_statistics(np.concatenate([table.columns[name] for table in tables]))
    frame_count = sum(table.frame_count for table in tables)
    return stats | {name: image_statistics(histogram, frame_count) for name, histogram in histograms.items()}
