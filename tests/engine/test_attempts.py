"""What is kept of numbered attempts depends on their numbers and outcomes alone."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.throws import PIPELINE, STAGES, Score, ScoreSettings, Shuffled, Throws, ThrowSettings, throw_all

from blueprint.pipeline.engine.attempts import SUCCESS, Aim, Decision, Tally
from blueprint.pipeline.engine.digests import digest_files
from blueprint.pipeline.engine.events import CheckMeasured, ItemFinished, Pace, Tape
from blueprint.pipeline.engine.inline import InlineExecutor
from blueprint.pipeline.engine.pace import Stopwatch
from blueprint.pipeline.engine.plan import plan_pipeline
from blueprint.pipeline.engine.run import RunState, run_pipeline
from blueprint.pipeline.engine.store import Store
from blueprint.pipeline.errors import CheckFailed

AIMS = st.builds(
    Aim,
    wanted=st.integers(1, 8),
    least_share=st.sampled_from([0.0, 0.2, 0.5, 0.9]),
    judged_from=st.integers(1, 12),
)


def told(tally: Tally) -> tuple[object, ...]:
    return tally.decision, tally.tried, tally.succeeded, tally.checks()


def tally_in_order(aim: Aim, outcomes: list[bool]) -> Tally:
    tally = Tally(aim, len(outcomes))
    for number, outcome in enumerate(outcomes):
        tally.add(number, SUCCESS if outcome else "missed")
    return tally


@given(AIMS, st.lists(st.booleans(), min_size=1, max_size=24), st.randoms(use_true_random=False))
def test_the_order_in_which_attempts_finish_decides_nothing(aim: Aim, outcomes: list[bool], order: object) -> None:
    numbers = list(range(len(outcomes)))
    order.shuffle(numbers)  # type: ignore[attr-defined]
    shuffled = Tally(aim, len(outcomes))
    for number in numbers:
        shuffled.add(number, SUCCESS if outcomes[number] else "missed")
    assert told(shuffled) == told(tally_in_order(aim, outcomes))
    assert shuffled.decision is not Decision.GO_ON


@given(AIMS, st.lists(st.booleans(), min_size=1, max_size=24))
def test_no_attempt_after_a_gap_counts(aim: Aim, outcomes: list[bool]) -> None:
    tally = Tally(aim, len(outcomes) + 1)
    for number, outcome in enumerate(outcomes, start=1):
        tally.add(number, SUCCESS if outcome else "missed")
    assert (tally.decision, tally.tried, tally.succeeded) == (Decision.GO_ON, 0, 0)
    assert tally.known_successes == sum(outcomes)


@given(AIMS, st.lists(st.booleans(), min_size=1, max_size=40))
def test_a_decision_is_the_earliest_that_the_prefix_allows(aim: Aim, outcomes: list[bool]) -> None:
    tally = tally_in_order(aim, outcomes)
    prefix = outcomes[: tally.tried]
    assert tally.succeeded == sum(prefix)
    if tally.decision is Decision.ENOUGH:
        assert sum(prefix) == aim.wanted
        assert prefix[-1]
    elif tally.decision is Decision.SPENT:
        assert tally.tried == len(outcomes)
        assert sum(prefix) >= aim.least_share * len(prefix)
    else:
        # No continuation up to the instant of judgement could have saved it.
        judged = max(tally.tried, min(aim.judged_from, len(outcomes)))
        assert sum(prefix) + judged - tally.tried < aim.least_share * judged


@given(AIMS, st.lists(st.booleans(), min_size=1, max_size=24), st.integers(0, 4))
def test_one_attempt_is_always_started_while_nothing_runs(aim: Aim, outcomes: list[bool], running: int) -> None:
    tally = Tally(aim, len(outcomes))
    for number, outcome in enumerate(outcomes):
        assert tally.worth_starting(0) is (tally.decision is Decision.GO_ON)
        tally.add(number, SUCCESS if outcome else "missed")
    assert tally.decision is Decision.GO_ON or not tally.worth_starting(running)


def test_no_more_is_started_than_is_likely_to_be_needed() -> None:
    tally = Tally(Aim(wanted=3), 100)
    assert [tally.worth_starting(running) for running in range(5)] == [True, True, True, False, False]
    for number in range(9):
        tally.add(number, "missed")
    assert tally.worth_starting(10), "where little succeeds, more are tried side by side"


@pytest.mark.parametrize("script", ["h", "mh", "hmmrmh", "mmh", "hre"])
def test_records_are_the_same_in_whatever_order_and_by_however_many(tmp_path: Path, script: str) -> None:
    found = []
    for count, seed in ((1, 0), (2, 1), (3, 2), (8, 3), (8, 4)):
        state = throw_all(Store(tmp_path / f"{count}_{seed}"), Shuffled(count, seed), Tape(), script=script, most=40)
        throws, score = state.records["throw"], state.records["score"]
        assert isinstance(score, Score)
        assert score.value == 3
        found.append([(record.key, digest_files(record.folder)) for record in (throws, score)])
    assert all(entry == found[0] for entry in found)


def test_attempts_beyond_the_decisive_prefix_stay_in_the_store_for_later(tmp_path: Path) -> None:
    store, eager = Store(tmp_path), Shuffled(8, 5)
    # Half of the throws miss, so that eight at once finish more than two hits.
    state = throw_all(store, eager, Tape(), script="mh", wanted=4, most=40)
    throws = state.records["throw"]
    assert isinstance(throws, Throws)
    assert len(throws.entries) == 8
    surplus = len([name for name in eager.made if name.startswith("throw")]) - 8
    assert surplus > 0
    again = Shuffled(1, 0)
    tape = Tape()
    throw_all(store, again, tape, script="mh", wanted=4 + (surplus + 1) // 2, most=40)
    assert len(again.made) <= 1 + 1, "at most one throw was missing, and the score"
    assert sum(event.reused for event in tape.events if isinstance(event, ItemFinished)) >= 8


def test_more_wanted_later_keeps_what_is_there(tmp_path: Path) -> None:
    store, first, second = Store(tmp_path), Shuffled(1, 0), Shuffled(1, 0)
    throw_all(store, first, Tape(), script="mh", wanted=2)
    throw_all(store, second, Tape(), script="mh", wanted=3)
    assert first.made == ["throw_000", "throw_001", "throw_002", "throw_003", ""]
    assert second.made == ["throw_004", "throw_005", ""]
    whole = throw_all(Store(tmp_path / "apart"), Shuffled(1, 0), Tape(), script="mh", wanted=3)
    again = throw_all(store, Shuffled(1, 0), Tape(), script="mh", wanted=3)
    assert [r.digest for r in again.records.values()] == [r.digest for r in whole.records.values()]


def test_fewer_wanted_later_takes_the_first_ones(tmp_path: Path) -> None:
    store, nothing = Store(tmp_path), Shuffled(1, 0)
    throw_all(store, Shuffled(1, 0), Tape(), script="mh", wanted=3)
    state = throw_all(store, nothing, Tape(), script="mh", wanted=1)
    throws = state.records["throw"]
    assert isinstance(throws, Throws)
    assert [entry["id"] for entry in throws.entries] == ["throw_000", "throw_001"]
    assert nothing.made == [""]


def test_a_share_that_is_too_small_stops_early_and_keeps_what_succeeded(tmp_path: Path) -> None:
    store, executor, tape, state = Store(tmp_path), Shuffled(2, 0), Tape(), RunState()
    settings = ThrowSettings(script="hmmmm", wanted=20, most=100, least_share=0.5, judged_from=10)
    with pytest.raises(CheckFailed, match=r"share of successes: 0\.25 \(>= 0\.5\) FAILED.*2 of 8 attempts succeeded"):
        run_pipeline(PIPELINE, {"throw": settings, "score": ScoreSettings()}, store, executor, tape, state)
    throws = state.records["throw"]
    assert isinstance(throws, Throws)
    assert len(throws.entries) == 8, "after six misses in eight, half of ten is out of reach"
    assert [event.passed for event in tape.events if isinstance(event, CheckMeasured)] == [False, False]
    made = len(executor.made)
    with pytest.raises(CheckFailed):
        run_pipeline(PIPELINE, {"throw": settings, "score": ScoreSettings()}, store, executor, tape, RunState())
    assert len(executor.made) == made, "the verdict is found in the store"
    lenient = settings.model_copy(update={"least_share": 0.1, "wanted": 2})
    run_pipeline(PIPELINE, {"throw": lenient, "score": ScoreSettings()}, store, executor, tape, state := RunState())
    assert "score" in state.records


def test_the_last_allowed_attempt_ends_the_stage_with_what_there_is(tmp_path: Path) -> None:
    tape = Tape()
    state = throw_all(Store(tmp_path), InlineExecutor(STAGES), tape, script="hm", wanted=5, most=6)
    score = state.records["score"]
    assert isinstance(score, Score)
    assert score.value == 3
    said = [event.message for event in tape.events if isinstance(event, CheckMeasured)]
    assert said == [
        "successes: 3 (>= 5) failed, not blocking; 3 of 6 attempts succeeded; the others failed of missed (3), "
        "at most 6 are made"
    ]


def test_a_lost_attempt_counts_as_failed_and_is_tried_again_by_the_next_run(tmp_path: Path) -> None:
    store, log = Store(tmp_path / "store"), tmp_path / "inline.log"
    for _ in range(2):
        executor = InlineExecutor(STAGES, log)
        state = throw_all(store, executor, Tape(), script="hem", wanted=2, most=4)
        throws = state.records["throw"]
        assert isinstance(throws, Throws)
        assert throws.items_left_out == {"throw_001": "error: RuntimeError: the arm broke"}
        assert [entry["id"] for entry in throws.entries] == ["throw_000", "throw_002", "throw_003"]
    assert log.read_text().count("Traceback") == 2
    assert not [
        key for key in store.keys() if Throws(store.records / key).header.get("item", {}).get("id") == "throw_001"
    ]


def test_the_reasons_of_failures_are_counted(tmp_path: Path) -> None:
    tape = Tape()
    throw_all(Store(tmp_path), InlineExecutor(STAGES), tape, script="hmremm", wanted=9, most=6)
    finished = {event.item: event for event in tape.events if isinstance(event, ItemFinished)}
    assert [finished[f"throw_{number:03d}"].failure for number in range(6)] == [
        "",
        "missed",
        "",
        "",
        "missed",
        "missed",
    ]
    assert [bool(finished[f"throw_{number:03d}"].left_out) for number in (2, 3)] == [True, True]
    (said,) = [event.message for event in tape.events if isinstance(event, CheckMeasured)]
    reasons = "missed (3), error: RuntimeError: the arm broke (1), the ball was flat (1)"
    assert f"1 of 6 attempts succeeded; the others failed of {reasons}" in said


def test_the_pace_is_said_after_each_item(tmp_path: Path) -> None:
    tape = Tape()
    throw_all(Store(tmp_path), Shuffled(1, 0), tape, script="mh", wanted=2)
    paces = [event for event in tape.events if isinstance(event, Pace)]
    assert [(pace.tried, pace.succeeded, pace.wanted) for pace in paces] == [(1, 0, 2), (2, 1, 2), (3, 1, 2), (4, 2, 2)]
    # Shuffled says that each throw takes a second, and half of them hit.
    assert [pace.per_minute for pace in paces] == pytest.approx([0.0, 30.0, 20.0, 30.0])
    assert [pace.left_s for pace in paces] == [None, pytest.approx(2.0), pytest.approx(3.0), 0.0]


def test_the_rate_is_the_median_of_the_latest_items_by_all_workers() -> None:
    watch = Stopwatch()
    assert watch.items_per_minute() is None
    assert watch.left_s(10) is None
    for duration_s in (30.0, 4.0, 3.0, 4.0, 5.0):
        watch.add(duration_s, 2)
    assert watch.items_per_minute() == 30.0
    assert watch.left_s(10) == 20.0
    for _ in range(64):
        watch.add(1.0, 2)
    assert watch.items_per_minute() == 120.0


def test_the_plan_counts_the_successes_that_are_there(tmp_path: Path) -> None:
    store = Store(tmp_path)
    throw_all(store, Shuffled(1, 0), Tape(), script="mh", wanted=2)
    sections = {"throw": ThrowSettings(script="mh", wanted=2), "score": ScoreSettings()}
    assert [entry.state for entry in plan_pipeline(PIPELINE, sections, store)] == ["reused", "reused"]
    sections["throw"] = ThrowSettings(script="mh", wanted=5)
    entry = plan_pipeline(PIPELINE, sections, store)[0]
    assert (entry.state, entry.item_count, entry.missing_count) == ("runs", 5, 3)
    assert entry.why == "2 of 5 wanted successes are there, from 4 attempts"
