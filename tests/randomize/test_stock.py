"""The scene with spares: they stand by without a trace, and a variant sets them up as things like any other."""

from pathlib import Path

import numpy as np
import pytest
from pxr import Usd

from blueprint.pipeline.engine.digests import digest_files
from blueprint.pipeline.randomize.distractors import Spare, choose_pool
from blueprint.pipeline.randomize.stock import write_stocked
from blueprint.pipeline.scene.edits import AddDistractor
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.randomness import stream
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
from blueprint.pipeline.sims.newton_mujoco.variation import UnsupportedEdit
from blueprint.pipeline.sims.null import NullSim
from blueprint.pipeline.sims.protocols import SceneFiles

POOL = (Spare("distractor_01", "can"), Spare("distractor_02", "tea_box"))
PLACE = Pose.from_yaw((-0.1, 1.05, 0.74), 0.4)
SET_UP = AddDistractor("distractor_02", "tea_box", PLACE, "drawn")


@pytest.fixture(scope="module")
def stocked(assembled: Assembled, tmp_path_factory: pytest.TempPathFactory) -> Assembled:
    """The kitchenette with two spares."""
    return write_stocked(tmp_path_factory.mktemp("stocked"), assembled, POOL)


@pytest.fixture(scope="module")
def with_spares(stocked: Assembled) -> SceneFiles:
    """What an engine loads."""
    return SceneFiles(stocked.usd_path, stocked.model_folder, stocked.manifest)


def test_the_assembled_scene_is_left_as_it_was(assembled: Assembled, tmp_path: Path) -> None:
    before = digest_files(assembled.folder)
    write_stocked(tmp_path / "stocked", assembled, POOL)
    assert digest_files(assembled.folder) == before


def test_the_stocked_scene_composes(stocked: Assembled) -> None:
    stage = Usd.Stage.Open(str(stocked.usd_path))
    assert not stage.GetCompositionErrors()
    assert stage.GetPrimAtPath("/World/props/distractor_02/body").HasAPI("PhysicsRigidBodyAPI")
    assert stocked.manifest.spares == ("distractor_01", "distractor_02")
    assert stocked.manifest.prop("distractor_01").prop.provenance == stocked.manifest.prop("can").prop.provenance


def test_parked_spares_neither_fall_nor_touch_nor_show(with_spares: SceneFiles) -> None:
    sim = MujocoSim(with_spares)
    rows = [sim.body_names.index(f"distractor_0{number}/body") for number in (1, 2)]
    before = sim.observe().body_position_m[rows]
    sim.step(480)
    assert np.allclose(sim.observe().body_position_m[rows], before, atol=1e-9)
    names = {name for pair in (sim.contacts().first, sim.contacts().second) for name in pair}
    assert not any(name.startswith("distractor") for name in names)
    seen = set(np.unique(sim.render(["side"])["side"].instance).tolist())
    assert not seen & {sim.instance_names.index(spare.prop) + 1 for spare in POOL}


def test_a_scene_with_spares_moves_as_the_one_without(with_spares: SceneFiles, mujoco_sim: MujocoSim) -> None:
    stocked = MujocoSim(with_spares)
    mujoco_sim.reset()
    places = []
    for sim in (mujoco_sim, stocked):
        sim.step(240)
        places.append(sim.observe().body_position_m[[sim.body_names.index(f"{name}/body") for name in ("can", "ell")]])
    assert np.allclose(places[0], places[1], atol=1e-7)


def test_a_distractor_stands_collides_and_is_seen(with_spares: SceneFiles) -> None:
    sim = MujocoSim(with_spares)
    sim.reset([SET_UP])
    sim.step(240)
    row = sim.body_names.index("distractor_02/body")
    assert sim.observe().body_position_m[row] == pytest.approx(PLACE.position_m, abs=2e-3)
    contacts = sim.contacts()
    pairs = set(zip(contacts.first, contacts.second, strict=True))
    assert any("distractor_02/body" in pair and "table/body" in pair for pair in pairs)
    assert not any(name.startswith("distractor_01") for pair in pairs for name in pair)
    image = sim.render(["side"])["side"].instance
    assert (image == sim.instance_names.index("distractor_02") + 1).sum() > 20


def test_the_null_engine_shows_it_too(with_spares: SceneFiles) -> None:
    sim = NullSim(with_spares)
    sim.reset([SET_UP])
    image = sim.render(["side"])["side"].instance
    assert (image == sim.instance_names.index("distractor_02") + 1).any()


def test_a_scene_without_the_spare_says_so(mujoco_sim: MujocoSim) -> None:
    with pytest.raises(UnsupportedEdit, match="compiled without the spare 'distractor_02'; it has none"):
        mujoco_sim.reset([SET_UP])


def test_the_pool_takes_everything_in_turn() -> None:
    pool = choose_pool(["a", "b", "c"], 5, stream(1, 0, "pool"))
    assert [spare.prop for spare in pool] == [f"distractor_0{number}" for number in range(1, 6)]
    assert {spare.like for spare in pool[:3]} == {"a", "b", "c"}
    assert [spare.like for spare in pool[3:]] == [spare.like for spare in pool[:2]]
    assert choose_pool([], 5, stream(1, 0, "pool")) == ()
