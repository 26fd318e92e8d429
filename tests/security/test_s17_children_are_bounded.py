"""S17: a child that prints without end, forks and sleeps is killed with its group at its deadline."""

import sys
import time
from pathlib import Path

import pytest
from tests.app.rude_worker import PRINTED_BYTES, RudeSettings, misbehave
from tests.security.processes import alive

from blueprint.pipeline.app.processes import LOG_LIMIT_BYTES, ProcessExecutor
from blueprint.pipeline.engine.events import Progress, Tape
from blueprint.pipeline.engine.run import RunState, run_pipeline
from blueprint.pipeline.engine.store import Store
from blueprint.pipeline.errors import StageFailed


def test_a_child_is_ended_with_its_group_and_its_output_is_bounded(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(repository))
    executor = ProcessExecutor(1, tmp_path / "logs", (sys.executable, "-m", "tests.app.rude_worker"))
    tape, started = Tape(), time.monotonic()
    with pytest.raises(StageFailed, match="not done within its deadline of 4 s"):
        run_pipeline((misbehave,), {"misbehave": RudeSettings()}, Store(tmp_path / "store"), executor, tape, RunState())
    said = [event.message for event in tape.events if isinstance(event, Progress)]
    assert said[-1] == "printed"
    grandchild = int(said[0].rpartition(" ")[2])
    assert not alive(grandchild)
    assert executor.child_ids() == []
    assert PRINTED_BYTES > LOG_LIMIT_BYTES
    assert (tmp_path / "logs" / "worker-1.log").stat().st_size <= LOG_LIMIT_BYTES
    assert Store(tmp_path / "store").keys() == []
    assert time.monotonic() - started < 60
