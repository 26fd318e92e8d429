"""A table, a box that can be picked up, one that cannot, and a Panda: compiled once for all tests of episodes."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.sims.scenes import BOX, TABLE, TABLE_TOP_M, Box, Link, PropPlan, author_scene

from blueprint.pipeline.engine.store import Store
from blueprint.pipeline.generate.workspace import Workspace
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.edits import SupportSurface
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.records import Assembled, Variants
from blueprint.pipeline.scene.robots import Robot, load_robot
from blueprint.pipeline.scene.variants import Variant
from blueprint.pipeline.sims import compile_scene

CRATE = PropPlan(
    "crate",
    Pose((0.45, 0.3, TABLE_TOP_M)),
    (Link("body", (Box((0, 0, 0.06), (0.06, 0.06, 0.06), (0.2, 0.5, 0.2)),), 0.8, (2e-3, 2e-3, 2e-3), (0, 0, 0.06)),),
)
PIXELS = 48


@pytest.fixture(scope="session")
def robot() -> Robot:
    """The Panda."""
    return load_robot("franka_panda")


@pytest.fixture(scope="session")
def assembled(tmp_path_factory: pytest.TempPathFactory) -> Assembled:
    """A record as `assemble` makes it, with small cameras."""
    store = Store(tmp_path_factory.mktemp("store"))
    folder = store.begin("scene")
    (folder / "scene").mkdir()
    usd_path, manifest = author_scene(folder / "scene", props=(TABLE, BOX, CRATE))
    manifest = _furnished(manifest)
    save(folder / Assembled.MANIFEST, manifest)
    compile_scene(usd_path, folder / "model", manifest)
    return Assembled(store.commit(folder, {"key": "scene", "stage": "assemble", "checks": []}))


@pytest.fixture(scope="session")
def variants(tmp_path_factory: pytest.TempPathFactory) -> Variants:
    """One variant without edits."""
    folder = tmp_path_factory.mktemp("variants")
    save(folder / Variants.VARIANTS_FILE, (Variant(0, 0, ()),), tuple[Variant, ...])
    return Variants(folder)


@pytest.fixture
def workspace(assembled: Assembled, robot: Robot) -> Workspace:
    """The arm among the scene's colliders, as authored."""
    return Workspace.of_model(assembled.model_folder, robot)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty folder for one record."""
    folder = tmp_path / "record"
    folder.mkdir()
    return folder


def _furnished(manifest: SceneManifest) -> SceneManifest:
    top = SupportSurface("top", "top", Pose((0.0, 0.0, TABLE_TOP_M)), (0.35, 0.5), 0.04)
    props = tuple(replace(entry, supports=(top,)) if entry.prop.id == "table" else entry for entry in manifest.props)
    cameras = tuple(
        replace(camera, width_px=PIXELS, height_px=PIXELS, focal_px=camera.focal_px * PIXELS / camera.width_px)
        for camera in manifest.cameras
    )
    return replace(manifest, props=props, cameras=cameras, robot=replace(manifest.robot, reaches=("box",)))
