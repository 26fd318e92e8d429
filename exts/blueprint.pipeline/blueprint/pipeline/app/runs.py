"""The folder of a run: `run.json`, `events.jsonl`, `failure.json`, and the scene and dataset linked from the store."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from blueprint.pipeline.engine.digests import canonical_json
from blueprint.pipeline.engine.store import (
    RECORD_FILE,
    MappedRecord,
    Record,
    Store,
    disk_full_named,
    link_tree,
    replace_file,
)
from blueprint.pipeline.episode.records import Certified, Dataset
from blueprint.pipeline.errors import FolderUnusable, ScanError
from blueprint.pipeline.scene.records import Assembled, Variants
from blueprint.pipeline.usd.asset_files import asset_files, stamp_date

RUN_FILE = "run.json"
EVENTS_FILE = "events.jsonl"
FAILURE_FILE = "failure.json"
REPORT_FILE = "report.html"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class RunFolder:
    """Where one recipe's results lie."""

    root: Path

    @property
    def store(self) -> Store:
        """The records of this folder."""
        return Store(self.root / "store")

    @property
    def report(self) -> Path:
        """The HTML report."""
        return self.root / REPORT_FILE

    @property
    def dataset(self) -> Path:
        """The certified dataset."""
        return self.root / "dataset"

    @property
    def scene(self) -> Path:
        """The USD scene with its variants."""
        return self.root / "scene"

    def load(self) -> dict[str, Any]:
        """Return `run.json`; raises ScanError when the folder holds no run, or a newer one."""
        path = self.root / RUN_FILE
        if not path.is_file():
            raise ScanError(self.root.name, f"holds no {RUN_FILE}", expected="a folder written by `blueprint run`")
        data = json.loads(path.read_bytes())
        if data["version"] > FORMAT_VERSION:
            raise ScanError(RUN_FILE, f"version {data['version']} is newer than this program", expected="an upgrade")
        return data

    def save(self, data: Mapping[str, Any]) -> None:
        """Replace `run.json`."""
        replace_file(
            self.root / RUN_FILE, canonical_json({"format": "blueprint.run", "version": FORMAT_VERSION, **data})
        )

    def record(self, stage: str) -> Path | None:
        """Return the folder of a stage's record in the last run, or None."""
        entry = self.load()["stages"].get(stage)
        folder = self.store.records / entry["key"] if entry else None
        return folder if folder is not None and folder.is_dir() else None

    def publish(self, records: Mapping[str, Record]) -> None:
        """Rebuild `scene/` and `dataset/` from the records, by hard link, when they have changed."""
        by_type = {type(record): record for record in records.values()}
        if Assembled in by_type:
            assembled = by_type[Assembled]
            sources = [(assembled.folder / "scene", "")]
            if Variants in by_type:
                variants = Variants(by_type[Variants].folder)
                sources.append((variants.roots_folder, Variants.ROOTS))
                added = variants.added_assets(Assembled(assembled.folder))
                sources += [(source, place) for place, source in added.items()]
            self._link("scene", sources, finish=lambda draft: _date(draft, assembled))
        if Dataset in by_type:
            certificate = [(by_type[Certified].folder, "")] if Certified in by_type else []
            self._link("dataset", [(by_type[Dataset].folder / "dataset", ""), *certificate])

    def refuse_foreign(self) -> None:
        """Raise FolderUnusable where a folder that a run would replace was not made by one."""
        for name in ("scene", "dataset"):
            if (self.root / name).exists() and not self._mark(name).is_file():
                raise FolderUnusable(self.root.name, f"it holds {name}/, which no run has written")

    def _mark(self, name: str) -> Path:
        """Return the file that says from which records a folder was linked."""
        return self.root / f".{name}.json"

    def _link(
        self, name: str, sources: list[tuple[Path, str]], *, finish: Callable[[Path], None] = lambda _: None
    ) -> None:
        mark, target = self._mark(name), self.root / name
        wanted = canonical_json([source.relative_to(self.root).as_posix() for source, _ in sources])
        if target.is_dir() and mark.is_file() and mark.read_bytes() == wanted:
            return
        # Until the folder is whole again, the mark must not fit anything.
        replace_file(mark, canonical_json([]))
        draft = self.root / f".{name}.draft"
        for stale in (draft, target):
            if stale.exists():
                shutil.rmtree(stale)
        with disk_full_named(self.root):
            for source, below in sources:
                link_tree(source, draft / below)
            finish(draft)
            draft.rename(target)
        replace_file(mark, wanted)


def _date(scene: Path, assembled: Record) -> None:
    """Say beside each asset on which day (UTC) it was made, which the record itself must not say."""
    made = datetime.fromtimestamp((assembled.folder / RECORD_FILE).stat().st_mtime, UTC)
    for asset in asset_files(scene):
        stamp_date(asset, made.date().isoformat())


def stage_entry(record: Record) -> dict[str, Any]:
    """Return what `run.json` says of a stage's record."""
    entry: dict[str, Any] = {"key": record.key, "digest": record.digest}
    if isinstance(record, MappedRecord):
        entry["items"] = {item["id"]: item["key"] for item in record.entries}
        entry["left_out"] = record.items_left_out
    return entry


def kept_keys(run: Mapping[str, Any]) -> set[str]:
    """List the records that a run's folder still needs."""
    kept: set[str] = set()
    for entry in run["stages"].values():
        kept.add(entry["key"])
        kept.update(entry.get("items", {}).values())
    return kept
