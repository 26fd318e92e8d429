"""Runs reuse what is stored, recompute what changed, and stop at what fails."""

from pathlib import Path

import pytest
from tests.engine.toy import TOY, TOY_STAGES, AddSettings, Lengths, MeasureSettings, SplitSettings, Total

from blueprint.pipeline.engine.digests import digest_files
from blueprint.pipeline.engine.events import CheckMeasured, ItemFinished, Progress, Reused, StageStarted, Tape
from blueprint.pipeline.engine.inline import InlineExecutor
from blueprint.pipeline.engine.plan import PipelineError, check_pipeline, plan_pipeline
from blueprint.pipeline.engine.run import RunState, run_pipeline
from blueprint.pipeline.engine.stage import Settings
from blueprint.pipeline.engine.store import Store
from blueprint.pipeline.errors import CheckFailed


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("one three five")
    return path


def sections(text: Path, *, limit: int = 1000, lower: bool = False) -> dict[str, Settings]:
    return {
        "split": SplitSettings(source=text, lower=lower),
        "measure": MeasureSettings(),
        "add": AddSettings(limit=limit),
    }


def run(text: Path, store: Store, **changes: int | bool) -> tuple[RunState, Tape]:
    state, tape = RunState(), Tape()
    run_pipeline(TOY, sections(text, **changes), store, InlineExecutor(TOY_STAGES), tape, state)  # type: ignore[arg-type]
    return state, tape


def started(tape: Tape) -> list[str]:
    return [event.stage for event in tape.events if isinstance(event, StageStarted)]


def test_a_run_makes_every_record(text: Path, tmp_path: Path) -> None:
    state, tape = run(text, Store(tmp_path / "store"))
    total = state.records["add"]
    assert isinstance(total, Total)
    assert total.value == 12
    assert started(tape) == ["split", "measure", "add"]
    assert Progress(0.5, "reading", "split") in tape.events


def test_a_second_run_reuses_everything(text: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    first, _ = run(text, store)
    second, tape = run(text, store)
    assert started(tape) == []
    assert [event.stage for event in tape.events if isinstance(event, Reused)] == ["split", "measure", "add"]
    assert second.records == first.records


def test_a_changed_word_recomputes_only_its_own_item(text: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    run(text, store)
    text.write_text("one three seven")
    _, tape = run(text, store)
    items = {event.item: event.reused for event in tape.events if isinstance(event, ItemFinished)}
    assert items == {"0_one": True, "1_three": True, "2_seven": False}


def test_equal_bytes_downstream_are_not_recomputed(text: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    run(text, store)
    _, tape = run(text, store, lower=True)
    assert started(tape) == ["split"], "the words are the same, so nothing after them changes"


def test_an_unusable_item_is_left_out_and_not_tried_again(text: Path, tmp_path: Path) -> None:
    text.write_text("one unusable")
    store = Store(tmp_path / "store")
    state, _ = run(text, store)
    lengths = state.records["measure"]
    assert isinstance(lengths, Lengths)
    assert lengths.items_left_out == {"1_unusable": "cannot be measured"}
    _, tape = run(text, store)
    assert started(tape) == []


def test_a_failing_check_stops_the_run_again_when_reused(text: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    for _ in range(2):
        with pytest.raises(CheckFailed, match=r"total: 12 letters \(<= 5 letters\) FAILED"):
            run(text, store, limit=5)


def test_checks_are_events(text: Path, tmp_path: Path) -> None:
    _, tape = run(text, Store(tmp_path / "store"))
    assert [event.passed for event in tape.events if isinstance(event, CheckMeasured)] == [True]


def test_two_stores_hold_the_same_bytes(text: Path, tmp_path: Path) -> None:
    run(text, Store(tmp_path / "a"))
    run(text, Store(tmp_path / "b"))
    assert digest_files(tmp_path / "a") == digest_files(tmp_path / "b")


def test_the_plan_says_what_would_run(text: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    assert [entry.state for entry in plan_pipeline(TOY, sections(text), store)] == ["runs", "waits", "waits"]
    run(text, store)
    assert [entry.state for entry in plan_pipeline(TOY, sections(text), store)] == ["reused"] * 3
    text.write_text("one three seven")
    assert [entry.state for entry in plan_pipeline(TOY, sections(text), store)] == ["runs", "waits", "waits"]


def test_a_pipeline_whose_input_nobody_writes_is_refused() -> None:
    with pytest.raises(PipelineError, match=r"'measure' reads words: Words, which no earlier stage writes"):
        check_pipeline(TOY[1:])
    with pytest.raises(PipelineError, match="writes Words, which an earlier stage writes"):
        check_pipeline((TOY[0], TOY[0]))
