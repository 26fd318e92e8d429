"""Workers on a Ray cluster, started here for the purpose: the same bytes, deaths and deadlines as local processes."""

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.app.test_crew import stage_records
from tests.engine.throws import STAGES, Score, Throws, throw_all

from blueprint.pipeline.app import ray_hand
from blueprint.pipeline.app.ray_cluster import open_ray
from blueprint.pipeline.app.ray_executor import RayExecutor
from blueprint.pipeline.engine.events import Event, Progress, Tape, Warned
from blueprint.pipeline.engine.inline import InlineExecutor
from blueprint.pipeline.engine.perform import Task
from blueprint.pipeline.engine.store import Store
from blueprint.pipeline.errors import InputError
from blueprint.pipeline.recipe import RunSettings

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'blueprint-pipeline[ray]'")

MODULE = "tests.app.throws_worker"
SETTINGS = RunSettings(executor="ray", workers=2)


@pytest.fixture(scope="module")
def cluster(repository: Path) -> Iterator[None]:
    """A cluster of four cores on this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(repository), os.environ.get("PYTHONPATH", "")]))
        patch.setenv("BLUEPRINT_SECRET_CANARY", "tweet")
        open_ray(RunSettings(executor="ray", workers=4), Path())
        yield
        ray.shutdown()


@pytest.fixture
def open_executor(
    cluster: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., RayExecutor]]:
    # Several tests share the cluster, which an executor would leave.
    monkeypatch.setattr(ray, "shutdown", lambda: None)
    made: list[RayExecutor] = []

    def open_one(count: int = 2, **more: object) -> RayExecutor:
        settings = SETTINGS.model_copy(update=more)
        command = (sys.executable, "-m", MODULE)
        made.append(RayExecutor(settings, count, tmp_path / "logs", STAGES, module=MODULE, command=command))
        return made[-1]

    yield open_one
    for executor in made:
        executor.close()


@pytest.mark.parametrize("count", [1, 2])
def test_a_cluster_keeps_the_same_attempts_as_one_process(
    tmp_path: Path, open_executor: Callable[..., RayExecutor], count: int
) -> None:
    throw_all(Store(tmp_path / "inline"), InlineExecutor(STAGES), Tape(), script="mhh", wanted=5)
    throw_all(Store(tmp_path / "ray"), open_executor(count), Tape(), script="mhh", wanted=5)
    assert stage_records(tmp_path / "ray") == stage_records(tmp_path / "inline")


def test_a_node_that_does_not_see_the_store_is_sent_what_it_reads_and_sends_back_what_it_made(
    tmp_path: Path, open_executor: Callable[..., RayExecutor], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    unpack = ray_hand.unpack_record

    def count(store: Store, key: str, archive: bytes) -> None:
        seen.append(key)
        unpack(store, key, archive)

    monkeypatch.setattr(ray_hand, "unpack_record", count)
    monkeypatch.setattr(ray_hand.RayHand, "sees_store", lambda self, seen: False)
    throw_all(Store(tmp_path / "inline"), InlineExecutor(STAGES), Tape(), script="mhh", wanted=5)
    executor = open_executor(2)
    throw_all(Store(tmp_path / "ray"), executor, Tape(), script="mhh", wanted=5)
    assert len(seen) >= 8
    assert stage_records(tmp_path / "ray") == stage_records(tmp_path / "inline")
    executor.close()
    assert not list(Path(tempfile.gettempdir()).glob(f"blueprint-{executor.session}*")), "nothing is left on the node"


def test_what_dies_each_time_or_hangs_is_lost_and_counted(
    tmp_path: Path, open_executor: Callable[..., RayExecutor]
) -> None:
    tape, store = Tape(), Store(tmp_path / "store")
    state = throw_all(store, open_executor(2), tape, script="ksehh", wanted=2, most=5, died=str(tmp_path))
    throws, score = state.records["throw"], state.records["score"]
    assert isinstance(throws, Throws)
    assert isinstance(score, Score)
    assert score.value == 2
    assert throws.items_left_out == {
        "throw_000": "died: its process died with status -9, 2 times",
        "throw_001": "timeout: not done within its deadline of 3 s, 2 times",
        "throw_002": "error: RuntimeError: the arm broke",
    }
    logs = "".join(path.read_text() for path in (tmp_path / "logs").glob("ray-worker-*.log"))
    assert "RuntimeError: the arm broke" in logs


def test_a_killed_actor_is_replaced_and_nothing_is_lost(
    tmp_path: Path, open_executor: Callable[..., RayExecutor]
) -> None:
    executor, killed, tape = open_executor(2, retries=3), [], Tape()

    def kill_one(event: Event) -> None:
        tape(event)
        if isinstance(event, Progress) and not killed:
            actor = next(place.hand._actor for place in executor._crew._places.values() if place.job)  # type: ignore[attr-defined]
            killed.append(ray.get(actor.process_id.remote()))
            os.kill(killed[0], signal.SIGKILL)

    throw_all(Store(tmp_path / "ray"), executor, kill_one, script="mhh", wanted=8, most=40)
    throw_all(Store(tmp_path / "inline"), InlineExecutor(STAGES), Tape(), script="mhh", wanted=8, most=40)
    assert killed
    assert stage_records(tmp_path / "ray") == stage_records(tmp_path / "inline")
    assert any("its node is gone" in event.message for event in tape.events if isinstance(event, Warned))


def test_a_node_with_other_versions_is_refused(
    tmp_path: Path, open_executor: Callable[..., RayExecutor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_hand, "installed_versions", lambda names: dict.fromkeys(names, "0.0.1"))
    with pytest.raises(
        InputError, match=r"differs from this machine: blueprint-pipeline .* there, 0\.0\.1 here; install"
    ):
        throw_all(Store(tmp_path / "store"), open_executor(1), Tape())


def test_a_node_with_other_files_is_refused(
    tmp_path: Path, open_executor: Callable[..., RayExecutor], monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_elsewhere(hand: ray_hand.RayHand, seen: dict[str, Any]) -> bool:
        raise AssertionError("the node was accepted")

    agree = ray_hand.RayHand._agree

    def agree_on_scores(hand: ray_hand.RayHand, task: Task) -> None:
        agree(hand, replace(task, header={**task.header, "foreign": {"quality": "another digest"}}))

    monkeypatch.setattr(ray_hand, "shipped_files", lambda task, stages: {"quality": "quality.yaml"})
    monkeypatch.setattr(ray_hand.RayHand, "_agree", agree_on_scores)
    monkeypatch.setattr(ray_hand.RayHand, "sees_store", look_elsewhere)
    with pytest.raises(InputError, match=r"differs from this machine: its file quality is another one; install"):
        throw_all(Store(tmp_path / "store"), open_executor(1), Tape())


def test_a_store_and_robots_named_from_the_working_directory_reach_the_node(
    tmp_path: Path, open_executor: Callable[..., RayExecutor], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "robots" / "mine" / "mine.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("name: mine")
    monkeypatch.chdir(tmp_path)
    executor = open_executor(1)
    state = throw_all(Store(Path("store")), executor, Tape(), wanted=3)
    assert len(state.records) == 2
    assert (tmp_path / "store" / "records").is_dir()
    homes = list(Path(tempfile.gettempdir()).glob(f"blueprint-{executor.session}/home-*"))
    assert [home / "robots/mine/mine.yaml" for home in homes] == list(homes[0].rglob("*.yaml"))
    assert (homes[0] / "robots/mine/mine.yaml").read_text() == "name: mine"


def test_what_nobody_expected_on_the_way_to_a_node_is_said_and_the_item_made_again(
    tmp_path: Path, open_executor: Callable[..., RayExecutor], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, read = [], ray_hand.needed_keys

    def break_once(*arguments: Any) -> list[str]:
        if not broken:
            broken.append("now")
            raise KeyError("nobody thought of this")
        return read(*arguments)

    monkeypatch.setattr(ray_hand, "needed_keys", break_once)
    monkeypatch.setattr(ray_hand.RayHand, "sees_store", lambda self, seen: False)
    tape = Tape()
    throw_all(Store(tmp_path / "ray"), open_executor(1), tape, script="mhh", wanted=3)
    throw_all(Store(tmp_path / "inline"), InlineExecutor(STAGES), Tape(), script="mhh", wanted=3)
    assert stage_records(tmp_path / "ray") == stage_records(tmp_path / "inline")
    said = [event.message for event in tape.events if isinstance(event, Warned)]
    assert said == ["speaking with its node failed (KeyError: 'nobody thought of this'); it is tried again"]
    assert "break_once" in "".join(path.read_text() for path in (tmp_path / "logs").glob("ray-worker-*.log"))


def test_secrets_and_reports_stay_away_from_the_cluster(cluster: None) -> None:
    ours = [path.parent for path in Path("/proc").glob("[0-9]*/cmdline") if _is_of_ray(path)]
    assert ours, "processes of Ray were looked at"
    for process in ours:
        environment = (process / "environ").read_bytes()
        assert b"tweet" not in environment
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"


def _is_of_ray(cmdline: Path) -> bool:
    try:
        command = cmdline.read_bytes()
        parent = int((cmdline.parent / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return False
    return b"raylet" in command and parent in (os.getpid(), 1)
