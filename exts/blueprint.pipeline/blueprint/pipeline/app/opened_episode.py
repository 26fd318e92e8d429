"""Find a recorded episode by what people call it, with the scene, the model and the variant it was recorded in.

An episode is a record of a run's store, a folder of a dataset's `sources/`, or what a replay has written beside either.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from blueprint.pipeline.app.runs import RUN_FILE, RunFolder
from blueprint.pipeline.engine.lineage import ancestors
from blueprint.pipeline.engine.store import RECORD_FILE, Record
from blueprint.pipeline.episode.grasps import GraspTable
from blueprint.pipeline.episode.outcomes import EpisodeSummary
from blueprint.pipeline.episode.records import Episode, Episodes, Grasps
from blueprint.pipeline.episode.states import States
from blueprint.pipeline.episode.tasks import Task
from blueprint.pipeline.errors import ScanError, UnknownName
from blueprint.pipeline.formats import lerobot
from blueprint.pipeline.scene.codec import from_plain, load
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.records import Assembled, Variants
from blueprint.pipeline.scene.variants import Variant
from blueprint.pipeline.sims.protocols import SceneFiles

REPLAYED_FILE = "replayed.json"
"""Beside an episode that a replay has written: of which it is a replay, and what was changed."""

DATASET_MARK = lerobot.INFO_PATH
MANIFEST_FILE = "certificate/manifest-sha256.txt"
LINEAGE_FILE = "sources/lineage.json"


@dataclass(frozen=True, slots=True)
class Clip:
    """Where the pictures of one camera are: a file, and which of its frames."""

    path: Path
    first: int
    count: int


@dataclass(frozen=True)
class OpenedEpisode:
    """One episode with everything that it was made from, as far as it is at hand.

    `header` is what its record says of its making; `digests` maps each file that decides it to the digest that was
    written down when it was made. `scene_missing` says why there is no scene, where there is none.
    """

    episode: Episode
    header: Mapping[str, Any]
    variant: Variant | None
    scene: SceneFiles | None
    clips: Mapping[str, Clip]
    digests: Mapping[Path, str] = field(default_factory=dict[Path, str])
    scene_missing: str = ""
    unproven: str = ""

    @property
    def summary(self) -> EpisodeSummary:
        """What was tried and what became of it."""
        return self.episode.summary

    @cached_property
    def task(self) -> Task | None:
        """What was asked; None where `task.json` is not there."""
        return self.episode.task if (self.episode.folder / Episode.TASK_FILE).is_file() else None

    @property
    def handled(self) -> tuple[str, ...]:
        """The props that the robot is meant to touch."""
        return self.task.handled if self.task is not None else (self.summary.object,)

    @cached_property
    def states(self) -> States | None:
        """The recorded states; None where nothing moved."""
        return States(self.episode.states_path) if self.episode.states_path.is_file() else None


def open_episode(address: str, number: int | None = None) -> OpenedEpisode:
    """Open an episode: its folder, `RUN:episode_0003`, `DATASET:3`, or a run or dataset with a number.

    Raises ScanError where there is none, and UnknownName that lists those that are there.
    """
    path, name = _split(address, number)
    if not path.exists():
        raise ScanError(path.name, "does not exist.", expected="an episode's folder, RUN:episode_0003 or DATASET:3")
    if (path / Episode.OUTCOME_FILE).is_file():
        return _open_folder(path)
    if not name:
        example = f"{path.name}:0" if is_collection(path) else ""
        remedy = f"say which episode, as in {example} or with --episode 0" if example else "a folder with outcome.json"
        raise ScanError(path.name, "is no episode.", expected=remedy)
    if (path / RUN_FILE).is_file():
        return _open_record(_of_run(RunFolder(path), name))
    if (path / DATASET_MARK).is_file():
        return _open_source(path, _of_dataset(path, name))
    raise ScanError(path.name, "is neither a run nor a dataset.", expected=f"{RUN_FILE} or {DATASET_MARK} in it")


def is_collection(path: Path) -> bool:
    """Whether a folder is a run or a dataset, whose episodes have numbers."""
    return (path / RUN_FILE).is_file() or (path / DATASET_MARK).is_file()


def episode_names(collection: Path) -> list[str]:
    """Return the names of the episodes of a run or dataset, in order; raises ScanError for any other folder."""
    if (collection / RUN_FILE).is_file():
        return list(_episodes_of(RunFolder(collection)))
    if (collection / DATASET_MARK).is_file():
        return [f"episode_{index:06d}" for index in range(len(lerobot.read_episodes(collection)))]
    raise ScanError(collection.name, "is neither a run nor a dataset.", expected=f"{RUN_FILE} or {DATASET_MARK} in it")


def _split(address: str, number: int | None) -> tuple[Path, str]:
    if number is not None:
        return Path(address), str(number)
    folder, colon, name = address.rpartition(":")
    return (Path(folder), name) if colon and not Path(address).exists() else (Path(address), "")


def _episodes_of(run: RunFolder) -> dict[str, Episode]:
    folder = run.record("generate")
    if folder is None:
        raise ScanError(run.root.name, "has no recorded episodes.", expected="a run that went on to `generate`")
    return Episodes(folder).episodes()


def _of_run(run: RunFolder, name: str) -> Episode:
    """Return an episode by its name, or by its number where the run has attempts of that number."""
    episodes = _episodes_of(run)
    wanted = f"episode_{int(name):04d}" if name.isdigit() else name
    if wanted not in episodes:
        raise UnknownName("episode", wanted, episodes, where=run.root.name)
    return episodes[wanted]


def _of_dataset(root: Path, name: str) -> int:
    names, found = episode_names(root), re.fullmatch(r"(?:episode_)?(\d+)", name)
    if found is None or int(found[1]) >= len(names):
        raise UnknownName("episode", name, names, where=root.name)
    return int(found[1])


def _open_folder(folder: Path) -> OpenedEpisode:
    """Open an episode's folder by what lies beside it."""
    if (folder / RECORD_FILE).is_file():
        return _open_record(Episode(folder))
    if (folder / REPLAYED_FILE).is_file():
        return _open_replayed(folder)
    root = folder.resolve().parent.parent.parent
    found = re.fullmatch(r"episode_(\d+)", folder.resolve().name)
    if (root / DATASET_MARK).is_file() and found is not None:
        return _open_source(root, int(found[1]))
    why = "the folder is neither in a run's store nor in a dataset's sources/"
    return OpenedEpisode(Episode(folder), {}, None, None, _clips(Episode(folder)), scene_missing=why, unproven=why)


