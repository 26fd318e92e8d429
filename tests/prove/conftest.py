"""One compiled scene for the trials: a table with a box and a block on it, and a cabinet with drawer and door."""

import pytest
from tests.sims.scenes import author_scene

from blueprint.pipeline.sims import compile_scene
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
from blueprint.pipeline.sims.protocols import SceneFiles


@pytest.fixture(scope="session")
def scene_files(tmp_path_factory: pytest.TempPathFactory) -> SceneFiles:
    """The scene of `tests/sims/scenes.py`, compiled."""
    folder = tmp_path_factory.mktemp("trials")
    (folder / "scene").mkdir()
    usd_path, manifest = author_scene(folder / "scene")
    compile_scene(usd_path, folder / "model", manifest)
    return SceneFiles(usd_path, folder / "model", manifest)


@pytest.fixture
def sim(scene_files: SceneFiles) -> MujocoSim:
    """The default engine at the authored state."""
    return MujocoSim(scene_files)
