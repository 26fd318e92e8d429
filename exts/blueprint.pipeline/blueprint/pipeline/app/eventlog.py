"""Stamp events and send each to every face and to the run's `events.jsonl`."""

import json
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from blueprint.pipeline.engine.events import Emit, Event, Progress, Stamp, log_line

PROGRESS_PERIOD_S = 1.0


class EventLog:
    """Writes one JSON line per event; progress is thinned to one line a second and stage."""

    def __init__(self, path: Path, faces: Sequence[Emit], scene_id: str = "") -> None:
        self.run_id = uuid.uuid4().hex[:12]
        self._faces, self._scene_id, self._start = tuple(faces), scene_id, time.monotonic()
        self._last_progress: dict[tuple[str, str], float] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = path.open("w", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def __call__(self, event: Event) -> None:
        for face in self._faces:
            face(event)
        elapsed = time.monotonic() - self._start
        if isinstance(event, Progress) and not self._due(event, elapsed):
            return
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = log_line(event, Stamp(now, self.run_id, elapsed, self._scene_id))
        self._stream.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._stream.flush()

    def _due(self, event: Progress, elapsed_s: float) -> bool:
        source = (event.stage, event.item)
        if elapsed_s - self._last_progress.get(source, -PROGRESS_PERIOD_S) < PROGRESS_PERIOD_S:
            return False
        self._last_progress[source] = elapsed_s
        return True
