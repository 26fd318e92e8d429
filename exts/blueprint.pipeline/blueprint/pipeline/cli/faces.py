"""How a run's events look in a terminal, in a pipe, and as JSON lines."""

import json
import sys
from typing import Literal

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from blueprint.pipeline.engine.events import (
    CheckMeasured,
    Emit,
    Event,
    Failed,
    Finished,
    ItemFinished,
    Reused,
    StageStarted,
    Warned,
    encode_event,
)
from blueprint.pipeline.engine.events import Progress as ProgressEvent

FaceName = Literal["auto", "bars", "plain", "json"]


def open_face(name: FaceName) -> Emit:
    """Return the face to show events with; `auto` draws bars only in a terminal."""
    console = Console(stderr=True, highlight=False)
    if name == "json":
        return show_as_json
    if name == "bars" or (name == "auto" and console.is_terminal):
        return Bars(console)
    return PlainLines(console)


def show_as_json(event: Event) -> None:
    """Write an event as one line of JSON."""
    sys.stdout.write(json.dumps(encode_event(event)) + "\n")
    sys.stdout.flush()


class PlainLines:
    """One line for each stage, warning and failure, and for every tenth of a mapped stage."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __call__(self, event: Event) -> None:
        if line := _plain_line(event):
            self._console.print(line, markup=False, soft_wrap=True)


def _plain_line(event: Event) -> str:
    match event:
        case StageStarted(stage=stage, label=label, item_count=count):
            return f"{stage}: {label}" + (f" ({count} items)" if count else "")
        case Finished(stage=stage, duration_s=duration):
            return f"{stage}: done in {duration:.1f} s"
        case Reused(stage=stage):
            return f"{stage}: reused"
        case ItemFinished(stage=stage, item=item, left_out=reason) if reason:
            return f"{stage}: {item} is left out: {reason}"
        case ItemFinished(stage=stage, item=item, done=done, total=total, reused=False):
            return f"{stage}: {item} ({done}/{total})"
        case Warned(message=message, stage=stage, item=item):
            return f"{stage}{f' {item}' if item else ''}: warning: {message}"
        case CheckMeasured(stage=stage, passed=False, message=message):
            return f"{stage}: {message}"
        case Failed(message=message):
            return f"failed: {message}"
        case _:
            return ""


class Bars:
    """One bar per stage that is at work, and the plain lines above them."""

    def __init__(self, console: Console) -> None:
        self._lines = PlainLines(console)
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        self._bars = Progress(*columns, TextColumn("{task.fields[note]}"), console=console, transient=True)
        self._task: TaskID | None = None

    def __call__(self, event: Event) -> None:
        match event:
            case StageStarted(label=label, item_count=count):
                self._bars.start()
                self._task = self._bars.add_task(label, total=float(count or 1), note="")
            case ProgressEvent(fraction=fraction, message=message, item=item) if self._task is not None:
                note = f"{item} {message}".strip()
                self._bars.update(self._task, note=note, completed=None if item else fraction)
            case ItemFinished(done=done) if self._task is not None:
                self._bars.update(self._task, completed=done)
            case Finished() | Failed():
                self._end_bar()
            case _:
                pass
        if not isinstance(event, StageStarted | ItemFinished) or getattr(event, "left_out", ""):
            self._lines(event)

    def _end_bar(self) -> None:
        if self._task is not None:
            self._bars.remove_task(self._task)
            self._task = None
        self._bars.stop()
