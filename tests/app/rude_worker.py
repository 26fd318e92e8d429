"""A worker whose one stage does all that a child should not: it prints without end, forks, and never comes back."""

import subprocess
import sys
import time

from blueprint.pipeline.app.worker import serve
from blueprint.pipeline.engine.events import Progress
from blueprint.pipeline.engine.stage import Settings, Steps, Work, stage
from blueprint.pipeline.engine.store import Record

PRINTED_BYTES = 24 << 20


class RudeSettings(Settings):
    """Nothing to set."""


@stage(version=1, deadline_s=4)
def misbehave(work: Work, settings: RudeSettings) -> Steps[Record]:
    """Do harm."""
    grandchild = subprocess.Popen(["sleep", "600"])
    yield Progress(0.1, f"grandchild {grandchild.pid}")
    for _ in range(PRINTED_BYTES >> 16):
        sys.stdout.write("x" * (1 << 16))
    sys.stdout.flush()
    yield Progress(0.5, "printed")
    time.sleep(600)
    return Record(work.folder)


if __name__ == "__main__":
    sys.exit(serve({"misbehave": misbehave}))
