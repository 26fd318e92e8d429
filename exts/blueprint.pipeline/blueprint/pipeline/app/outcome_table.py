"""What became of many episodes: success per task with its interval, and the reasons of failure by frequency."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from blueprint.pipeline.app.figures import share_text
from blueprint.pipeline.app.intervals import wilson_interval
from blueprint.pipeline.episode.outcomes import EpisodeSummary
from blueprint.pipeline.episode.records import Episodes


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One task: attempts, successes with Wilson's interval of 95 %, failures by code, most frequent first.

    `planned` are the attempts whose variant had a plan before anything moved; `quality` is the median score of the
    successes that have one.
    """

    task: str
    objects: int
    attempted: int
    planned: int
    succeeded: int
    interval: tuple[float, float]
    failures: tuple[tuple[str, int], ...]
    quality: float | None

    def share_sentence(self) -> str:
        """Say the success rate with its interval, and in how many variants there was a plan if not in all."""
        low, high = self.interval
        share = share_text(self.succeeded / self.attempted)
        said = f"{self.succeeded} of {self.attempted}, {share} ({share_text(low)} to {share_text(high)})"
        return said if self.planned == self.attempted else f"{said}; {self.planned} had a plan"

    def failure_sentence(self) -> str:
        """Say how often which failure came."""
        return ", ".join(f"{count} x {code.replace('_', ' ')}" for code, count in self.failures)


def attempts_counted(episodes: Episodes) -> tuple[int, int]:
    """Return how many attempts count, and how many of them were lost without a record of their own."""
    lost = len(episodes.items_left_out)
    return len(episodes.episodes()) + lost, lost


def outcome_rows(summaries: Iterable[EpisodeSummary]) -> tuple[OutcomeRow, ...]:
    """Return one row per task, in order of name."""
    by_task: dict[str, list[EpisodeSummary]] = {}
    for summary in summaries:
        by_task.setdefault(summary.task, []).append(summary)
    return tuple(_row(task, by_task[task]) for task in sorted(by_task))


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Attempts at one task with one thing that failed alike; `message` is the first one's."""

    task: str
    object: str
    code: str
    episodes: tuple[str, ...]
    message: str

    def sentence(self) -> str:
        """Say it in one line, with a few attempts to look at."""
        named = ", ".join(self.episodes[:NAMED])
        more = f" and {len(self.episodes) - NAMED} more" if len(self.episodes) > NAMED else ""
        head = f"{self.task} of {self.object}: {len(self.episodes)} x {self.code.replace('_', ' ')}"
        return f"{head} ({named}{more}), {'first: ' if len(self.episodes) > 1 else ''}{self.message}"


NAMED = 3
"""Attempts of a group that are named."""


def failure_groups(summaries: Iterable[EpisodeSummary]) -> tuple[FailureGroup, ...]:
    """Return the failed attempts by task, thing and code, the largest groups first."""
    groups: dict[tuple[str, str, str], list[EpisodeSummary]] = {}
    for summary in summaries:
        if not summary.outcome.success:
            key = (summary.task, summary.object, str(summary.outcome.failure))
            groups.setdefault(key, []).append(summary)
    found = [
        FailureGroup(*key, tuple(each.id for each in members), members[0].outcome.message)
        for key, members in groups.items()
    ]
    return tuple(sorted(found, key=lambda group: (-len(group.episodes), group.episodes)))


def _row(task: str, summaries: Sequence[EpisodeSummary]) -> OutcomeRow:
    good = [summary for summary in summaries if summary.outcome.success]
    codes = Counter(str(summary.outcome.failure) for summary in summaries if not summary.outcome.success)
    interval = wilson_interval(len(good), len(summaries))
    assert interval is not None, "a task without attempts has no row"
    scores = [summary.outcome.quality for summary in good if summary.outcome.quality is not None]
    objects = len({summary.object for summary in summaries})
    # Equally frequent ones by name, so that the order does not hang on which came first.
    failures = tuple(sorted(codes.items(), key=lambda entry: (-entry[1], entry[0])))
    planned = sum(summary.planned for summary in summaries)
    quality = median(scores) if scores else None
    return OutcomeRow(task, objects, len(summaries), planned, len(good), interval, failures, quality)


def telling_ones(summaries: Sequence[EpisodeSummary], most: int) -> list[EpisodeSummary]:
    """Choose the episodes that show most: one of each failure and of each task with each object, then the rest.

    They come in their own order.
    """
    seen: set[tuple[str, ...]] = set()
    first: list[str] = []
    rest: list[str] = []
    for summary in sorted(summaries, key=lambda entry: entry.outcome.success):
        kind = (summary.task, str(summary.outcome.failure), summary.object if summary.outcome.success else "")
        (rest if kind in seen else first).append(summary.id)
        seen.add(kind)
    chosen = set([*first, *rest][:most])
    return [summary for summary in summaries if summary.id in chosen]
