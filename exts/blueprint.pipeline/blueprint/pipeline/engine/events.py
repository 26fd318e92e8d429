"""The one stream of events that every face consumes: terminal, log, panels and report."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run begins; `stages` are the names in order."""

    stages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A stage begins to compute; `item_count` is 0 for a stage that is not mapped."""

    stage: str
    label: str
    item_count: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """Part of a stage is done; `fraction` runs from 0 to 1."""

    fraction: float
    message: str = ""
    stage: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True)
class Warned:
    """Something a person should read, that does not stop the run."""

    message: str
    stage: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True)
class ItemFinished:
    """One item of a mapped stage is stored, reused, or left out with a reason.

    `failure` is the code of an attempt that is stored and does not count.
    """

    stage: str
    item: str
    done: int
    total: int
    reused: bool = False
    left_out: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a mapped stage gets on, said after each item that was made; a stage that makes attempts counts successes.

    `tried` counts finished items, `succeeded` those of them that count towards `wanted`; `per_minute` is the rate of
    what counts, `left_s` how long the rest will take, each None while nothing is known of it.
    """

    stage: str
    tried: int
    succeeded: int
    wanted: int
    per_minute: float | None = None
    left_s: float | None = None


@dataclass(frozen=True, slots=True)
class Reused:
    """A stage's record was already in the store."""

    stage: str
    label: str


@dataclass(frozen=True, slots=True)
class CheckMeasured:
    """A check of a stage has measured its value."""

    stage: str
    check: str
    passed: bool
    message: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A stage's record is in the store."""

    stage: str
    label: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class Failed:
    """A stage failed; the run stops after this."""

    stage: str
    message: str
    item: str = ""


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run is over."""

    succeeded: bool
    message: str = ""


Event = (
    RunStarted
    | StageStarted
    | Progress
    | Warned
    | ItemFinished
    | Pace
    | Reused
    | CheckMeasured
    | Finished
    | Failed
    | RunFinished
)
Emit = Callable[[Event], None]

EVENT_TYPES: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        RunStarted,
        StageStarted,
        Progress,
        Warned,
        ItemFinished,
        Pace,
        Reused,
        CheckMeasured,
        Finished,
        Failed,
        RunFinished,
    )
}


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a log adds to an event: when, in which run, how far into it."""

    time: str
    run_id: str
    elapsed_s: float
    scene_id: str = ""


def severity_of(event: Event) -> Severity:
    """Return the severity under which log services file an event."""
    if isinstance(event, Failed):
        return "ERROR"
    if isinstance(event, Warned):
        return "WARNING"
    if isinstance(event, CheckMeasured) and not event.passed:
        return "WARNING"
    if isinstance(event, RunFinished) and not event.succeeded:
        return "ERROR"
    return "DEBUG" if isinstance(event, Progress | Pace) else "INFO"


def encode_event(event: Event) -> dict[str, Any]:
    """Return an event as plain JSON data with its type under `event`."""
    return {"event": type(event).__name__, **dataclasses.asdict(event)}


def decode_event(data: dict[str, Any]) -> Event:
    """Rebuild an event from `encode_event` output; keys that are not its fields are ignored."""
    kind = EVENT_TYPES[data["event"]]
    values: dict[str, Any] = {entry.name: data[entry.name] for entry in dataclasses.fields(kind) if entry.name in data}
    if "stages" in values:
        values["stages"] = tuple(values["stages"])
    return kind(**values)


def log_line(event: Event, stamp: Stamp) -> dict[str, Any]:
    """Return the JSON-lines form that Cloud Logging and OpenTelemetry collectors take as it is."""
    data = encode_event(event)
    return {
        "time": stamp.time,
        "severity": severity_of(event),
        "event": data.pop("event"),
        "message": data.pop("message", "") or _sentence(event),
        "run_id": stamp.run_id,
        "scene_id": stamp.scene_id,
        "stage": data.pop("stage", ""),
        "item": data.pop("item", ""),
        "elapsed_s": round(stamp.elapsed_s, 3),
        **data,
    }


def _sentence(event: Event) -> str:
    match event:
        case StageStarted(label=label) | Reused(label=label) | Finished(label=label):
            return label
        case RunStarted(stages=stages):
            return f"{len(stages)} stages: {', '.join(stages)}"
        case ItemFinished(item=item, left_out=reason, failure=failure):
            return f"{item} left out: {reason}" if reason else f"{item} failed: {failure}" if failure else item
        case Pace(tried=tried, succeeded=succeeded, wanted=wanted):
            return f"{succeeded} of {wanted}, {tried} tried"
        case _:
            return type(event).__name__


@dataclass
class Tape:
    """Collects events in order; the double for a face in tests."""

    events: list[Event] = field(default_factory=list[Event])

    def __call__(self, event: Event) -> None:
        self.events.append(event)
