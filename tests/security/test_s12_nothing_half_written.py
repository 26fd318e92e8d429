"""S12: killed, refused or out of space at any moment, a store holds finished records only, and the next run goes on."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.engine.toy import TOY, TOY_STAGES, AddSettings, MeasureSettings, SplitSettings
from tests.formats.tiny_scans import write_simple
from tests.security.processes import descendants, wait_until_gone
from tests.workplaces import RECIPE, blueprint, command_line, environment, injected, small_disk

from blueprint.pipeline.engine.digests import digest_files
from blueprint.pipeline.engine.events import Tape
from blueprint.pipeline.engine.inline import InlineExecutor
from blueprint.pipeline.engine.run import RunState, run_pipeline
from blueprint.pipeline.engine.store import Record, Store

KILLS = [
    *(f"rename:signal=SIGKILL:when={at}" for at in (1, 3, 5, 6)),
    *(f"fsync:signal=SIGKILL:when={at}" for at in (2, 9, 16, 24)),
    *(f"write:signal=SIGKILL:when={at}" for at in (1, 5, 9, 12)),
]
REFUSALS = [
    "write:error=ENOSPC:when=1+",
    "write:error=ENOSPC:when=7+",
    "fsync:error=ENOSPC:when=5+",
    "fsync:error=EIO:when=11",
    "rename:error=EIO:when=2+",
]


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text("one three five")
    return path


@pytest.fixture(scope="module")
def whole(text: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Digests of the records of a run that nothing disturbed."""
    store = tmp_path_factory.mktemp("whole")
    run_on(store, text)
    return digest_files(store / "records")


def run_on(store: Path, text: Path) -> None:
    sections = {"split": SplitSettings(source=text), "measure": MeasureSettings(), "add": AddSettings()}
    run_pipeline(TOY, sections, Store(store), InlineExecutor(TOY_STAGES), Tape(), RunState())


def check_prefix(store: Path, whole: dict[str, str]) -> None:
    """Every record that is there is whole and is one of those that an undisturbed run makes."""
    for key in Store(store).keys():
        Store(store).verify(Record(store / "records" / key))
    assert digest_files(store / "records").items() <= whole.items()


def toy_run(store: Path, text: Path) -> list[str]:
    return [sys.executable, "-B", "-m", "tests.app.toy_run", str(store), str(text)]


@pytest.mark.parametrize("fault", KILLS)
def test_a_kill_at_a_system_call_leaves_finished_records_only(
    tmp_path: Path, text: Path, whole: dict[str, str], fault: str
) -> None:
    done = injected(fault, toy_run(tmp_path, text))
    assert done.code in (-signal.SIGKILL, 128 + signal.SIGKILL)
    check_prefix(tmp_path, whole)
    run_on(tmp_path, text)
    assert digest_files(tmp_path / "records") == whole


@pytest.mark.parametrize("fault", REFUSALS)
def test_a_refused_system_call_leaves_finished_records_only(
    tmp_path: Path, text: Path, whole: dict[str, str], fault: str
) -> None:
    done = injected(fault, toy_run(tmp_path, text))
    assert done.code == 1
    if fault.startswith("fsync:error=ENOSPC"):
        assert "Traceback" not in done.errors
        assert "no space left on the disk" in done.errors
    check_prefix(tmp_path, whole)
    run_on(tmp_path, text)
    assert digest_files(tmp_path / "records") == whole


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_simple(tmp_path_factory.mktemp("scan") / "tiny")


def arguments(scan: Path, out: Path) -> list[str | Path]:
    return ["run", RECIPE, "--ingest.source", scan, "--out", out, "--until", "articulate", "--face", "plain"]


def test_a_real_run_that_is_killed_goes_on_and_ends_with_the_same_bytes(scan: Path, tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert blueprint(*arguments(scan, whole)).code == 0
    for wait_s in (1.0, 2.0):
        child = subprocess.Popen(
            command_line(*arguments(scan, killed)), env=environment(), stderr=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(wait_s)
        workers = descendants(child.pid)
        child.kill()
        child.wait(timeout=10)
        assert wait_until_gone(workers), "a worker outlives a killed run"
        for key in Store(killed / "store").keys():
            Store(killed / "store").verify(Record(killed / "store" / "records" / key))
    assert blueprint(*arguments(scan, killed)).code == 0
    assert digest_files(killed / "store" / "records") == digest_files(whole / "store" / "records")
    assert not list((killed / "store" / "unfinished").iterdir())


@pytest.mark.parametrize("size", ["8k", "40k", "64k"])
def test_a_full_disk_is_one_sentence_and_nothing_is_half_written(scan: Path, tmp_path: Path, size: str) -> None:
    with small_disk(tmp_path / "disk", size) as disk:
        done = blueprint(*arguments(scan, disk / "run"))
        assert done.code == 1
        assert "no space left on the disk" in done.errors
        assert "Traceback" not in done.errors
        store = Store(disk / "run" / "store")
        for key in store.keys():
            store.verify(Record(store.records / key))
        drafts = [path for path in (disk / "run").glob(".*.[0-9]*") if path.is_file()]
        assert drafts == []
        finished = store.keys()
        assert blueprint("gc", disk / "run").code == (0 if store.unfinished.is_dir() else 2)
        assert store.keys() == finished
        for line in (disk / "run" / "events.jsonl").read_bytes().splitlines(keepends=True):
            assert line.endswith(b"\n")
