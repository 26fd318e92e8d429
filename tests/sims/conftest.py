"""One compiled scene for all tests of simulators."""

import pytest
from tests.sims.scenes import author_scene

from blueprint.pipeline.sims import compile_scene
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
from blueprint.pipeline.sims.null import NullSim
from blueprint.pipeline.sims.protocols import SceneFiles


@pytest.fixture(scope="session")
def scene_files(tmp_path_factory: pytest.TempPathFactory) -> SceneFiles:
    """The scene of `scenes.py`, compiled."""
    folder = tmp_path_factory.mktemp("scene")
    usd_path, manifest = author_scene(folder)
    compile_scene(usd_path, folder / "model", manifest)
    return SceneFiles(usd_path, folder / "model", manifest)


@pytest.fixture(scope="session")
def opened(scene_files: SceneFiles) -> MujocoSim:
    """One sim of the default engine, which keeps what its cameras load."""
    return MujocoSim(scene_files)


@pytest.fixture
def sim(opened: MujocoSim) -> MujocoSim:
    """The default engine at the authored state."""
    opened.reset()
    return opened


@pytest.fixture
def null_sim(scene_files: SceneFiles) -> NullSim:
    """The null engine at the authored state."""
    return NullSim(scene_files)
