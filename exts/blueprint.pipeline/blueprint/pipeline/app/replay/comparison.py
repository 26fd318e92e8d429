"""An episode beside its replay with something changed: what became of each, and where they part."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.app.episode_page.account import Table, describe_measures, describe_origin, verdict_text
from blueprint.pipeline.app.episode_page.curves import Chapter, Chart, Curve, Recorded, list_chapters
from blueprint.pipeline.app.episode_page.events import Event, Story, list_events
from blueprint.pipeline.app.episode_page.films import gather_films
from blueprint.pipeline.app.episode_page.page import (
    Clockwork,
    Page,
    Pill,
    ShownFilm,
    failing_frame,
    fill_template,
    phase_spans,
    shown_films,
    story_of,
)
from blueprint.pipeline.app.figures import length_text
from blueprint.pipeline.app.opened_episode import OpenedEpisode
from blueprint.pipeline.engine.store import replace_file
from blueprint.pipeline.episode.outcomes import EpisodeSummary
from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.scene.codec import to_plain

Array = NDArray[np.float64]

PARTED_M = 1e-3
"""Things this far apart are in different places; below, two replays differ by what nobody sees."""


@dataclass(frozen=True, slots=True)
class Parting:
    """Where one thing first is elsewhere than in the other episode (None where it never is), and how far at most."""

    name: str
    frame: int | None
    farthest_m: float
    end_m: float

    def sentence(self, fps: int) -> str:
        """Say it."""
        if self.frame is None:
            return f"{self.name}: the same throughout, at most {length_text(self.farthest_m)} apart"
        place = f"frame {self.frame} ({self.frame / fps:.2f} s)"
        far = f"{length_text(self.farthest_m)} apart at most, {length_text(self.end_m)} at the end"
        return f"{self.name}: parts in {place}; {far}"


@dataclass(frozen=True)
class Comparison:
    """Two episodes of one task: as recorded, and with something changed."""

    before: OpenedEpisode
    after: OpenedEpisode
    changed: tuple[str, ...]
    partings: tuple[Parting, ...]

    def sentences(self) -> Iterator[str]:
        """Yield what was changed, what became of both, and where they part."""
        yield f"changed: {', '.join(self.changed) or 'nothing'}"
        yield f"before:  {verdict_text(self.before.summary)}"
        yield f"after:   {verdict_text(self.after.summary)}"
        yield from (parting.sentence(self.before.summary.fps) for parting in self.partings)

    def data(self) -> dict[str, Any]:
        """Return the same as plain JSON data."""
        return {
            "changed": list(self.changed),
            "before": to_plain(self.before.summary.outcome),
            "after": to_plain(self.after.summary.outcome),
            "partings": [to_plain(parting) for parting in self.partings],
        }


def compare(before: OpenedEpisode, after: OpenedEpisode, changed: tuple[str, ...]) -> Comparison:
    """Compare two episodes; where one did not move, there is nothing that could part."""
    first, second = story_of(before), story_of(after)
    partings = () if first is None or second is None else tuple(_partings(first, second))
    return Comparison(before, after, changed, partings)


def _partings(before: Story, after: Story) -> Iterator[Parting]:
    for name, apart in _gaps_m(before.track, after.track, before.handled):
        parted = np.flatnonzero(apart > PARTED_M)
        yield Parting(name, int(parted[0]) if len(parted) else None, float(apart.max()), float(apart[-1]))


def _gaps_m(before: Track, after: Track, handled: tuple[str, ...]) -> Iterator[tuple[str, Array]]:
    """Yield how far tool and handled props are from where they were, over the frames that both have."""
    count = min(before.frame_count, after.frame_count)
    yield "tool", np.linalg.norm(after.tcp_position_m[:count] - before.tcp_position_m[:count], axis=1)
    for prop in handled:
        if prop in before.prop_names and prop in after.prop_names:
            then = before.prop_position_m[:count, before.prop_names.index(prop)]
            now = after.prop_position_m[:count, after.prop_names.index(prop)]
            yield prop, np.linalg.norm(now - then, axis=1)


def write_comparison_page(comparison: Comparison, target: Path, *, render: bool = True) -> None:
    """Write a page with both episodes on one clock."""
    before, after = story_of(comparison.before), story_of(comparison.after)
    films, absent = _both_films(comparison, render=render)
    page = _page(comparison, films, absent, after or before)
    clockwork = None
    if before is not None and after is not None:
        clockwork = _clockwork(comparison, before, after)
    replace_file(target, fill_template(page, clockwork).encode("utf-8"))


def _both_films(comparison: Comparison, *, render: bool) -> tuple[tuple[ShownFilm, ...], str]:
    before = gather_films(comparison.before, render=render)
    after = gather_films(comparison.after, render=render)
    shown = [*shown_films(before, suffix=" before"), *shown_films(after, source=1, suffix=" after")]
    # Alike views stand side by side.
    return tuple(sorted(shown, key=lambda film: film.caption.split()[0])), before.absent or after.absent


def _page(comparison: Comparison, films: tuple[ShownFilm, ...], absent: str, story: Story | None) -> Page:
    before, after = comparison.before.summary, comparison.after.summary
    lead = "Of both, computed alike from the recorded states."
    measures = Table("measures-both", "Measures", lead, ("", "Before", "After"), _both(before, after))
    return Page(
        eyebrow=f"replay of {before.id} with something changed",
        title=f"What if {', '.join(comparison.changed) or 'nothing were changed'}?",
        lead=(f"Before: {verdict_text(before)}", f"After: {verdict_text(after)}"),
        pills=(_pill("before", before), _pill("after", after)),
        frame_count=max(before.frame_count, after.frame_count) if story is not None else 0,
        failing=None if story is None else failing_frame(story),
        films=films,
        no_films=absent,
        notes=(before.instruction, *(parting.sentence(before.fps) for parting in comparison.partings)),
        tables=(measures,),
        origin=describe_origin(comparison.before),
    )


def _pill(name: str, summary: EpisodeSummary) -> Pill:
    outcome = summary.outcome
    words = "succeeded" if outcome.success else outcome.failure.replace("_", " ")
    return Pill(f"{name}: {words}", "good" if outcome.success else "bad")


def _both(before: EpisodeSummary, after: EpisodeSummary) -> tuple[tuple[str, ...], ...]:
    first = {row.name: row.words for row in describe_measures(before)}
    second = {row.name: row.words for row in describe_measures(after)}
    return tuple((name, first[name], second[name]) for name in second if name in first)


def _clockwork(comparison: Comparison, before: Story, after: Story) -> Clockwork:
    count = max(before.track.frame_count, after.track.frame_count)
    longer = after if after.track.frame_count == count else before
    return Clockwork(
        before.track.fps,
        count,
        failing_frame(after),
        tuple(phase_spans(longer)),
        _both_events(before, after),
        tuple(_both_chapters(comparison, before, after, count)),
        (before.track.frame_count, after.track.frame_count),
        start=min((parting.frame for parting in comparison.partings if parting.frame is not None), default=0),
    )


def _both_events(before: Story, after: Story) -> tuple[Event, ...]:
    told = [
        Event(event.frame, event.kind, f"{name}: {event.title}", event.detail, event.tone)
        for name, story in (("before", before), ("after", after))
        for event in list_events(story)
        if event.kind != "phase"
    ]
    return tuple(sorted(told, key=lambda event: event.frame))


def _both_chapters(comparison: Comparison, before: Story, after: Story, count: int) -> Iterator[Chapter]:
    """Yield the distance between both, and every chart with the episode as it was in dashes."""
    gaps = _gaps_m(before.track, after.track, before.handled)
    curves = tuple(Curve(name, _padded(1000 * apart, count), at) for at, (name, apart) in enumerate(gaps))
    yield Chapter("How far apart", (Chart("Distance between before and after", "mm", curves),))
    states = (comparison.before.states, comparison.after.states)
    assert states[0] is not None
    assert states[1] is not None
    first = {chart.title: chart for each in list_chapters(Recorded(states[0], before)) for chart in each.charts}
    for chapter in list_chapters(Recorded(states[1], after)):
        charts = tuple(_both_chart(first.get(chart.title), chart, count) for chart in chapter.charts)
        yield Chapter(f"{chapter.title}: before in dashes", charts)


def _both_chart(before: Chart | None, after: Chart, count: int) -> Chart:
    # Commands are dashed already, and the same in both where nothing was planned anew.
    then = [curve for curve in before.curves if not curve.dashed] if before is not None else []
    dashed = (Curve(f"{curve.name} before", _padded(curve.values, count), curve.color, True) for curve in then)
    solid = (Curve(curve.name, _padded(curve.values, count), curve.color) for curve in after.curves if not curve.dashed)
    return Chart(after.title, after.unit, (*solid, *dashed), after.bounds)


def _padded(values: Array, count: int) -> Array:
    return np.concatenate([values, np.full(count - len(values), np.nan)])
