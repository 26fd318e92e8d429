"""One recipe for several robots: each has a run of its own below the folder, and all share one store.

What does not depend on the robot, the scan and its objects, is made once and found again by the next robot's run.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from blueprint.pipeline.app.corrections import heed_corrections
from blueprint.pipeline.app.outcome_table import OutcomeRow, outcome_rows
from blueprint.pipeline.app.runs import FORMAT_VERSION, RUN_FILE, RunFolder, kept_keys
from blueprint.pipeline.engine.digests import canonical_json
from blueprint.pipeline.engine.lock import locked
from blueprint.pipeline.engine.store import disk_full_named, replace_file
from blueprint.pipeline.episode.records import Episodes
from blueprint.pipeline.errors import FolderUnusable, ScanError
from blueprint.pipeline.recipe import Recipe

ROBOTS_FILE = "robots.json"


@dataclass(frozen=True)
class RobotRuns:
    """The folder of a recipe that names several robots."""

    root: Path

    @property
    def robots(self) -> tuple[str, ...]:
        """Names of the robots, in the recipe's order; raises ScanError for a newer file."""
        data = json.loads((self.root / ROBOTS_FILE).read_bytes())
        if data["version"] > FORMAT_VERSION:
            raise ScanError(ROBOTS_FILE, f"version {data['version']} is newer than this program", expected="an upgrade")
        return tuple(data["robots"])

    def runs(self) -> dict[str, RunFolder]:
        """Return the run of each robot that has one."""
        folders = {name: RunFolder(self.root / name) for name in self.robots}
        return {name: folder for name, folder in folders.items() if (folder.root / RUN_FILE).is_file()}

    def kept_keys(self) -> set[str]:
        """List the records that any robot's run still needs."""
        return set().union(*(kept_keys(folder.load()) for folder in self.runs().values()))


def is_of_several(folder: Path) -> bool:
    """Whether a folder holds the runs of several robots."""
    return (folder / ROBOTS_FILE).is_file()


def run_each(recipe: Recipe, out: Path, run_one: Callable[[Recipe, Path], str]) -> dict[str, str]:
    """Run a recipe for each of its robots; returns what went wrong by robot, an empty text for a success.

    `run_one` runs a recipe of one robot into a folder. A robot that fails does not keep the next one from its run.
    Raises FolderUnusable.
    """
    if (out / RUN_FILE).is_file():
        raise FolderUnusable(out.name, "it holds the run of one robot; give another folder")
    with locked(out):
        recipe = heed_corrections(recipe, out)
        with disk_full_named(out):
            (out / "store").mkdir(exist_ok=True)
            content = {"format": "blueprint.robot_runs", "version": FORMAT_VERSION, "robots": list(recipe.robots)}
            replace_file(out / ROBOTS_FILE, canonical_json(content))
            for name in recipe.robots:
                _share_store(out / name)
        return {name: run_one(recipe.for_robot(name), out / name) for name in recipe.robots}


def _share_store(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    store = folder / "store"
    if not store.exists():
        # Relative, so that the whole folder can be moved.
        store.symlink_to(Path("..") / "store", target_is_directory=True)


def outcomes_of(folder: RunFolder) -> tuple[OutcomeRow, ...]:
    """Return what became of a run's episodes by task; empty where it made none."""
    record = folder.record("generate")
    if record is None:
        return ()
    return outcome_rows(episode.summary for episode in Episodes(record).episodes().values())


def sentences(root: Path) -> Sequence[tuple[str, str]]:
    """Say of each robot how its run ended and what share of each task succeeded."""
    runs = RobotRuns(root)
    said: list[tuple[str, str]] = []
    for name in runs.robots:
        folder = runs.runs().get(name)
        if folder is None:
            said.append((name, "no run"))
            continue
        data = folder.load()
        said.append((name, "finished" if data["succeeded"] else f"stopped: {data['message']}"))
        said += [("", f"{row.task}: {row.share_sentence()}") for row in outcomes_of(folder)]
    return said
