"""Summarise a recorded episode."""

from pathlib import Path

from blueprint.pipeline.app.figures import measure_text
from blueprint.pipeline.episode.outcomes import EpisodeSummary
from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.episode.states import States
from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.codec import load, to_plain

from .summary import Summary

FORMAT_VERSION = 1


def summarise_episode(folder: Path) -> Summary:
    """Return what was tried and what became of it; raises ScanError where a file does not fit."""
    episode = load(folder / Episode.OUTCOME_FILE, EpisodeSummary)
    if episode.version > FORMAT_VERSION:
        raise ScanError(Episode.OUTCOME_FILE, f"version {episode.version} is newer than this program",
                        expected="an upgrade")  # fmt: skip
    states = folder / Episode.STATES_FILE
    channels = list(States(states).channel_names) if states.is_file() else []
    cameras = sorted(path.stem for path in folder.glob("*.mp4"))
    outcome = episode.outcome
    failed = f"failed: {outcome.failure}, {outcome.message}"
    where = "" if outcome.failing_frame is None else f" (frame {outcome.failing_frame})"
    rows = [
        ("asked", episode.instruction),
        ("outcome", "succeeded" if outcome.success else failed + where),
        ("length", f"{episode.frame_count} frames at {episode.fps} Hz, {episode.frame_count / episode.fps:.1f} s"),
        ("origin", f"variant {episode.variant}, seed {episode.seed}, engine {episode.engine}"),
        ("cameras", ", ".join(cameras) or "not rendered"),
        ("channels", ", ".join(channels) or "no recorded states"),
        *(("measure", f"{name} {value}") for name, value in (measure_text(*each) for each in outcome.measures.items())),
    ]
    data = {"kind": "episode", **to_plain(episode), "cameras": cameras, "channels": channels}
    return Summary("episode", f"an episode: {episode.id}, {episode.task}", tuple(rows), data)
