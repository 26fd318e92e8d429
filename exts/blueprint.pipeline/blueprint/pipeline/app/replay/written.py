"""Write what happened instead as an episode of its own, beside the one that it repeats, and judge it alike."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from blueprint.pipeline.app.opened_episode import REPLAYED_FILE, OpenedEpisode
from blueprint.pipeline.engine.digests import canonical_json
from blueprint.pipeline.engine.store import link_file, replace_file
from blueprint.pipeline.episode.geometry import Geometry
from blueprint.pipeline.episode.outcomes import EpisodeSummary, Outcome
from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.errors import FolderUnusable
from blueprint.pipeline.generate.recorder import Sources, write_states
from blueprint.pipeline.generate.witness import Witnessed, witness
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.variants import with_views
from blueprint.pipeline.sims.model import load_model

from .resimulate import Resimulated

FORMAT, VERSION = "blueprint.replay", 1


def write_replay(
    opened: OpenedEpisode, made: Resimulated, folder: Path, *, changed: Sequence[str], from_frame: int
) -> EpisodeSummary:
    """Write an episode's folder and return its summary; raises FolderUnusable where one with other content is."""
    make_folder(folder)
    seen = witness_again(opened, made)
    outcome = Outcome.of(seen.verdict, seen.measures, seen.quality)
    summary = replace(opened.summary, frame_count=seen.track.frame_count, outcome=outcome)
    _write_states(opened, made, seen, folder)
    link_file(opened.episode.folder / Episode.TASK_FILE, folder / Episode.TASK_FILE)
    write_origin(opened, folder, changed=changed, from_frame=from_frame)
    # Last, because it is what makes the folder an episode.
    save(folder / Episode.OUTCOME_FILE, summary)
    return summary


def make_folder(folder: Path) -> None:
    """Make a folder for a replay; an earlier replay in it makes way, anything else is refused."""
    files = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    if files and REPLAYED_FILE not in files:
        raise FolderUnusable(folder.name, "it holds something that no replay has written")
    for name in (Episode.OUTCOME_FILE, Episode.TASK_FILE, Episode.STATES_FILE):
        (folder / name).unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)


def write_origin(opened: OpenedEpisode, folder: Path, *, changed: Sequence[str], from_frame: int) -> None:
    """Write of which episode a folder is a replay, relative to it, and what was changed."""
    origin = os.path.relpath(opened.episode.folder.resolve(), folder.resolve())
    content = {"format": FORMAT, "version": VERSION, "of": origin, "changed": list(changed), "from_frame": from_frame}
    replace_file(folder / REPLAYED_FILE, canonical_json(content))


def witness_again(opened: OpenedEpisode, made: Resimulated) -> Witnessed:
    """Judge and measure what happened by the rules of every episode."""
    assert opened.states is not None
    assert opened.scene is not None
    geometry, engine = Geometry(opened.states.link_corners_m()), opened.summary.engine
    seen, model_folder = (made.recording, opened.episode.task, geometry, _manifest(opened)), opened.scene.model_folder
    return witness(*seen, model_folder, engine=engine, ended=made.ended)


def _manifest(opened: OpenedEpisode) -> SceneManifest:
    assert opened.scene is not None
    return with_views(opened.scene.manifest, opened.variant.edits if opened.variant else ())


def _write_states(opened: OpenedEpisode, made: Resimulated, seen: Witnessed, folder: Path) -> None:
    assert opened.states is not None
    assert opened.scene is not None
    metadata = {"instruction": opened.summary.instruction, "failure": seen.verdict.failure.value}
    compiled, geometry = load_model(opened.scene.model_folder), Geometry(opened.states.link_corners_m())
    sources = Sources(_manifest(opened), compiled, seen.verdict.success, metadata, {}, geometry)
    write_states(folder / Episode.STATES_FILE, made.recording, seen, sources)
