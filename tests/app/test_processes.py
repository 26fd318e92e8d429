"""Worker processes: results like inline, deaths and deadlines as typed errors, nothing left running."""

import dataclasses
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.engine.toy import TOY, AddSettings, MeasureSettings, SplitSettings

from blueprint.pipeline.app.processes import ProcessExecutor
from blueprint.pipeline.engine.digests import digest_files
from blueprint.pipeline.engine.events import Tape, Warned
from blueprint.pipeline.engine.inline import InlineExecutor
from blueprint.pipeline.engine.run import RunState, run_pipeline
from blueprint.pipeline.engine.stage import Stage
from blueprint.pipeline.engine.store import Store
from blueprint.pipeline.errors import StageFailed

COMMAND = (sys.executable, "-m", "tests.app.toy_worker")


@pytest.fixture
def executor(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProcessExecutor]:
    monkeypatch.setenv("PYTHONPATH", str(repository))
    made = ProcessExecutor(2, tmp_path / "logs", COMMAND)
    yield made
    made.close()


def run(text: str, folder: Path, executor: ProcessExecutor | InlineExecutor, **measure: object) -> Tape:
    folder.mkdir(exist_ok=True)
    source = folder.parent / "text.txt"
    source.write_text(text)
    sections = {
        "split": SplitSettings(source=source),
        "measure": MeasureSettings.model_validate(measure),
        "add": AddSettings(),
    }
    tape = Tape()
    run_pipeline(TOY, sections, Store(folder), executor, tape, RunState())
    return tape


def test_workers_store_the_same_bytes_as_one_process(tmp_path: Path, executor: ProcessExecutor) -> None:
    text = "one three five seven eleven thirteen"
    run(text, tmp_path / "workers", executor)
    run(text, tmp_path / "inline", InlineExecutor({stage.name: stage for stage in TOY}))
    assert digest_files(tmp_path / "workers") == digest_files(tmp_path / "inline")


def test_an_error_in_a_worker_is_one_sentence_and_its_trace_is_in_the_log(
    tmp_path: Path, executor: ProcessExecutor
) -> None:
    with pytest.raises(StageFailed, match=r"stage 'measure', item '0_broken' failed: RuntimeError: the ruler broke"):
        run("broken", tmp_path / "store", executor)
    executor.close()
    logs = "".join(path.read_text() for path in (tmp_path / "logs").glob("*.log"))
    assert "Traceback" in logs


def test_a_killed_worker_is_replaced_and_its_item_made_by_another(tmp_path: Path, executor: ProcessExecutor) -> None:
    text, mark = "one three five seven", tmp_path / "mark"
    tape = run(text, tmp_path / "store", executor, die_at="five", die_mark=str(mark))
    run(text, tmp_path / "inline", InlineExecutor({stage.name: stage for stage in TOY}))
    assert digest_files(tmp_path / "store" / "records") == digest_files(tmp_path / "inline" / "records")
    warned = [(event.item, event.message) for event in tape.events if isinstance(event, Warned)]
    assert warned == [("2_five", "its process died with status -9; it is tried again")]


def test_a_worker_that_dies_each_time_fails_the_stage_and_the_next_run_goes_on(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(repository))
    once, text, mark = ProcessExecutor(2, tmp_path / "logs", COMMAND, retries=0), "one three five", tmp_path / "mark"
    with pytest.raises(StageFailed, match="item '2_five' failed: its process died with status -9"):
        run(text, tmp_path / "store", once, die_at="five", die_mark=str(mark))
    assert once.child_ids() == []
    run(text, tmp_path / "store", once, die_at="five", die_mark=str(mark))
    once.close()
    run(text, tmp_path / "inline", InlineExecutor({stage.name: stage for stage in TOY}))
    assert digest_files(tmp_path / "store" / "records") == digest_files(tmp_path / "inline" / "records")


def test_a_deadline_fails_the_stage_and_ends_the_child(
    tmp_path: Path, executor: ProcessExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "text.txt"
    source.write_text("one")
    hurried: tuple[Stage, ...] = (dataclasses.replace(TOY[0], deadline_s=0.0), *TOY[1:])
    sections = {"split": SplitSettings(source=source), "measure": MeasureSettings(), "add": AddSettings()}
    with pytest.raises(StageFailed, match="not done within its deadline of 0 s"):
        run_pipeline(hurried, sections, Store(tmp_path / "store"), executor, Tape(), RunState())
    assert executor.child_ids() == []


def test_secrets_do_not_reach_workers(
    tmp_path: Path, executor: ProcessExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BLUEPRINT_SECRET_CANARY", "tweet")
    run("one", tmp_path / "store", executor)
    children = executor.child_ids()
    assert children
    for child in children:
        assert b"tweet" not in Path(f"/proc/{child}/environ").read_bytes()
    executor.close()
    assert not any(Path(f"/proc/{child}/cmdline").exists() and os.getpgid(child) for child in children)
