"""Commands are measured with all the processes they start, and leave none behind."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from benchmarks.figures import NotMeasured
from benchmarks.measures.resume import differing_files

from benchmarks import processes

BUSY = """
import subprocess, sys, time
block = bytearray(80_000_000)
nap = "import time; b = bytearray(60_000_000); time.sleep(1.2)"
child = subprocess.Popen([sys.executable, "-c", nap], start_new_session=True)
child.wait()
print("done")
"""
LONELY = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True).wait()
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a script in place of the command."""
    script = tmp_path / "stand_in"
    monkeypatch.setattr(processes, "BLUEPRINT", script)
    return script


def _write(script: Path, content: str) -> None:
    script.write_text(f"#!{sys.executable}\n{content}")
    script.chmod(0o755)


def test_memory_counts_the_whole_tree(stand_in: Path, tmp_path: Path) -> None:
    _write(stand_in, BUSY)
    call = processes.blueprint(log=tmp_path / "log", deadline_s=30)
    assert (call.exit_code, call.last_words) == (0, "done")
    assert 1.0 < call.wall_s < 20.0
    assert 140e6 < call.peak_bytes < 400e6


def test_a_failure_ends_with_the_command_s_own_words(stand_in: Path, tmp_path: Path) -> None:
    _write(stand_in, "import sys; print('error: no scan there'); print('report: x'); sys.exit(2)")
    call = processes.blueprint(log=tmp_path / "log", deadline_s=30)
    with pytest.raises(NotMeasured, match="the demo ended with 2: error: no scan there"):
        call.must_succeed("the demo")


def test_a_deadline_ends_everything(stand_in: Path, tmp_path: Path) -> None:
    _write(stand_in, LONELY)
    with pytest.raises(NotMeasured, match="took longer than 1 s"):
        processes.blueprint(log=tmp_path / "log", deadline_s=1)


def test_killing_a_tree_leaves_nobody(stand_in: Path, tmp_path: Path) -> None:
    _write(stand_in, LONELY)
    process, stream = processes.start_blueprint(log=tmp_path / "log")
    with stream:
        while len(tree := processes.descendants(process.pid)) < 2:
            time.sleep(0.02)
        assert processes.alive(tree) == tree
        processes.kill_all(tree)
        process.wait(timeout=10)
        while processes.alive(tree):
            time.sleep(0.02)
    assert processes.descendants(process.pid) == []


def test_memory_of_a_process_that_has_gone_is_nothing() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait(timeout=30)
    assert processes.proportional_bytes(process.pid) == 0


def test_runs_are_compared_by_their_bytes(tmp_path: Path) -> None:
    for run in ("one", "two"):
        for part in ("store/records/key", "scene", "dataset"):
            (tmp_path / run / part).mkdir(parents=True)
            (tmp_path / run / part / "file").write_bytes(b"same")
    assert differing_files(tmp_path / "one", tmp_path / "two") == []
    (tmp_path / "two" / "dataset" / "file").write_bytes(b"other")
    (tmp_path / "one" / "scene" / "extra").write_bytes(b"")
    assert differing_files(tmp_path / "one", tmp_path / "two") == ["dataset/file", "scene/extra"]
