"""How a run's events look in a terminal, in a pipe, and as JSON lines."""

import json
import sys
from typing import Literal

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from blueprint.pipeline.engine.events import (
    CheckMeasured,
    Emit,
    Event,
    Failed,
    Finished,
    ItemFinished,
    Pace,
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


FEW_ITEMS = 20
"""A stage of so many items gets a line for each; one of more gets a line for every tenth."""


class PlainLines:
    """One line for each stage, warning and failure; mapped stages get lines as they get on."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._many, self._tenths = False, 0

    def __call__(self, event: Event) -> None:
        if isinstance(event, StageStarted):
            self._many, self._tenths = event.item_count > FEW_ITEMS, 0
        if line := self._line(event):
            self._console.print(line, markup=False, soft_wrap=True)

    def _line(self, event: Event) -> str:
        match event:
            case Pace(stage=stage, succeeded=done, wanted=wanted) if self._many:
                tenths = 10 * done // wanted
                passed, self._tenths = tenths > self._tenths, max(tenths, self._tenths)
                return f"{stage}: {pace_text(event)}" if passed else ""
            case ItemFinished(left_out="") if self._many:
                return ""
            case _:
                return _plain_line(event)


def pace_text(pace: Pace) -> str:
    """Say how a mapped stage gets on, in a few words."""
    words = [f"{pace.succeeded}/{pace.wanted}"]
    if pace.tried > pace.succeeded:
        words.append(f"{pace.tried} tried ({pace.succeeded / pace.tried:.0%})")
    if pace.per_minute:
        words.append(f"{pace.per_minute:.3g}/min")
    if pace.left_s:
        words.append(f"{clock_text(pace.left_s)} left")
    return ", ".join(words)


def clock_text(duration_s: float) -> str:
    """Say a duration as minutes and seconds, with hours where there are any."""
    minutes, seconds = divmod(round(duration_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


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
        case ItemFinished(stage=stage, item=item, done=done, total=total, reused=False, failure=failure):
            return f"{stage}: {item}{f' failed: {failure}' if failure else ''} ({done}/{total})"
        case Warned(message=message, stage=stage, item=item):
            return f"{stage}{f' {item}' if item else ''}: warning: {message}"
        case CheckMeasured(stage=stage, passed=False, message=message):
            return f"{stage}: {message}"
        case Failed(message=message):
            return f"failed: {message}"
        case _:
            return ""


class Bars:
    """Two lines for the stage that is at work, what it does and how it gets on, and the plain lines above them."""

    def __init__(self, console: Console) -> None:
        self._lines = PlainLines(console)
        bar = BarColumn(bar_width=24)
        self._bars = Progress(SpinnerColumn(), bar, TextColumn("{task.fields[pace]}"), TimeElapsedColumn())
        self._headline = Text(no_wrap=True, overflow="ellipsis")
        self._live = Live(Group(self._headline, self._bars), console=console, transient=True)
        self._task: TaskID | None = None
        self._label = ""

    def __call__(self, event: Event) -> None:
        match event:
            case StageStarted(label=label, item_count=count):
                self._begin(label, count)
            case ProgressEvent(fraction=fraction, message=message, item=item) if self._task is not None:
                self._say(f"{item} {message}".strip())
                self._bars.update(self._task, completed=None if item else fraction)
            case ItemFinished(done=done, total=total, reused=True) if self._task is not None:
                self._bars.update(self._task, completed=done, pace=f"{done}/{total}")
            case Pace() if self._task is not None:
                self._bars.update(self._task, completed=event.succeeded, pace=pace_text(event))
            case Finished() | Failed():
                self._end()
            case _:
                pass
        if not isinstance(event, StageStarted | ItemFinished | Pace) or getattr(event, "left_out", ""):
            self._lines(event)

    def picture(self) -> RenderableType:
        """Return what stands below the lines now."""
        return self._live.renderable

    def _begin(self, label: str, count: int) -> None:
        self._task, self._label = self._bars.add_task(label, total=float(count or 1), pace=""), label
        self._say("")
        self._live.start()

    def _say(self, note: str) -> None:
        self._headline.plain = self._label
        if note:
            self._headline.append(f"  {note}", style="dim")

    def _end(self) -> None:
        if self._task is not None:
            self._bars.remove_task(self._task)
            self._task = None
        self._live.stop()
