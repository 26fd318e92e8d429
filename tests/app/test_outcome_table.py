"""Success per task, and which episodes are worth looking at."""

from dataclasses import replace

import pytest

from blueprint.pipeline.app.outcome_table import failure_groups, outcome_rows, telling_ones
from blueprint.pipeline.episode.outcomes import EpisodeSummary, FailureCode, Outcome


def summary(number: int, task: str, prop: str, failure: FailureCode, quality: float | None = None) -> EpisodeSummary:
    """Return what an episode's `outcome.json` holds."""
    outcome = Outcome(failure is FailureCode.NONE, failure, None, "", {}, quality=quality)
    return EpisodeSummary(f"episode_{number:04d}", task, prop, "", 0, 0, "mujoco", 100, 30, outcome)


GOOD, SLIPPED, DROPPED = FailureCode.NONE, FailureCode.SLIPPED, FailureCode.DROPPED
MANY = [
    summary(0, "stack", "box", GOOD, 0.8),
    summary(1, "pick_place", "mug", SLIPPED),
    summary(2, "pick_place", "mug", SLIPPED),
    summary(3, "pick_place", "mug", DROPPED),
    summary(4, "pick_place", "can", GOOD, 0.6),
    summary(5, "pick_place", "can", GOOD, 0.7),
    summary(6, "pick_place", "can", GOOD),
]


def test_each_task_has_its_rate_and_its_reasons() -> None:
    picked, stacked = outcome_rows(MANY)
    assert (picked.task, picked.objects, picked.attempted, picked.succeeded) == ("pick_place", 2, 6, 3)
    assert picked.failures == (("slipped", 2), ("dropped", 1))
    assert picked.quality == pytest.approx(0.65)
    low, high = picked.interval
    assert low < 0.5 < high
    assert picked.failure_sentence() == "2 x slipped, 1 x dropped"
    assert picked.share_sentence().startswith("3 of 6, 50 %")
    assert stacked.failures == ()


def test_variants_without_a_plan_are_counted_and_said() -> None:
    """An attempt whose recording is empty never moved: there was no plan of it to its end."""
    (row,) = outcome_rows([MANY[0], replace(summary(7, "stack", "box", FailureCode.UNREACHABLE), frame_count=0)])
    assert (row.attempted, row.planned, row.succeeded) == (2, 1, 1)
    assert row.share_sentence().endswith("; 1 had a plan")
    assert "plan" not in outcome_rows(MANY)[0].share_sentence()


def test_the_page_shows_one_of_each_kind_first() -> None:
    """Both kinds of failure and both tasks, before a second can that went well."""
    chosen = [each.id for each in telling_ones(MANY, 4)]
    assert chosen == ["episode_0000", "episode_0001", "episode_0003", "episode_0004"]
    assert telling_ones(MANY, 100) == MANY


def test_what_failed_alike_stands_in_one_line() -> None:
    slipped, dropped = failure_groups(MANY)
    assert slipped.episodes == ("episode_0001", "episode_0002")
    assert slipped.sentence().startswith("pick_place of mug: 2 x slipped (episode_0001, episode_0002), first: ")
    assert dropped.sentence().startswith("pick_place of mug: 1 x dropped (episode_0003), ")
    many = failure_groups(summary(number, "stack", "box", DROPPED) for number in range(9))
    assert "(episode_0000, episode_0001, episode_0002 and 6 more)" in many[0].sentence()
