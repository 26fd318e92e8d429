"""Events survive the way to a log line and back."""

import pytest

from blueprint.pipeline.engine.checks import check_at_least, check_at_most
from blueprint.pipeline.engine.events import (
    EVENT_TYPES,
    CheckMeasured,
    Event,
    Failed,
    Finished,
    ItemFinished,
    Pace,
    Progress,
    Reused,
    RunFinished,
    RunStarted,
    StageStarted,
    Stamp,
    Warned,
    decode_event,
    encode_event,
    log_line,
    severity_of,
)

EVENTS: list[Event] = [
    RunStarted(("ingest", "export")),
    StageStarted("ingest", "Read the scan", 3),
    Progress(0.5, "half", "ingest", "mug"),
    Warned("odd", "ingest"),
    ItemFinished("simready", "mug", 1, 2),
    ItemFinished("simready", "can", 2, 2, left_out="no mesh"),
    ItemFinished("generate", "episode_0003", 2, 2, failure="slipped"),
    Pace("generate", 4, 3, 10, 12.5, 33.6),
    Reused("ingest", "Read the scan"),
    CheckMeasured("assemble", "drift", False, "drift: 0.1 m"),
    Finished("ingest", "Read the scan", 1.5),
    Failed("ingest", "no scan"),
    RunFinished(False, "no scan"),
]


def test_every_kind_is_tried() -> None:
    assert {type(event).__name__ for event in EVENTS} == set(EVENT_TYPES)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_comes_back_from_its_log_line(event: Event) -> None:
    line = log_line(event, Stamp("2026-01-01T00:00:00Z", "run1", 2.0, "kitchen"))
    assert list(line)[:9] == [
        "time",
        "severity",
        "event",
        "message",
        "run_id",
        "scene_id",
        "stage",
        "item",
        "elapsed_s",
    ]
    assert line["message"]
    assert decode_event(encode_event(event)) == event


def test_severities_are_those_of_log_services() -> None:
    kinds = {type(event).__name__: severity_of(event) for event in EVENTS}
    assert kinds["Failed"] == kinds["RunFinished"] == "ERROR"
    assert kinds["Warned"] == kinds["CheckMeasured"] == "WARNING"
    assert kinds["Progress"] == kinds["Pace"] == "DEBUG"
    assert severity_of(RunFinished(True)) == "INFO"


def test_what_was_not_measured_does_not_pass() -> None:
    for check in (check_at_most("drift", None, 1.0, unit="m"), check_at_least("drift", float("nan"), 1.0, unit="m")):
        assert not check.passed
    assert check_at_most("drift", None, 1.0, unit="m").sentence() == "drift: not measured (<= 1 m) FAILED"
    loose = check_at_most("drift", 2.0, 1.0, unit="m", blocking=False, why="soft floor")
    assert loose.sentence() == "drift: 2 m (<= 1 m) failed, not blocking; soft floor"
