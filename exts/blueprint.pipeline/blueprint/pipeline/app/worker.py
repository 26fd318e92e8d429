"""The child process that works off tasks: JSON lines in, JSON lines out.

Started as `python -m blueprint.pipeline.app.worker`. It speaks on the standard output it was given and sends whatever
libraries print to the standard error, which the parent keeps as the log. A thread beats every second, so the parent
notices a frozen child, and the child notices a dead parent and ends with its whole process group.
"""

import gc
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from blueprint.pipeline.app.messages import public_message
from blueprint.pipeline.engine.events import Event, encode_event
from blueprint.pipeline.engine.perform import FATAL, Task, perform
from blueprint.pipeline.engine.stage import Stage
from blueprint.pipeline.errors import BlueprintError

BEAT_PERIOD_S = 1.0


class Speaker:
    """Writes messages to the parent, one JSON line each, from any thread."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def say(self, what: str, /, **content: Any) -> None:
        """Send one message; a parent that is gone ends this process group."""
        line = json.dumps({"say": what, **content})
        try:
            with self._lock:
                self._stream.write(line + "\n")
                self._stream.flush()
        except (BrokenPipeError, ValueError):
            os.killpg(0, signal.SIGKILL)


def work_off(speaker: Speaker, line: str, stages: Mapping[str, Stage]) -> None:
    """Perform one task and say what became of it."""
    task = Task(**json.loads(line))

    def emit(event: Event) -> None:
        speaker.say("event", event=encode_event(event))

    try:
        perform(task, stages[task.stage], emit)
    except Exception as error:  # noqa: BLE001 - the boundary of the process: every error becomes one message
        traceback.print_exc()
        known = isinstance(error, BlueprintError)
        code = error.exit_code if isinstance(error, BlueprintError) else 1
        kind = type(error).__name__ if known else ""
        fatal = isinstance(error, FATAL)
        message = public_message(error)
        speaker.say("failed", key=task.key, kind=kind, exit_code=code, fatal=fatal, message=message)
    else:
        speaker.say("done", key=task.key)


def _beat(speaker: Speaker) -> None:
    while True:
        time.sleep(BEAT_PERIOD_S)
        speaker.say("beat")


def serve(stages: Mapping[str, Stage]) -> int:
    """Work off tasks until the parent closes the input."""
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    speaker = Speaker(channel)
    threading.Thread(target=_beat, args=(speaker,), daemon=True).start()
    for line in sys.stdin:
        work_off(speaker, line, stages)
    return 0


# Loading libraries makes a million objects of which none is garbage; with Python's own threshold a third of a short
# task is spent on looking for some.
GARBAGE_THRESHOLD = 100_000


def main(to_prepare: Sequence[str] = ()) -> int:
    """Serve the stages of every pipeline; what those in `to_prepare` load late is begun first."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    from blueprint.pipeline.pipeline import STAGES

    for name in to_prepare:
        STAGES[name].warm_up()
    return serve(STAGES)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
