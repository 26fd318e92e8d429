"""A table, a box that can be picked up, one that cannot, and a Panda: compiled once for all tests of episodes."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.sims.scenes import BOX, TABLE, TABLE_TOP_M, Box, Link, PropPlan, author_scene

from blueprint.pipeline.engine.plan import plan_stage
from blueprint.pipeline.engine.run import seal_items
from blueprint.pipeline.engine.stage import Item, Work
from blueprint.pipeline.engine.store import Store
from blueprint.pipeline.episode.records import Grasps, Offered
from blueprint.pipeline.grasp.stage import GraspTableSettings, grasp
from blueprint.pipeline.offer.stage import OfferSettings, offer
from blueprint.pipeline.planning.workspace import Workspace
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


@pytest.fixture(scope="session")
def grasps(assembled: Assembled, tmp_path_factory: pytest.TempPathFactory) -> Grasps:
    """The grasps of what can be picked up, as the stage makes them."""
    store = Store(tmp_path_factory.mktemp("grasps"))
    sections = {"grasp": GraspTableSettings(kept=12)}
    plan = plan_stage(grasp, sections["grasp"], {"assembled": assembled}, store)
    for task in plan.tasks:
        steps = grasp.function(
            work=Work(store.begin(task.key)),
            item=Item(task.item_id, task.item["values"]),
            assembled=assembled,
            settings=sections["grasp"],
        )
        made = run_out(steps)
        store.commit(made.folder, {**task.header, "key": task.key, "checks": []})
    return Grasps(seal_items(plan, store).folder)


@pytest.fixture(scope="session")
def offered(assembled: Assembled, grasps: Grasps, tmp_path_factory: pytest.TempPathFactory) -> Offered:
    """The tasks that the scene allows."""
    settings, work = OfferSettings(), Work(tmp_path_factory.mktemp("offers"))
    return run_out(offer.function(work=work, assembled=assembled, grasps=grasps, settings=settings))


def run_out[R](steps: Generator[object, None, R]) -> R:
    """Run a stage's function to its end and return its record."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


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
