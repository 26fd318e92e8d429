"""The kitchenette as a compiled scene, opened in both engines."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.usd.kitchenette_scene import write_kitchenette

from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.sims import compile_scene
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
from blueprint.pipeline.sims.null import NullSim
from blueprint.pipeline.sims.protocols import SceneFiles


@pytest.fixture(scope="session")
def assembled(tmp_path_factory: pytest.TempPathFactory) -> Assembled:
    """A table with a can, an L-shaped block and two printed boxes, a cabinet with drawer and door, a Panda."""
    folder: Path = tmp_path_factory.mktemp("assembled")
    manifest = write_kitchenette(folder)
    _repaint(folder / "scene", "tea_box")
    save(folder / Assembled.MANIFEST, manifest)
    record = Assembled(folder)
    compile_scene(record.usd_path, record.model_folder, manifest)
    return record


def _repaint(scene: Path, prop: str) -> None:
    """Give a printed box a picture of its own: plain magenta."""
    (texture,) = (scene / "assets" / prop).rglob("*.png")
    image = np.full((64, 64, 3), (200, 30, 200), dtype=np.uint8)
    texture.unlink()
    assert cv2.imwrite(str(texture), image)


@pytest.fixture(scope="session")
def files(assembled: Assembled) -> SceneFiles:
    """What an engine loads."""
    return SceneFiles(assembled.usd_path, assembled.model_folder, assembled.manifest)


@pytest.fixture(scope="session")
def mujoco_sim(files: SceneFiles) -> MujocoSim:
    """The engine with physics; each experiment resets it."""
    return MujocoSim(files)


@pytest.fixture(scope="session")
def null_sim(files: SceneFiles) -> NullSim:
    """The engine without."""
    return NullSim(files)
