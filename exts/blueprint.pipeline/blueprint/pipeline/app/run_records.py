"""What a run has left behind, by type: every record that exists, its failure, and how long each stage took."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from blueprint.pipeline.app.runs import FAILURE_FILE, RunFolder
from blueprint.pipeline.app.timings import StageTime, stage_times
from blueprint.pipeline.engine.checks import Check
from blueprint.pipeline.engine.store import MappedRecord, Record
from blueprint.pipeline.episode.records import Certified
from blueprint.pipeline.pipeline import STAGES
from blueprint.pipeline.scene.records import Articulated, Assembled, Ingested, Repaired, SimReady

CERTIFICATE_FILE = "certificate.json"


@dataclass(frozen=True)
class StageCheck:
    """A check with the stage, and the item of it, that measured it."""

    stage: str
    item: str
    check: Check


@dataclass(frozen=True)
class RunRecords:
    """The records of a folder's last run; a stage that did not finish has none."""

    folder: RunFolder

    @cached_property
    def run(self) -> dict[str, Any]:
        """The content of `run.json`."""
        return self.folder.load()

    @cached_property
    def failure(self) -> dict[str, Any] | None:
        """The content of `failure.json`, or None for a run that went well."""
        path = self.folder.root / FAILURE_FILE
        return json.loads(path.read_bytes()) if path.is_file() else None

    @cached_property
    def certificate(self) -> dict[str, Any] | None:
        """The content of `certificate.json`, or None before certification."""
        certified = self.get(Certified)
        path = certified.root / CERTIFICATE_FILE if certified else None
        return json.loads(path.read_bytes()) if path is not None and path.is_file() else None

    @cached_property
    def times(self) -> dict[str, StageTime]:
        """Every stage that the run was to pass, in order, with what became of it."""
        return stage_times(self.folder)

    @cached_property
    def by_stage(self) -> dict[str, Record]:
        """The record of each finished stage whose type is known here."""
        found: dict[str, Record] = {}
        for name, stage in STAGES.items():
            entry = self.run["stages"].get(name)
            record = self.folder.store.find(entry["key"], stage.output) if entry else None
            if record is not None:
                found[name] = record
        return found

    def get[R: Record](self, kind: type[R]) -> R | None:
        """Return the run's record of a type, or None."""
        return next((record for record in self.by_stage.values() if isinstance(record, kind)), None)

    @cached_property
    def mesh_folders(self) -> tuple[Path, ...]:
        """Every record folder that may hold meshes or textures of the scene."""
        found: list[Path] = []
        for kind in (Ingested, Articulated, Repaired, SimReady, Assembled):
            record = self.get(kind)
            if record is not None:
                found.append(record.folder)
            if isinstance(record, MappedRecord):
                found.extend(record.item_folders().values())
        return tuple(found)

    def checks(self) -> Iterator[StageCheck]:
        """Yield every check that a stage of the run has measured, in order."""
        for stage, record in self.by_stage.items():
            for check in record.checks:
                yield StageCheck(stage, "", check)
            if isinstance(record, MappedRecord):
                for item, folder in record.item_folders().items():
                    for check in Record(folder).checks:
                        yield StageCheck(stage, item, check)
