"""What a run looks like in a terminal, in a pipe and as JSON lines."""

import io
import json

import pytest
from rich.console import Console

from blueprint.pipeline.cli.faces import Bars, PlainLines, clock_text, pace_text, show_as_json
from blueprint.pipeline.engine.events import (
    Event,
    Failed,
    Finished,
    ItemFinished,
    Pace,
    Progress,
    Reused,
    StageStarted,
    Warned,
    decode_event,
)

LABEL = "Record a robot that does its tasks"


def batch(wanted: int) -> list[Event]:
    """A stage in which every fourth attempt fails."""
    events: list[Event] = [StageStarted("generate", LABEL, wanted)]
    done = 0
    for number in range(wanted * 4 // 3):
        done += number % 4 != 3
        failure = "slipped" if number % 4 == 3 else ""
        events.append(ItemFinished("generate", f"episode_{number:04d}", done, wanted, failure=failure))
        events.append(Pace("generate", number + 1, done, wanted, 14.25, 60.0 * (wanted - done) / 14.25))
    return [*events, Finished("generate", LABEL, 83.0)]


def shown(events: list[Event], face: type[PlainLines] | type[Bars], width: int = 120) -> str:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=face is Bars, width=width, color_system=None, highlight=False)
    seen = face(console)
    for event in events:
        seen(event)
    return stream.getvalue()


def test_few_items_get_a_line_each() -> None:
    lines = shown(batch(6), PlainLines).splitlines()
    assert lines[0] == f"generate: {LABEL} (6 items)"
    assert lines[1] == "generate: episode_0000 (1/6)"
    assert lines[4] == "generate: episode_0003 failed: slipped (3/6)"
    assert len(lines) == 2 + 8


def test_many_items_get_a_line_for_every_tenth_with_rate_and_time_left() -> None:
    lines = shown(batch(300), PlainLines).splitlines()
    assert len(lines) == 2 + 10
    assert lines[1] == "generate: 30/300, 39 tried (77%), 14.2/min, 18:57 left"
    assert lines[10].startswith("generate: 300/300, 399 tried (75%), 14.2/min")


def test_what_is_left_out_is_always_named() -> None:
    lost = ItemFinished("generate", "episode_0009", 4, 300, left_out="timeout: not done within its deadline of 600 s")
    said = shown([StageStarted("generate", LABEL, 300), lost], PlainLines)
    assert "generate: episode_0009 is left out: timeout: not done within its deadline of 600 s" in said


@pytest.mark.parametrize("width", [80, 120])
def test_the_picture_shows_what_is_done_the_rate_and_the_time_left(width: int) -> None:
    stream = io.StringIO()
    face = Bars(Console(file=io.StringIO(), force_terminal=True, width=width))
    for event in [*batch(300)[:39], Progress(0.5, "mug: rendering", "generate", "episode_0021")]:
        face(event)
    Console(file=stream, width=width, color_system=None).print(face.picture())
    first, second = stream.getvalue().splitlines()
    assert first.strip() == f"{LABEL}  episode_0021 mug: rendering"
    assert "15/300, 19 tried (79%), 14.2/min, 20:00 left" in second
    face(Finished("generate", LABEL, 1.0))


def test_a_bar_ends_with_its_stage() -> None:
    said = shown([*batch(3), Reused("export", "Write the dataset"), Failed("certify", "no")], Bars)
    assert "generate: done in 83.0 s" in said
    assert "failed: no" in said


def test_warnings_are_said_beside_a_bar() -> None:
    said = shown([StageStarted("generate", LABEL, 3), Warned("it is tried again", "generate", "episode_0001")], Bars)
    assert "generate episode_0001: warning: it is tried again" in said


def test_json_lines_carry_every_event_whole(capsys: pytest.CaptureFixture[str]) -> None:
    for event in batch(6):
        show_as_json(event)
    said = [decode_event(json.loads(line)) for line in capsys.readouterr().out.splitlines()]
    assert said == batch(6)


@pytest.mark.parametrize(("duration_s", "text"), [(0.4, "0:00"), (59.6, "1:00"), (754, "12:34"), (4000, "1:06:40")])
def test_clocks(duration_s: float, text: str) -> None:
    assert clock_text(duration_s) == text


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert pace_text(Pace("generate", 3, 0, 10)) == "0/10, 3 tried (0%)"