# --- a record of a run's store


def _open_record(episode: Episode) -> OpenedEpisode:
    header = episode.header
    variant = header.get("item", {}).get("values", {}).get("variant")
    scene, digests, missing = _scene_of(episode)
    own = {episode.folder / name: digest for name, digest in header["files"].items()}
    return OpenedEpisode(
        episode,
        header,
        None if variant is None else from_plain(variant, Variant),
        scene,
        _clips(episode),
        {**own, **digests},
        missing,
    )


def _scene_of(episode: Episode) -> tuple[SceneFiles | None, dict[Path, str], str]:
    """Return the scene that a record was made in, its files' digests, and why there is none."""
    try:
        made_from = ancestors(episode)
    except FileNotFoundError:
        return None, {}, "a record that the episode was made from is no longer in the store"
    records = {record.header["stage"]: record for record in made_from}
    if "assemble" not in records:
        return None, {}, "no assembled scene is among the records that the episode was made from"
    scene = Assembled(records["assemble"].folder)
    holder: Record = scene
    if "randomize" in records:
        # Where variants bring distractors, they have a scene of their own with room for them.
        scene = Variants(records["randomize"].folder).scene_for(scene)
        holder = records["randomize"] if scene.folder != holder.folder else holder
    wanted = [f"{scene.model_folder}/", str(scene.folder / Assembled.MANIFEST)]
    files = {holder.folder / name: digest for name, digest in holder.header["files"].items()}
    files = {path: digest for path, digest in files.items() if str(path).startswith(tuple(wanted))}
    return SceneFiles(scene.usd_path, scene.model_folder, scene.manifest), files, ""


def _clips(episode: Episode) -> dict[str, Clip]:
    count = episode.summary.frame_count
    return {camera: Clip(episode.folder / f"{camera}.mp4", 0, count) for camera in episode.cameras}


# --- a dataset


