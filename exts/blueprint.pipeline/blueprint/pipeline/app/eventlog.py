"""Stamp events and send each to every face and to the run's `events.jsonl`."""

import errno
import json
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from blueprint.pipeline.engine.events import Emit, Event, Progress, Stamp, log_line
from blueprint.pipeline.engine.store import disk_full_named

PROGRESS_PERIOD_S = 1.0


class EventLog:
    """Writes one JSON line per event; progress is thinned to one line a second and stage."""

    def __init__(self, path: Path, faces: Sequence[Emit], scene_id: str = "") -> None:
        self.run_id = uuid.uuid4().hex[:12]
        self._faces, self._scene_id, self._start = tuple(faces), scene_id, time.monotonic()
        self._last_progress: dict[tuple[str, str], float] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._folder = path.parent
        with disk_full_named(self._folder):
            self._stream = path.open("wb", buffering=0)

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
        self._append(json.dumps(line, ensure_ascii=False).encode() + b"\n")

    def _append(self, line: bytes) -> None:
        """Write a whole line or none of it; raises DiskFull."""
        end = self._stream.tell()
        with disk_full_named(self._folder):
            if self._stream.write(line) != len(line):
                self._stream.truncate(end)
                raise OSError(errno.ENOSPC, "No space left on device")

    def _due(self, event: Progress, elapsed_s: float) -> bool:
        source = (event.stage, event.item)
        if elapsed_s - self._last_progress.get(source, -PROGRESS_PERIOD_S) < PROGRESS_PERIOD_S:
            return False
        self._last_progress[source] = elapsed_s
        return True
