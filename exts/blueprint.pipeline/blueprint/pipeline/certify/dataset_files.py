"""A dataset as it lies on disk, opened for checking; nothing is taken on trust from what made it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.outcomes import EpisodeSummary
from blueprint.pipeline.episode.tasks import Task
from blueprint.pipeline.formats import lerobot
from blueprint.pipeline.scene.codec import load
from blueprint.pipeline.scene.manifests import SceneManifest

CERTIFICATE_FOLDER = "certificate"
SCENE_FILE = "sources/scene/scene.json"
CHAIN_FILE = "sources/robot/chain.json"
ATTEMPTS_FILE = "sources/attempts.json"
LOST_ATTEMPTS_FILE = "sources/lost_attempts.json"
EPISODE_SOURCE = "sources/episodes/episode_{index:06d}"


@dataclass(frozen=True)
class DatasetFiles:
    """The files of one dataset."""

    root: Path

    @cached_property
    def info(self) -> dict[str, Any]:
        """`meta/info.json`."""
        return lerobot.read_info(self.root)

    @cached_property
    def episodes(self) -> list[dict[str, Any]]:
        """Rows of the episodes table."""
        return lerobot.read_episodes(self.root)

    @property
    def fps(self) -> int:
        """Frames per second."""
        return int(self.info["fps"])

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns that are measured, without videos, indices and time stamps."""
        outside = {*self.videos, *lerobot.INDEX_COLUMNS, "timestamp"}
        return tuple(name for name in self.info["features"] if name not in outside)

    @property
    def videos(self) -> list[str]:
        """Names of the video features."""
        return [name for name, spec in self.info["features"].items() if spec["dtype"] == "video"]

    @cached_property
    def scene(self) -> SceneManifest:
        """The scene the episodes were recorded in."""
        return load(self.root / SCENE_FILE, SceneManifest)

    @cached_property
    def attempts(self) -> tuple[EpisodeSummary, ...]:
        """Every attempted episode that has an outcome, exported or not."""
        return load(self.root / ATTEMPTS_FILE, tuple[EpisodeSummary, ...])

    @cached_property
    def lost_attempts(self) -> dict[str, str]:
        """The attempts that have no outcome, such as those whose worker hung, with the reason; empty in older ones."""
        path = self.root / LOST_ATTEMPTS_FILE
        return load(path, dict[str, str]) if path.is_file() else {}

    def columns(self, episode: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
        """Return the data columns of one episode."""
        return lerobot.read_data(self.root, episode)

    def data_file(self, episode: Mapping[str, Any]) -> str:
        """Return the parquet file of an episode, relative to the root."""
        place = lerobot.Place(episode["data/chunk_index"], episode["data/file_index"], 0)
        return place.fill(lerobot.DATA_PATH)

    def source(self, index: int) -> Path:
        """Return the folder of an episode's recorded states."""
        return self.root / EPISODE_SOURCE.format(index=index)

    def summary(self, index: int) -> EpisodeSummary:
        """Return what was said of an episode when it was recorded."""
        return load(self.source(index) / "outcome.json", EpisodeSummary)

    def task(self, index: int) -> Task:
        """Return what was asked in an episode."""
        return load(self.source(index) / "task.json", Task)

    def relative(self, path: Path) -> str:
        """Return a path relative to the root."""
        return path.relative_to(self.root).as_posix()


def first_bad_row(bad: NDArray[np.bool_]) -> int | None:
    """Return the first row in which anything is bad, or None."""
    rows = np.flatnonzero(bad.reshape(len(bad), -1).any(axis=1))
    return int(rows[0]) if len(rows) else None
