"""The records of recorded work and of the datasets made from it."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

from blueprint.pipeline.engine.store import MappedRecord, Record
from blueprint.pipeline.episode.grasps import GraspTable
from blueprint.pipeline.episode.offers import Offers
from blueprint.pipeline.episode.outcomes import EpisodeSummary
from blueprint.pipeline.episode.tasks import Task
from blueprint.pipeline.scene.codec import load


class GraspTrials(Record):
    """`grasps.json`: the grasps of one prop, tried in simulation."""

    TABLE_FILE = "grasps.json"

    @cached_property
    def table(self) -> GraspTable:
        """The grasps, best first."""
        return load(self.folder / self.TABLE_FILE, GraspTable)


class Grasps(MappedRecord):
    """The tried grasps of every prop that is to be grasped."""

    def tables(self) -> dict[str, GraspTable]:
        """Prop id to its table."""
        return {name: GraspTrials(folder).table for name, folder in self.item_folders().items()}


class Offered(Record):
    """`offers.json`: the tasks that robot and scene allow, and why not the others; `templates.json`: what they ask."""

    OFFERS_FILE = "offers.json"
    TEMPLATES_FILE = "templates.json"

    @cached_property
    def offers(self) -> Offers:
        """Every task that was looked at."""
        return load(self.folder / self.OFFERS_FILE, Offers)

    @cached_property
    def templates(self) -> dict[str, dict[str, Any]]:
        """Task name to its template as plain data."""
        return json.loads((self.folder / self.TEMPLATES_FILE).read_bytes())


class Episode(Record):
    """One attempt: `outcome.json`, `task.json`, `states.h5`, and images where it was rendered.

    Images of camera CAM: `CAM.mp4` (RGB), `CAM_depth.npz` and `CAM_instance.npz`.
    """

    OUTCOME_FILE = "outcome.json"
    TASK_FILE = "task.json"
    STATES_FILE = "states.h5"

    @cached_property
    def summary(self) -> EpisodeSummary:
        """What was tried and what became of it."""
        return load(self.folder / self.OUTCOME_FILE, EpisodeSummary)

    @cached_property
    def task(self) -> Task:
        """What was asked."""
        return load(self.folder / self.TASK_FILE, Task)

    @property
    def states_path(self) -> Path:
        """The recorded states."""
        return self.folder / self.STATES_FILE

    @property
    def cameras(self) -> tuple[str, ...]:
        """Names of the cameras that have images."""
        return tuple(sorted(path.stem for path in self.folder.glob("*.mp4")))

    @property
    def rendered(self) -> bool:
        """Whether the episode has images."""
        return bool(self.cameras)


class Episodes(MappedRecord):
    """Every attempt, in order."""

    def episodes(self) -> dict[str, Episode]:
        """Episode id to its record."""
        return {name: Episode(folder) for name, folder in self.item_folders().items()}


class Dataset(Record):
    """A LeRobot dataset below `dataset/`."""

    @property
    def root(self) -> Path:
        """The dataset's root folder."""
        return self.folder / "dataset"


class Certified(Record):
    """The certificate of a dataset below `certificate/`."""

    @property
    def root(self) -> Path:
        """The certificate's folder, which belongs into the dataset's root."""
        return self.folder / "certificate"
