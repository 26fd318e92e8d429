"""The contact sheet of episodes: what was asked, what was seen, what became of it, and the numbers over time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from blueprint.pipeline.app.figures import measure_text
from blueprint.pipeline.app.outcome_table import OutcomeRow, outcome_rows, telling_ones
from blueprint.pipeline.episode.outcomes import EpisodeSummary
from blueprint.pipeline.episode.records import Episode, Episodes

from .episode_plots import plot_states
from .pictures import Picture, PictureShelf, film_strip, spread_frames
from .plots import Bar, bar_plot

MOST_EPISODES = 40
MOST_PLOTTED = 12
FRAMES_PER_STRIP = 7
_STRIP_HEIGHT_PX = 132


@dataclass(frozen=True, slots=True)
class Strip:
    """Frames of one camera side by side."""

    camera: str
    picture: Picture


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    """One attempt; `failing_share` is where in the episode it failed, in percent."""

    id: str
    object: str
    instruction: str
    success: bool
    failure: str
    message: str
    frames: str
    failing_frame: int | None
    failing_share: float
    measures: tuple[tuple[str, str], ...]
    details: str
    strips: tuple[Strip, ...]
    plots: Markup


@dataclass(frozen=True, slots=True)
class TaskRow:
    """What became of one task's attempts, in words."""

    task: str
    objects: str
    success: str
    failures: str
    quality: str


@dataclass(frozen=True, slots=True)
class EpisodesSection:
    """All attempts by task, and those that show most; `not_shown` counts those beyond the page's limit."""

    tasks: tuple[TaskRow, ...]
    rows: tuple[EpisodeRow, ...]
    not_shown: int
    left_out: tuple[tuple[str, str], ...]
    by_object: Markup


def describe_episodes(episodes: Episodes, arm_joints: Sequence[str], shelf: PictureShelf) -> EpisodesSection:
    """Return the contact sheet; summaries of all episodes are read, pictures only of those that are shown."""
    records = episodes.episodes()
    summaries = [record.summary for record in records.values()]
    rows = tuple(
        _episode_row(records[chosen.id], arm_joints if number < MOST_PLOTTED else (), shelf)
        for number, chosen in enumerate(telling_ones(summaries, MOST_EPISODES))
    )
    tasks = tuple(_task_row(row) for row in outcome_rows(summaries))
    left_out = tuple(episodes.items_left_out.items())[:MOST_EPISODES]
    return EpisodesSection(tasks, rows, len(records) - len(rows), left_out, _success_by_object(summaries))


def _task_row(row: OutcomeRow) -> TaskRow:
    quality = "" if row.quality is None else f"{row.quality:.2f}"
    objects = f"{row.objects} object" + ("s" if row.objects != 1 else "")
    return TaskRow(row.task.replace("_", " "), objects, row.share_sentence(), row.failure_sentence(), quality)


def _episode_row(record: Episode, arm_joints: Sequence[str], shelf: PictureShelf) -> EpisodeRow:
    summary = record.summary
    outcome = summary.outcome
    share = 0.0 if outcome.failing_frame is None else 100 * outcome.failing_frame / max(1, summary.frame_count - 1)
    return EpisodeRow(
        id=summary.id,
        object=summary.object,
        instruction=summary.instruction,
        success=outcome.success,
        failure=str(outcome.failure),
        message=outcome.message,
        frames=f"{summary.frame_count} frames, {summary.frame_count / summary.fps:.1f} s",
        failing_frame=outcome.failing_frame,
        failing_share=share,
        measures=tuple(measure_text(name, value) for name, value in outcome.measures.items()),
        details=f"variant {summary.variant}, seed {summary.seed}, engine {summary.engine}",
        strips=tuple(_strip(record, video, shelf) for video in sorted(record.folder.glob("*.mp4"))),
        plots=plot_states(record, arm_joints) if arm_joints and summary.frame_count > 1 else Markup(""),
    )


def _strip(record: Episode, video: Path, shelf: PictureShelf) -> Strip:
    frames = spread_frames(record.summary.frame_count, FRAMES_PER_STRIP)
    drawn = shelf.picture(
        ["strip", record.digest, video.name], lambda: film_strip(video, frames, height_px=_STRIP_HEIGHT_PX)
    )
    return Strip(video.stem, drawn)


def _success_by_object(summaries: Iterable[EpisodeSummary]) -> Markup:
    tried: dict[str, list[bool]] = {}
    for summary in summaries:
        tried.setdefault(summary.object, []).append(summary.outcome.success)
    bars = [Bar(name, sum(all_), len(all_), f"{sum(all_)} of {len(all_)}") for name, all_ in tried.items()]
    return bar_plot("Success by object", "episodes", bars[:MOST_EPISODES])
