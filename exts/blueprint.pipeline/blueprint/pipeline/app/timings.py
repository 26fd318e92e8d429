"""How long each record took to make, kept beside the run so that a reused record still says it."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from blueprint.pipeline.app.runs import EVENTS_FILE, RunFolder
from blueprint.pipeline.engine.digests import canonical_json
from blueprint.pipeline.engine.store import replace_file

TIMINGS_FILE = "timings.json"
FORMAT = "blueprint.timings"
FORMAT_VERSION = 1

StageState = Literal["made", "reused", "failed", "stopped", "not run"]


@dataclass(frozen=True, slots=True)
class StageTime:
    """What became of a stage in the last run; `duration_s` is of the run that made its record, None if unknown."""

    stage: str
    label: str
    state: StageState
    duration_s: float | None
    item_count: int = 0
    reused_items: int = 0
    left_out_items: int = 0


def stage_times(folder: RunFolder) -> dict[str, StageTime]:
    """Read what became of every stage of the last run, in order."""
    told = _told(folder)
    known = _load(folder)
    stages: dict[str, Any] = folder.load()["stages"]
    names = list(told) or list(stages)
    return {name: _stage_time(name, told.get(name, {}), stages.get(name), known) for name in names}


def remember_times(folder: RunFolder) -> None:
    """Add the last run's durations to those of earlier ones, by key of the record.

    Records that are gone are dropped; those of earlier runs stay, for what is undone is made of them again.
    """
    known, told = _load(folder), _told(folder)
    there = set(folder.store.keys())
    kept = {key: duration_s for key, duration_s in known.items() if key in there}
    for name, entry in folder.load()["stages"].items():
        duration_s = told.get(name, {}).get("duration_s", known.get(entry["key"]))
        if duration_s is not None:
            kept[entry["key"]] = duration_s
    if kept != known:
        content = {"format": FORMAT, "version": FORMAT_VERSION, "duration_s": kept}
        replace_file(folder.root / TIMINGS_FILE, canonical_json(content))


def _stage_time(name: str, told: dict[str, Any], entry: dict[str, Any] | None, known: dict[str, float]) -> StageTime:
    state: StageState = told.get("state", "not run")
    if entry is not None and state not in ("made", "reused", "failed"):
        state = "made"
    duration_s = told.get("duration_s", known.get(entry["key"]) if entry else None)
    items, left_out = len((entry or {}).get("items", {})), len((entry or {}).get("left_out", {}))
    count = items + left_out or told.get("item_count", 0)
    return StageTime(name, told.get("label", name), state, duration_s, count, told.get("reused_items", 0), left_out)


def _told(folder: RunFolder) -> dict[str, dict[str, Any]]:
    """Return what `events.jsonl` tells of each stage: state, label, duration, items."""
    told: dict[str, dict[str, Any]] = {}
    path = folder.root / EVENTS_FILE
    if not path.is_file():
        return told
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            # The last line of a killed run may be half written.
            if line.endswith("\n"):
                _take(json.loads(line), told)
    return told


def _take(event: dict[str, Any], told: dict[str, dict[str, Any]]) -> None:
    stage = event.get("stage", "")
    match event["event"]:
        case "RunStarted":
            told.update({name: {} for name in event["stages"]})
        case "StageStarted":
            told[stage] = {"label": event["label"], "state": "stopped", "item_count": event["item_count"]}
        case "ItemFinished" if event["reused"]:
            told[stage]["reused_items"] = told[stage].get("reused_items", 0) + 1
        case "Reused":
            told[stage] = {"label": event["label"], "state": "reused"}
        case "Finished":
            told[stage] |= {"state": "made", "duration_s": event["duration_s"]}
        case "Failed" if stage:
            told.setdefault(stage, {})["state"] = "failed"
        case _:
            pass


def _load(folder: RunFolder) -> dict[str, float]:
    path = folder.root / TIMINGS_FILE
    if not path.is_file():
        return {}
    content = json.loads(path.read_bytes())
    return content["duration_s"] if content.get("version") == FORMAT_VERSION else {}
