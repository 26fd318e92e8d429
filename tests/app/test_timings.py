"""Durations of stages outlive the events of the run that measured them."""

import json
import shutil

from tests.app.small_run import STAGES, SmallRun

from blueprint.pipeline.app.eventlog import EventLog
from blueprint.pipeline.app.runs import EVENTS_FILE
from blueprint.pipeline.app.timings import TIMINGS_FILE, remember_times, stage_times
from blueprint.pipeline.engine.events import (
    Event,
    Failed,
    Finished,
    ItemFinished,
    Reused,
    RunFinished,
    RunStarted,
    StageStarted,
)


def tell(run: SmallRun, *events: Event) -> None:
    """Replace the run's events."""
    with EventLog(run.folder.root / EVENTS_FILE, []) as log:
        for event in (RunStarted(STAGES), *events):
            log(event)


def test_a_stage_that_was_made_says_how_long_it_took(small_run: SmallRun) -> None:
    times = stage_times(small_run.folder)
    assert list(times) == list(STAGES)
    assert times["ingest"].duration_s == 1.5
    assert times["ingest"].state == "made"
    assert (times["generate"].item_count, times["generate"].left_out_items) == (4, 1)


def test_a_reused_record_keeps_its_time(other_run: SmallRun) -> None:
    remember_times(other_run.folder)
    tell(other_run, *(Reused(name, name) for name in STAGES), RunFinished(True))
    remember_times(other_run.folder)
    time = stage_times(other_run.folder)["simready"]
    assert (time.state, time.duration_s) == ("reused", 3.5)


def test_a_record_of_unknown_age_has_no_time(other_run: SmallRun) -> None:
    tell(other_run, *(Reused(name, name) for name in STAGES))
    assert stage_times(other_run.folder)["simready"].duration_s is None


def test_times_of_records_that_are_gone_are_dropped(other_run: SmallRun) -> None:
    remember_times(other_run.folder)
    data = other_run.folder.load()
    key = data["stages"].pop("certify")["key"]
    other_run.folder.save(data)
    tell(other_run)
    remember_times(other_run.folder)
    kept = json.loads((other_run.folder.root / TIMINGS_FILE).read_text())["duration_s"]
    assert key in kept
    shutil.rmtree(other_run.folder.store.records / key)
    remember_times(other_run.folder)
    kept = json.loads((other_run.folder.root / TIMINGS_FILE).read_text())["duration_s"]
    assert set(kept) == set(STAGES) - {"certify"}


def test_what_failed_and_what_never_ran(other_run: SmallRun) -> None:
    data = other_run.folder.load()
    other_run.folder.save({**data, "stages": {"ingest": data["stages"]["ingest"]}})
    item = ItemFinished("simready", "mug", 1, 2, reused=True)
    tell(other_run, Reused("ingest", "Read"), StageStarted("simready", "Decide", 2), item, Failed("simready", "broke"))
    times = stage_times(other_run.folder)
    assert [times[name].state for name in STAGES[:4]] == ["reused", "not run", "failed", "not run"]
    assert (times["simready"].item_count, times["simready"].reused_items) == (2, 1)


def test_a_stage_that_was_killed_is_stopped(other_run: SmallRun) -> None:
    other_run.folder.save({**other_run.folder.load(), "stages": {}})
    tell(other_run, StageStarted("ingest", "Read"))
    assert stage_times(other_run.folder)["ingest"].state == "stopped"


def test_a_half_written_line_is_no_error(other_run: SmallRun) -> None:
    tell(other_run, StageStarted("ingest", "Read"), Finished("ingest", "Read", 2.0))
    with (other_run.folder.root / EVENTS_FILE).open("a") as stream:
        stream.write('{"event": "Fini')
    assert stage_times(other_run.folder)["ingest"].duration_s == 2.0