def _open_source(root: Path, index: int) -> OpenedEpisode:
    folder = root / f"sources/episodes/episode_{index:06d}"
    if not (folder / Episode.OUTCOME_FILE).is_file():
        raise ScanError(root.name, f"holds no sources of episode {index}.", expected=f"{folder.name}/outcome.json")
    episode = Episode(folder)
    header = _header_in_lineage(root, episode.summary)
    variants = {v.index: v for v in load(root / "sources" / Variants.VARIANTS_FILE, tuple[Variant, ...])}
    usd_path, model = root / "sources/scene/scene.usda", root / "sources/model"
    at_hand = usd_path.is_file() and model.is_dir()
    scene = SceneFiles(usd_path, model, load(usd_path.parent / "scene.json", SceneManifest)) if at_hand else None
    clips = _clips_of_dataset(root, index)
    certified = (root / MANIFEST_FILE).is_file()
    return OpenedEpisode(
        episode,
        header,
        variants.get(episode.summary.variant),
        scene,
        clips,
        _manifest_digests(root, folder) if certified else {},
        "" if at_hand else "the dataset has no scene and model in sources/",
        "" if certified else f"the dataset has no {MANIFEST_FILE} to hold its files against",
    )


def _header_in_lineage(root: Path, summary: EpisodeSummary) -> dict[str, Any]:
    path = root / LINEAGE_FILE
    entries = json.loads(path.read_bytes())["records"] if path.is_file() else []
    own = (entry for entry in entries if entry["stage"] == "generate" and entry.get("item", {}).get("id") == summary.id)
    return next(own, {})


def _manifest_digests(root: Path, folder: Path) -> dict[Path, str]:
    """Return the digests of the files that decide an episode, as the certificate has them."""
    wanted = (f"{folder.relative_to(root).as_posix()}/", "sources/model/", "sources/variants.json")
    lines = (line.split("  ", 1) for line in (root / MANIFEST_FILE).read_text(encoding="utf-8").splitlines())
    return {root / name: digest for digest, name in lines if name.startswith(wanted)}


def _clips_of_dataset(root: Path, index: int) -> dict[str, Clip]:
    info, row = lerobot.read_info(root), lerobot.read_episodes(root)[index]
    clips: dict[str, Clip] = {}
    for feature, spec in info["features"].items():
        if spec["dtype"] == "video":
            path, start_s = lerobot.video_file(root, row, feature)
            clips[feature.removeprefix("observation.images.")] = Clip(path, round(start_s * info["fps"]), row["length"])
    return clips


# --- what a replay has written


def _open_replayed(folder: Path) -> OpenedEpisode:
    """Open a replayed episode with the scene of the one that it repeats; it may have moved along with it."""
    said = json.loads((folder / REPLAYED_FILE).read_bytes())
    origin = (folder / said["of"]).resolve()
    episode = Episode(folder)
    why = "a replay with something changed is no record of a run"
    if not (origin / Episode.OUTCOME_FILE).is_file():
        missing = "the episode that it repeats is no longer where it was"
        return OpenedEpisode(episode, said, None, None, _clips(episode), scene_missing=missing, unproven=why)
    opened = _open_folder(origin)
    return OpenedEpisode(episode, said, opened.variant, opened.scene, _clips(episode), {}, opened.scene_missing, why)


def run_of(opened: OpenedEpisode) -> Path | None:
    """Return the folder of the run that an episode belongs to, or whose dataset holds it; None where there is none."""
    return next((folder for folder in opened.episode.folder.resolve().parents if (folder / RUN_FILE).is_file()), None)


def grasp_tables(opened: OpenedEpisode) -> dict[str, GraspTable]:
    """Return the tried grasps that an episode was planned with, by prop; empty where they are not at hand."""
    if not (opened.episode.folder / RECORD_FILE).is_file():
        return {}
    records = (record for record in ancestors(opened.episode) if record.header["stage"] == "grasp")
    return next((Grasps(record.folder).tables() for record in records if _is_mapped(record)), {})


def _is_mapped(record: Record) -> bool:
    return (record.folder / Grasps.ITEMS_FILE).is_file()


def scene_record(opened: OpenedEpisode) -> Assembled | None:
    """Return the scene of an episode as the record that the robot plans in; None where it is in no store."""
    if opened.scene is None or opened.scene.usd_path.parent.name != "scene":
        return None
    folder = opened.scene.usd_path.parent.parent
    return Assembled(folder) if (folder / Assembled.MANIFEST).is_file() else None
