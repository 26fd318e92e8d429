"""Recognise what a folder is by what it contains, and summarise it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from blueprint.pipeline.app.robot_runs import ROBOTS_FILE
from blueprint.pipeline.app.runs import RUN_FILE, RunFolder
from blueprint.pipeline.app.summaries.summary import Summary
from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.errors import ScanError

_LISTED = 12


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of folder of ours: the file by which it is known, and who summarises it."""

    name: str
    mark: str
    summarise: Callable[[Path], Summary]


def _run(folder: Path) -> Summary:
    from blueprint.pipeline.app.summaries.run import summarise_run

    return summarise_run(RunFolder(folder))


def _robot_runs(folder: Path) -> Summary:
    from blueprint.pipeline.app.summaries.robot_runs import summarise_robot_runs

    return summarise_robot_runs(folder)


def _dataset(folder: Path) -> Summary:
    from blueprint.pipeline.app.summaries.dataset import summarise_dataset

    return summarise_dataset(folder)


def _scene(folder: Path) -> Summary:
    from blueprint.pipeline.app.summaries.scene import summarise_scene

    return summarise_scene(folder)


def _episode(folder: Path) -> Summary:
    from blueprint.pipeline.app.opened_episode import open_episode
    from blueprint.pipeline.app.summaries.episode import summarise_episode

    return summarise_episode(open_episode(str(folder)))


KINDS = (
    Kind("a run", RUN_FILE, _run),
    Kind("runs of several robots", ROBOTS_FILE, _robot_runs),
    Kind("a dataset", "meta/info.json", _dataset),
    Kind("a scene", "scene.json", _scene),
    Kind("an episode", Episode.OUTCOME_FILE, _episode),
)


def show(address: str | Path, episode: int | None = None) -> Summary:
    """Summarise a run, dataset, scene, asset, episode or scan; raises ScanError that says what was looked for.

    An episode is its folder, `RUN:episode_0003`, `DATASET:3`, or a run or dataset with its number.
    """
    path = Path(address)
    if episode is not None or (not path.exists() and path.name.count(":")):
        from blueprint.pipeline.app.opened_episode import open_episode
        from blueprint.pipeline.app.summaries.episode import summarise_episode

        return summarise_episode(open_episode(str(address), episode))
    if not path.exists():
        raise ScanError(path.name, "does not exist.", expected="a run, dataset, scene, asset, episode or scan")
    from blueprint.pipeline.app.summaries.asset import asset_in, summarise_asset

    if (asset := asset_in(path)) is not None:
        return summarise_asset(asset)
    folder = path if path.is_dir() else path.parent
    for kind in KINDS:
        if (folder / kind.mark).is_file():
            return kind.summarise(folder)
    if path.is_file():
        raise ScanError(path.name, "is a file that is not known.", expected="a folder")
    return _scan(folder)


def _scan(folder: Path) -> Summary:
    from blueprint.pipeline.app.summaries.scan import summarise_scan
    from blueprint.pipeline.formats.table import FORMATS

    if any(form.score(folder) > 0 for form in FORMATS.values()):
        return summarise_scan(folder)
    ours = [f"{kind.name} ({kind.mark})" for kind in KINDS]
    scans = [f"a scan ({form.looked_for})" for form in FORMATS.values()]
    looked_for = "; ".join([*ours, *scans])
    raise ScanError(
        folder.resolve().name, f"is nothing that is known. Looked for {looked_for}. Found {_found(folder)}."
    )


def _found(folder: Path) -> str:
    names = sorted(path.name + ("/" if path.is_dir() else "") for path in folder.iterdir())
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return (", ".join(names[:_LISTED]) or "an empty folder") + more
