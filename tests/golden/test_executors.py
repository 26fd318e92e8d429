"""Episodes of the null pipeline are the same bytes whoever makes them, however many, and in whatever order."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.engine.throws import Shuffled
from tests.formats.tiny_scans import write_run
from tests.golden.test_null_pipeline import THINGS

from blueprint.pipeline.app.workbench import open_executor, stages_until
from blueprint.pipeline.engine.digests import digest_files
from blueprint.pipeline.engine.events import Tape
from blueprint.pipeline.engine.inline import InlineExecutor
from blueprint.pipeline.engine.perform import Executor
from blueprint.pipeline.engine.run import RunState, run_pipeline
from blueprint.pipeline.engine.store import Store
from blueprint.pipeline.episode.records import Episodes
from blueprint.pipeline.pipeline import STAGES
from blueprint.pipeline.recipe import Recipe, RunSettings, parse_recipe

WANTED = 3
MakeExecutor = Callable[[Path], Executor]


def recipe_of(source: Path) -> Recipe:
    return parse_recipe(
        {
            "ingest": {"source": str(source), "scene_id": "golden"},
            "assemble": {"settle": {"engine": "null"}, "cameras": {"width_px": 64, "height_px": 64}},
            "randomize": {"count": 2},
            "prove": {"engine": "null"},
            "generate": {"engine": "null", "episodes": WANTED},
        },
        "golden",
    )


def episodes_in(recipe: Recipe, store: Store, executor: Executor) -> Episodes:
    state = RunState()
    try:
        run_pipeline(stages_until(recipe, "generate"), recipe.sections(), store, executor, Tape(), state)
    finally:
        executor.close()
    episodes = state.records["generate"]
    assert isinstance(episodes, Episodes)
    return episodes


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    return recipe_of(write_run(tmp_path_factory.mktemp("scan") / "scan", THINGS))


@pytest.fixture(scope="module")
def scene(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with everything that comes before the episodes."""
    root = tmp_path_factory.mktemp("scene") / "store"
    stages = stages_until(recipe, "randomize")
    run_pipeline(stages, recipe.sections(), Store(root), InlineExecutor(STAGES), Tape(), RunState())
    return root


@pytest.fixture(scope="module")
def expected(recipe: Recipe, scene: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, str]]:
    """What one quiet process makes: the key of the stage's record, and the digest of every file behind it."""
    root = tmp_path_factory.mktemp("inline") / "store"
    shutil.copytree(scene, root, copy_function=os.link)
    return told(episodes_in(recipe, Store(root), InlineExecutor(STAGES)))


def told(episodes: Episodes) -> tuple[str, dict[str, str]]:
    files = {
        f"{name}/{path}": digest
        for name, folder in episodes.item_folders().items()
        for path, digest in digest_files(folder).items()
    }
    return episodes.key, files


def opened(**run: object) -> MakeExecutor:
    return lambda logs: open_executor(RunSettings.model_validate(run), logs)


EXECUTORS: dict[str, MakeExecutor] = {
    "shuffled": lambda _: Shuffled(3, 1, STAGES),
    "one worker": opened(executor="processes", workers=1),
    "two workers": opened(executor="processes", workers=2),
    "ray": opened(executor="ray", workers=2),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", EXECUTORS)
def test_every_executor_makes_the_same_episodes(
    name: str, recipe: Recipe, scene: Path, expected: tuple[str, dict[str, str]], tmp_path: Path
) -> None:
    if name == "ray":
        pytest.importorskip("ray", reason="Ray is not installed: pip install 'blueprint-pipeline[ray]'")
    shutil.copytree(scene, tmp_path / "store", copy_function=os.link)
    episodes = episodes_in(recipe, Store(tmp_path / "store"), EXECUTORS[name](tmp_path / "logs"))
    assert told(episodes) == expected
    assert sum(episode.summary.outcome.success for episode in episodes.episodes().values()) == WANTED
